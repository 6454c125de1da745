//! What a person looks up: a code, a status, an error's number or name, or a text that another
//! program shows; alone, or in the middle of what was pasted.

mod ctap_names;

pub use crate::chromium_log::net_error_names;
pub use ctap_names::ctap_names;

use crate::catalogue::{self, Entry};
use crate::chromium_log::net_error_in;
use crate::explain;
use crate::plain_text::plain;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LookedUp {
    /// What the causes are those of: a sentence. None when the causes themselves were asked for.
    pub of: Option<String>,
    /// The likeliest first.
    pub causes: Vec<&'static Entry>,
}

/// Looks a text up. Our own codes win, then what has one meaning only.
pub fn look_up(text: &str) -> Option<LookedUp> {
    let text = plain(text);
    let codes = codes_in(&text);
    if !codes.is_empty() {
        return Some(LookedUp {
            of: None,
            causes: codes,
        });
    }
    if let Some(entry) = words(&text).find_map(status) {
        return Some(LookedUp {
            of: None,
            causes: vec![entry],
        });
    }
    if let Some((source, message)) =
        numbers_in(&text).find_map(|number| catalogue::message(&number))
    {
        return Some(of_message(source, message));
    }
    if let Some((name, entry)) = ctap_names::find(&text) {
        return Some(LookedUp {
            of: Some(format!("{name} is a status of CTAP.")),
            causes: vec![entry],
        });
    }
    if let Some((name, known, causes)) = net_error_in(&text) {
        let of = if known {
            format!("{name} is an error of Chromium's network.")
        } else {
            format!(
                "{name} looks like an error of Chromium's network; it is not known, but its name tells the kind."
            )
        };
        return Some(LookedUp {
            of: Some(of),
            causes,
        });
    }
    if let Some((source, message)) = catalogue::message(&text) {
        return Some(of_message(source, message));
    }
    let (subject, causes) = catalogue::about(&text)?;
    Some(LookedUp {
        of: Some(format!(
            "This text is not known as a whole; it is about: {subject}."
        )),
        causes,
    })
}

fn of_message(source: &catalogue::MessageSource, message: &catalogue::Message) -> LookedUp {
    let ask_first = source.ask_first.map(|ask| format!(" {ask}"));
    LookedUp {
        of: Some(format!(
            "\"{}\", as shown by: {}.{}",
            message.shown,
            source.name,
            ask_first.unwrap_or_default()
        )),
        causes: message.causes.to_vec(),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// As hybridd itself writes them, with anything around them.
fn codes_in(text: &str) -> Vec<&'static Entry> {
    let mut codes: Vec<&Entry> = Vec::new();
    let apart: Vec<&str> = words(text).collect();
    // Read out, or written with a hyphen.
    let pairs = { apart.windows(2) }.filter_map(|pair| catalogue::find(&pair.concat()));
    for entry in { words(text).filter_map(catalogue::find) }.chain(pairs) {
        if !codes.contains(&entry) {
            codes.push(entry);
        }
    }
    codes
}

/// `0x2e`: what a phone answered.
fn status(word: &str) -> Option<&'static Entry> {
    let digits = word
        .strip_prefix("0x")
        .or_else(|| word.strip_prefix("0X"))?;
    let status = u8::from_str_radix(digits, 16)
        .ok()
        .filter(|status| *status > 0)?;
    catalogue::find(explain::status(status).code)
}

/// The numbers of errors of Windows (HRESULT), as programs write them: hexadecimal, or decimal with
/// a sign or without.
fn numbers_in(text: &str) -> impl Iterator<Item = String> {
    /// The first bit says that it is an error.
    const FAILURE: u32 = 1 << 31;
    let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '-'));
    words.filter_map(|word| {
        let unsigned = word.trim_start_matches('-');
        let hexadecimal = unsigned
            .strip_prefix("0x")
            .or_else(|| unsigned.strip_prefix("0X"))
            .or((unsigned.len() == 8).then_some(unsigned))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let signed = || word.parse::<i32>().ok().map(i32::cast_unsigned);
        let decimal = || unsigned.parse::<u32>().ok();
        let failure = |number: &u32| number & FAILURE != 0;
        let number = hexadecimal
            .filter(failure)
            .or_else(|| signed().filter(failure))
            .or_else(|| decimal().filter(failure))?;
        Some(format!("{number:08X}"))
    })
}

#[cfg(test)]
mod tests;
