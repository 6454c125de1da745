"""The page for operators as one who follows it reads it: its sections, and the commands of each, as they are to be typed."""

import collections

Section = collections.namedtuple("Section", "title commands")


def sections(text):
    """The sections with commands. A command is a line of a block for a shell, together with the lines after it as long as they end in a backslash."""
    found, title, block = [], "", None
    for line in text.splitlines():
        if line.startswith("```"):
            if block is not None:
                found[-1].commands.extend(block)
            elif line == "```sh" and (not found or found[-1].title != title):
                found.append(Section(title, []))
            block = [] if block is None and line == "```sh" else None
        elif block is None:
            title = line.removeprefix("## ") if line.startswith("## ") else title
        elif block and block[-1].endswith("\\"):
            block[-1] += f"\n{line}"
        else:
            block.append(line)
    return found
