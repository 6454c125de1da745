//! JSON that stands in other text: after a command or the headers of an answer, between the words of a
//! log, in a page, in a console with its prompt.

use super::carried;
use super::error::IntakeError;
use super::found::{Cut, Found};
use super::json;
use serde_json::{Deserializer, Value};

/// So many beginnings are tried that lead to nothing: a long text has many braces.
const MOST_TRIES: usize = 32;

/// The one value in a text that holds something that is known, if there is any.
///
/// # Errors
/// [`IntakeError::SecondDocument`] when there is another one.
pub(super) fn find(text: &str) -> Result<Option<Found>, IntakeError> {
    let mut found: Option<Found> = None;
    // Where the search goes on, and what stands outside the value that was found.
    let (mut at, mut outside) = (0, String::new());
    let mut tries = 0;
    while let Some(brace) = brace(text, at)
        && tries < MOST_TRIES
    {
        let (end, known) = match value(text, brace) {
            Some((begin, end, known)) => {
                outside.push_str(text.get(at..begin).unwrap_or_default());
                (end, known)
            }
            None => {
                tries += 1;
                outside.push_str(text.get(at..brace).unwrap_or_default());
                (brace + 1, None)
            }
        };
        at = end;
        let Some(known) = known else { continue };
        if found.is_some() {
            let before = text.get(..brace).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            return Err(IntakeError::SecondDocument(line));
        }
        found = Some(known);
    }
    outside.push_str(text.get(at..).unwrap_or_default());
    if let Some(found) = &mut found
        && outside.contains(char::is_alphanumeric)
    {
        found.cut.insert(Cut::Around);
    }
    Ok(found)
}

fn brace(text: &str, from: usize) -> Option<usize> {
    Some(from + text.get(from..)?.find(['{', '['])?)
}

/// Where a value with its brace here begins and ends, and what it holds. It may be a text: then the
/// quote before it belongs to it.
fn value(text: &str, brace: usize) -> Option<(usize, usize, Option<Found>)> {
    let quote = brace.checked_sub(1);
    let quoted = quote.filter(|quote| text.get(*quote..).is_some_and(|rest| rest.starts_with('"')));
    if let Some(quote) = quoted
        && let Some((length, Some(known))) = first(text.get(quote..)?)
    {
        return Some((quote, quote + length, Some(known)));
    }
    let rest = text.get(brace..)?;
    if let Some((length, known)) = first(rest) {
        return Some((brace, brace + length, known));
    }
    // Its quotes may be escaped, and nothing says where it ends but its last brace.
    if !carried::is_escaped(rest) {
        return None;
    }
    let length = rest.rfind(['}', ']'])? + 1;
    let plain = carried::unescaped(rest.get(..length)?)?;
    let value = serde_json::from_str(&plain).ok()?;
    Some((brace, brace + length, json::known(&value)))
}

/// How long the value at the beginning is, and what it holds.
fn first(text: &str) -> Option<(usize, Option<Found>)> {
    let mut values = Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((values.byte_offset(), json::known(&value)))
}
