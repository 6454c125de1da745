"""How the agent and the round end."""

from checks import SHARE, expect
from desk import check, gone, here, journal
from people import user_manager


@check("an agent ends when it is told to, takes the key along, and leaves nobody's site in a journal")
def _():
    user_manager("alice", "stop", here["agent"].name)
    gone()
    here["agent"].ended()
    words = journal()
    (SHARE / "logs" / "journal").write_text(words)
    expect("example.org" not in words and "panicked" not in words, words)
