//! What bash's script does better than the library writes it. Tests drive it with bash, so that a
//! library that writes other lines is noticed.

use crate::file_words::{begins_with_files, goes_on_with_files};
use clap::Command;

/// Between the commands of a path, in the script.
const BELOW: &str = "__subcmd__";
/// Offers every option, also where nothing was typed yet.
const ALL_OPTIONS: &str = "            COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n            return 0\n            ;;";
/// Offers nothing, and bash then offers files.
const FILES: &str = "            COMPREPLY=()\n            return 0\n            ;;";
/// How the library finds the word before the cursor.
const PREVIOUS: &str = "    prev=\"$3\"\n";
/// To bash an equals sign is a word, too: of `--qr=t` the option is the word before it.
const BEFORE_EQUALS: &str = "    if [[ \"${cur}\" == \"=\" ]]; then\n        cur=\"\"\n    elif [[ \"${prev}\" == \"=\" && ${COMP_CWORD} -gt 1 ]]; then\n        prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n    fi\n";
/// Where the word before the cursor decides.
const BEFORE: &str = "            case \"${prev}\" in\n";
/// To bash a colon begins a new word; what follows svg: is a file.
const AFTER_COLON: &str =
    "                :)\n                    return 0\n                    ;;\n";

/// The script, mended.
pub(crate) fn mended(script: &str, program: &Command) -> String {
    // The library writes the hyphen of a program's name in two ways, and what it made of the words
    // so far then matches none of its cases.
    let name = program.get_name();
    let script = script.replace(&name.replace('-', BELOW), &name.replace('-', "__"));
    let script = script.replace(PREVIOUS, &format!("{PREVIOUS}{BEFORE_EQUALS}"));
    let mut mended = script.replace(BEFORE, &format!("{BEFORE}{AFTER_COLON}"));
    with_files(&mut mended, program, &name.replace('-', "__"));
    mended
}

/// Where a word is a file's name, options are offered only after a hyphen.
fn with_files(script: &mut String, command: &Command, path: &str) {
    for below in command.get_subcommands() {
        let path = format!("{path}{BELOW}{}", below.get_name().replace('-', BELOW));
        with_files(script, below, &path);
    }
    if !goes_on_with_files(command) {
        return;
    }
    let Some((before, rest)) = script.split_once(&format!("\n        {path})\n")) else {
        return;
    };
    let Some((case, after)) = rest.split_once(ALL_OPTIONS) else {
        return;
    };
    let case = match case.split_once(" || ${COMP_CWORD}") {
        Some((head, tail)) if begins_with_files(command) => {
            let tail = tail.split_once(" ]]").map_or(tail, |(_, tail)| tail);
            format!("{head} ]]{tail}")
        }
        Some(_) | None => case.to_owned(),
    };
    *script = format!("{before}\n        {path})\n{case}{FILES}{after}");
}
