//! What the program says to a person, on standard error.

use crate::screen;
use hybrid_protocol::printable_lines;

/// A line for the person. It may quote what others say; nothing in it can steer a terminal.
pub(super) fn say(line: &str) {
    screen::stderr().say(&printable_lines(line));
}
