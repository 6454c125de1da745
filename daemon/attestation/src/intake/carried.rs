//! What mail, forms, pages and logs make of a text on its way, undone. Each shows by marks that the
//! text itself cannot have.
//!
//! | way | what it makes |
//! | --- | --- |
//! | an answer to a mail, a console | `> ` before each line |
//! | quoted-printable (RFC 2045 section 6.7) | `=3D` for `=`, lines of 76 characters that end with `=` |
//! | a page | `&quot;` for `"` |
//! | a form (`application/x-www-form-urlencoded`) | `name=value&…`, `%7B` for `{` |
//! | a command of PowerShell or cmd, as browsers copy requests | `` {`"id`":… ``, `^{^\^"id^\^":…` |
//! | a text in a log | `{\"id\":…`, once or several times |

use std::borrow::Cow;
use url::form_urlencoded;

/// A quoted-printable line has at most this many characters; what is one long word fills it.
const WIDEST: usize = 76;
const NARROWEST: usize = 60;
/// A log in a log in a log.
const MOST_ESCAPES: usize = 4;

/// The text as it was before.
pub(super) fn undone(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for undo in [
        unquoted,
        of_printable,
        of_entities,
        of_form,
        of_command,
        unescaped,
    ] {
        if let Some(before) = undo(text.trim()) {
            text = Cow::Owned(before);
        }
    }
    text
}

fn unquoted(text: &str) -> Option<String> {
    let is_quoted = |line: &str| line.is_empty() || line.starts_with('>');
    if !text.starts_with('>') || !text.lines().map(str::trim_start).all(is_quoted) {
        return None;
    }
    let lines = text.lines().map(|line| {
        let mut line = line.trim_start();
        while let Some(inner) = line.strip_prefix('>') {
            line = inner.strip_prefix(' ').unwrap_or(inner);
        }
        line
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

fn of_printable(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let soft = lines.windows(2).filter(|pair| match pair {
        [line, next] => {
            line.ends_with('=') && (NARROWEST..=WIDEST).contains(&line.len()) && !next.is_empty()
        }
        _ => false,
    });
    // One line may end so by its padding, and is followed by another field.
    let is_wrapped = match soft.count() {
        0 => false,
        1 => text.starts_with(['{', '[', '"']),
        _ => true,
    };
    let ends = |line: &&str| line.trim_end_matches(['"', '\'', ',']).ends_with("=3D");
    if !is_wrapped && !lines.iter().any(ends) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for line in lines {
        let (line, end) = match line.strip_suffix('=') {
            Some(line) if is_wrapped => (line, &b""[..]),
            Some(_) | None => (line, &b"\n"[..]),
        };
        let mut parts = line.split('=');
        bytes.extend(parts.next().unwrap_or_default().bytes());
        for part in parts {
            let octet = { part.get(..2) }.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            match octet {
                Some(octet) => {
                    bytes.push(octet);
                    bytes.extend(part.bytes().skip(2));
                }
                None => {
                    bytes.push(b'=');
                    bytes.extend(part.bytes());
                }
            }
        }
        bytes.extend(end);
    }
    String::from_utf8(bytes).ok()
}

fn of_entities(text: &str) -> Option<String> {
    const ENTITIES: [(&str, &str); 14] = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x22;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#43;", "+"),
        ("&#x2B;", "+"),
        ("&#47;", "/"),
        ("&#x2F;", "/"),
        ("&#61;", "="),
        ("&#x3D;", "="),
        ("&lt;", "<"),
        // The last one, as it may have made the others.
        ("&amp;", "&"),
    ];
    let quotes = ["{&quot;", "{&#34;", "{&#x22;"];
    if !quotes.iter().any(|quote| text.contains(quote)) {
        return None;
    }
    let plain = { ENTITIES.iter() }.fold(text.to_owned(), |text, (name, char)| {
        text.replace(name, char)
    });
    Some(plain)
}

/// A form becomes a line for each field.
fn of_form(text: &str) -> Option<String> {
    if text.starts_with(['{', '[', '"', '\'', '<']) || text.contains(char::is_whitespace) {
        return None;
    }
    let is_form = text.contains('=') && text.contains(['&', '%']);
    let is_value = text.starts_with("%7B") || text.starts_with("%7b") || text.starts_with("%5B");
    if !is_form && !is_value {
        return None;
    }
    let fields = form_urlencoded::parse(text.as_bytes());
    let lines: Vec<String> = fields
        .map(|(name, value)| {
            if value.is_empty() {
                name.into_owned()
            } else {
                format!("{name}={value}")
            }
        })
        .collect();
    Some(lines.join("\n"))
}

fn of_command(text: &str) -> Option<String> {
    if text.contains("{`\"") {
        return Some(text.replace("`\"", "\""));
    }
    // No JSON of WebAuthn has a caret.
    text.contains("^{^\\^\"").then(|| text.replace('^', ""))
}

/// A text whose quotes and spaces a program for letters has changed. JSON may hold such quotes by right,
/// so that this is for what cannot be read as it is.
pub(super) fn typewritten(text: &str) -> Option<String> {
    let quotes = ['“', '”', '„', '«', '»'];
    let is_set = text.contains(quotes) || text.contains('\u{a0}');
    is_set.then(|| text.replace(quotes, "\"").replace('\u{a0}', " "))
}

/// JSON as it stands between the quotes of a text.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut plain = None;
    for _ in 0..MOST_ESCAPES {
        let text = plain.as_deref().unwrap_or(text);
        if !is_escaped(text) {
            break;
        }
        let line = text.replace(['\n', '\r', '\t'], "");
        plain = Some(serde_json::from_str::<String>(&format!("\"{line}\"")).ok()?);
    }
    plain
}

/// Whether a value begins whose quotes are escaped, after no more braces than a log puts before it.
pub(super) fn is_escaped(text: &str) -> bool {
    const MOST_BEFORE: usize = 16;
    let mut begin = text.chars().take(MOST_BEFORE);
    let first = begin.find(|char| !"{[ \n\r\t".contains(*char));
    text.starts_with(['{', '[']) && first == Some('\\')
}
