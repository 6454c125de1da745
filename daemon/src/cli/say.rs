//! What the program says to a person, on standard error.

use crate::screen::{self, wrap::wrap_lines};
use crate::terminal;
use hybrid_protocol::printable_lines;
use std::io;

/// A line for the person, as wide as the terminal. It may quote what others say; nothing in it can
/// steer a terminal.
pub(super) fn say(line: &str) {
    let columns = terminal::size(io::stderr()).columns;
    say_whole(&wrap_lines(line, columns));
}

/// A line for a program, which stays one.
pub(super) fn say_whole(line: &str) {
    screen::stderr().say(&printable_lines(line));
}
