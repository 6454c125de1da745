//! What every command of policy prints, and how it ends.

use super::super::exit::Exit;
use super::super::json_error;
use super::super::say::say;
use super::super::stdout;
use super::input::NoInput;
use serde_json::Value;

/// What stands below the options.
pub(in crate::cli) const EXITS: &str = "\
Exit codes: 0 accepted, or nothing found; 1 refused, or something found; 2 wrong usage or input; 3 undetermined: an input is missing,
and named.

Exports are JSON of Microsoft Graph, saved as they are (hybridd policy how-to-export). hybridd contacts nobody. A file that holds
the value of a Temporary Access Pass is refused.";

/// Prints a text.
pub(super) fn print(text: &str, exit: Exit) -> Exit {
    match stdout::write(text) {
        Ok(()) => exit,
        Err(error) => stdout::lost(&error, exit),
    }
}

/// Prints the answer, for programs if there is JSON.
pub(super) fn answer(json: Option<&Value>, text: &str, exit: Exit) -> Exit {
    match json {
        Some(json) => print(&format!("{json}\n"), exit),
        None => print(text, exit),
    }
}

/// Says why there is no answer.
pub(super) fn refused(why: &NoInput, json: bool) -> Exit {
    say(&format!("hybridd: {why}"));
    if json {
        json_error::worded(json_error::USAGE, &why.to_string());
    }
    Exit::Usage
}
