//! What a command that answers prints: the answer, or why there is none.

use super::exit::Exit;
use super::json_error;
use super::say::say;
use super::stdout;
use crate::screen::wrap::wrap_lines;
use crate::terminal;
use serde_json::Value;
use std::fmt;
use std::io;

/// Prints a text.
pub(super) fn print(text: &str, exit: Exit) -> Exit {
    match stdout::write(text) {
        Ok(()) => exit,
        Err(error) => stdout::lost(&error, exit),
    }
}

/// Prints sentences: as wide as the terminal, and unbroken for a program that reads them.
pub(super) fn print_sentences(text: &str, exit: Exit) -> Exit {
    let columns = terminal::size(io::stdout()).columns;
    print(&wrap_lines(text, columns), exit)
}

/// Prints the answer, for programs if there is JSON.
pub(super) fn answer(json: Option<&Value>, text: &str, exit: Exit) -> Exit {
    match json {
        Some(json) => print(&format!("{json}\n"), exit),
        None => print(text, exit),
    }
}

/// Says why there is no answer: wrong usage or input.
pub(super) fn refused(why: &dyn fmt::Display, json: bool) -> Exit {
    say(&format!("hybridd: {why}"));
    if json {
        json_error::worded(json_error::USAGE, &why.to_string());
    }
    Exit::Usage
}
