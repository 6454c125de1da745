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

/// Text that repeats what was typed, without what stands before the `@` of a URL: it may be a
/// password.
pub(super) fn without_logins(text: &str) -> String {
    let masked = text.lines().map(|line| {
        let mut parts = line.split("://");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |before, part| match part.rsplit_once('@') {
            Some((_, place)) => format!("{before}://…@{place}"),
            None => format!("{before}://{part}"),
        })
    });
    masked.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::without_logins;

    #[test]
    fn nothing_before_the_at_of_a_url_is_repeated() {
        for (text, told) in [
            ("anna@example.com: no", "anna@example.com: no"),
            ("'http://u:p@h:1' for", "'http://…@h:1' for"),
            ("a\n'http://u:p/@'@h'\nb", "a\n'http://…@h'\nb"),
            ("http://u:p@h http://v:q@h", "http://…@h http://…@h"),
        ] {
            assert_eq!(without_logins(text), told);
        }
    }
}
