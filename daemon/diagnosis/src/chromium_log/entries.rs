//! The entries of a log, however it was saved: a line each, all pasted onto one line, a saved page
//! or an archive of one, in UTF-8 or UTF-16.

use crate::plain_text::push_unescaped;
use std::io::{self, BufRead, Cursor, Read as _};

/// As much of a log in UTF-16 is read; Chromium itself remembers 4000 entries.
const MOST_UTF16: u64 = 64 << 20;
/// What chrome://device-log writes before an entry: its type, and its level.
const TYPES: [&str; 15] = [
    "FIDO",
    "Bluetooth",
    "USB",
    "HID",
    "Login",
    "Network",
    "Power",
    "Printer",
    "Serial",
    "Camera",
    "Geolocation",
    "Extensions",
    "Display",
    "Firmware",
    "Memory",
];
const LEVELS: [&str; 4] = ["Error", "User", "Event", "Debug"];
/// Elements that begin and end what is seen of an entry. A line can be broken within one.
const BLOCKS: [&str; 7] = ["p", "div", "li", "tr", "pre", "body", "title"];

/// The same text in UTF-8, without the mark that says which encoding it has.
pub(super) fn in_utf8<'r>(mut from: impl BufRead + 'r) -> io::Result<Box<dyn BufRead + 'r>> {
    const MARK: u64 = 4;
    let mut bytes = Vec::new();
    from.by_ref().take(MARK).read_to_end(&mut bytes)?;
    // A log begins with two characters of ASCII.
    let ascii = |first: u8, second: u8| first != 0 && second != 0;
    let unit: fn([u8; 2]) -> u16 = match *bytes.as_slice() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        [first, 0, second, 0] if ascii(first, second) => u16::from_le_bytes,
        [0, first, 0, second] if ascii(first, second) => u16::from_be_bytes,
        [0xef, 0xbb, 0xbf, ..] => {
            bytes.drain(..3);
            return Ok(Box::new(Cursor::new(bytes).chain(from)));
        }
        _ => return Ok(Box::new(Cursor::new(bytes).chain(from))),
    };
    from.take(MOST_UTF16).read_to_end(&mut bytes)?;
    let units: Vec<u16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| unit(*pair))
        .collect();
    let text = String::from_utf16_lossy(&units);
    Ok(Box::new(Cursor::new(text.into_bytes())))
}

/// How a log was saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LogForm {
    Plain,
    /// HTML.
    Page,
    /// A page in one file (MHTML), as browsers save it: quoted-printable (RFC 2045 section 6.7).
    Archive,
}

impl LogForm {
    /// As the first line has it.
    pub(super) fn of(line: &str) -> Self {
        let text = line.trim_start();
        if text.starts_with("From: <Saved by") {
            Self::Archive
        } else if text
            .strip_prefix('<')
            .is_some_and(|tag| tag.starts_with(begins_tag))
        {
            Self::Page
        } else {
            Self::Plain
        }
    }
}

/// Lines that an archive has broken are put together again.
#[derive(Default)]
pub(super) struct SoftLines {
    held: Vec<u8>,
}

impl SoftLines {
    /// The line that this one ends; none when it goes on.
    pub(super) fn add(&mut self, line: &str, longest: usize) -> Option<String> {
        let line = line.trim_end_matches('\r');
        let soft = line.strip_suffix('=');
        push_unquoted(&mut self.held, soft.unwrap_or(line));
        (soft.is_none() || self.held.len() > longest)
            .then(|| String::from_utf8_lossy(&std::mem::take(&mut self.held)).into_owned())
    }
}

fn push_unquoted(bytes: &mut Vec<u8>, line: &str) {
    let mut parts = line.split('=');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let code = part
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match (code, part.get(2..)) {
            (Some(byte), Some(rest)) => {
                bytes.push(byte);
                bytes.extend(rest.bytes());
            }
            (None, _) | (_, None) => {
                bytes.push(b'=');
                bytes.extend(part.bytes());
            }
        }
    }
}

/// Whether a line of a log that is no page was copied with tags of one.
pub(super) fn has_tags(line: &str) -> bool {
    line.contains("</") || line.contains("<br")
}

/// What is seen of a line of a page.
pub(super) fn seen_of_page(line: &str) -> String {
    let mut seen = String::new();
    let mut rest = line;
    while let Some((text, tag)) = rest.split_once('<') {
        push_unescaped(&mut seen, text);
        // The arrow of a command is none.
        if !tag.starts_with(|char: char| char == '/' || begins_tag(char)) {
            seen.push('<');
            rest = tag;
            continue;
        }
        let Some((tag, after)) = tag.split_once('>') else {
            return seen;
        };
        let name = tag.trim_start_matches('/').split([' ', '/']).next();
        let is = |block: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(block));
        if BLOCKS.into_iter().any(is) {
            seen.push_str("\n\n");
        } else if is("br") {
            seen.push('\n');
        }
        rest = after;
    }
    push_unescaped(&mut seen, rest);
    seen
}

const fn begins_tag(char: char) -> bool {
    char == '!' || char.is_ascii_alphabetic()
}

/// Where entries begin in a line. Pastes often lose the ends of lines.
pub(super) fn starts(line: &str) -> Vec<usize> {
    let mut starts: Vec<usize> = LEVELS
        .iter()
        .flat_map(|level| line.match_indices(level))
        .filter_map(|(at, level)| start_on_page(line, at, level))
        .chain(
            line.match_indices('[')
                .filter_map(|(at, _)| start_on_stderr(line, at)),
        )
        .chain(is_begun(line).then_some(0))
        .collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// A time, or what kind of entry it is, in brackets: `[20:25:31] …` and `[FIDO] [Debug] …`.
fn is_begun(line: &str) -> bool {
    let Some((word, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return false;
    };
    let time = |byte: u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'/' | b'-' | b' ');
    TYPES.contains(&word) || word.contains(':') && word.bytes().all(time)
}

/// `FIDODebug[10:00:09] …`, with spaces or without; entries of type FIDO may lack the time.
fn start_on_page(line: &str, at: usize, level: &str) -> Option<usize> {
    let before = line.get(..at)?;
    let after = line.get(at + level.len()..)?;
    let tight = before.trim_end_matches(' ');
    let kind = TYPES.iter().find(|kind| tight.ends_with(**kind))?;
    let time = after.trim_start_matches(' ').strip_prefix('[');
    let timed = time.is_some_and(|time| time.starts_with(|char: char| char.is_ascii_digit()));
    let bare = *kind == "FIDO" && tight.len() == at && after.starts_with([' ', '\t']);
    (timed || bare).then(|| tight.len() - kind.len())
}

/// `[process:thread:month and day/time:…`.
fn start_on_stderr(line: &str, at: usize) -> Option<usize> {
    let mut parts = line.get(at + 1..)?.splitn(3, ':');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (process, thread) = (parts.next()?, parts.next()?);
    let (day, _) = parts.next()?.split_once('/')?;
    (digits(process) && digits(thread) && day.len() == 4 && digits(day)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entries(line: &str) -> Vec<&str> {
        let starts = starts(line);
        let from = starts.iter().copied().filter(|start| *start > 0);
        let from: Vec<usize> = [0].into_iter().chain(from).chain([line.len()]).collect();
        from.windows(2)
            .map(|ends| &line[ends[0]..ends[1]])
            .collect()
    }

    #[test]
    fn a_line_that_holds_several_entries_is_taken_apart() {
        let page = "FIDOError[10:00:09] a [b] FIDODebug[10:00:08] <- x  Bluetooth Event [10:00:07] Error c";
        assert_eq!(
            entries(page),
            [
                "FIDOError[10:00:09] a [b] ",
                "FIDODebug[10:00:08] <- x  ",
                "Bluetooth Event [10:00:07] Error c"
            ]
        );
        assert_eq!(
            entries("FIDOEvent  Starting FIDODebug  Bluetooth authorized: 2"),
            ["FIDOEvent  Starting ", "FIDODebug  Bluetooth authorized: 2"]
        );
        let stderr = "[1:2:1128/100000.1:VERBOSE1:x.cc(1)] [10:00:00.1] FIDO: a [1:2:1128/100001.1:ERROR:x.cc(1)] b";
        assert_eq!(entries(stderr).len(), 2);
        assert_eq!(entries("one entry"), ["one entry"]);
        assert_eq!(entries(""), [""]);
    }

    #[test]
    fn of_a_page_only_what_is_seen_is_read() {
        let page = "<p class=\"x\"><span>FIDO</span><span>Error</span><span>[1:00] -&gt; &#40;a&#x29; &amp; &b</span></p><P>x</P>";
        assert_eq!(seen_of_page("a <- b<br>c < 1"), "a <- b\nc < 1");
        assert_eq!(
            seen_of_page(page),
            "\n\nFIDOError[1:00] -> (a) & &b\n\n\n\nx\n\n"
        );
        for (line, form) in [
            (" <!DOCTYPE html>", LogForm::Page),
            ("<p>", LogForm::Page),
            ("From: <Saved by Blink>", LogForm::Archive),
            ("<- 0x1 (kAuthenticatorMakeCredential)", LogForm::Plain),
            ("< p >", LogForm::Plain),
            ("FIDO", LogForm::Plain),
        ] {
            assert_eq!(LogForm::of(line), form, "{line}");
        }
    }

    #[test]
    fn a_line_that_an_archive_broke_is_whole_again() {
        let mut lines = SoftLines::default();
        assert_eq!(lines.add("<p class=3D\"x\">Fail=", 100), None);
        assert_eq!(lines.add("ing -=3D=C3=A9 =zz=\r", 100), None);
        assert_eq!(
            lines.add(".=", 3).as_deref(),
            Some("<p class=\"x\">Failing -=é =zz.")
        );
        assert_eq!(lines.add("next", 100).as_deref(), Some("next"));
    }

    proptest! {
        #[test]
        fn any_archive_is_read(lines in proptest::collection::vec("(=|a|3D|C3|é|\r){0,20}", 0..5)) {
            let mut soft = SoftLines::default();
            for line in lines {
                let _ = soft.add(&line, 10);
            }
        }

        #[test]
        fn nothing_of_a_line_is_lost_between_its_entries(line in "(FIDO|Debug|Error|User| |\\[1|a|\\[1:2:1128/|é){0,20}") {
            prop_assert_eq!(entries(&line).concat(), line);
        }

        #[test]
        fn any_page_is_read(line in ".*", tags in "(<|>|/|p|&|;|#|x|9| ){0,40}") {
            let _ = seen_of_page(&line);
            let _ = seen_of_page(&tags);
        }

        #[test]
        fn text_in_utf_16_is_that_in_utf_8(text in "[a-z<\\[][^\u{0}\u{feff}]{2,40}") {
            let marked: Vec<u16> = format!("\u{feff}{text}").encode_utf16().collect();
            let le: Vec<u8> = marked.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let be: Vec<u8> = marked.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            let utf8 = format!("\u{feff}{text}").into_bytes();
            for bytes in [le, be, utf8, text.clone().into_bytes()] {
                let mut read = String::new();
                in_utf8(bytes.as_slice()).unwrap().read_to_string(&mut read).unwrap();
                prop_assert_eq!(read.trim_start_matches('\u{feff}'), &text);
            }
        }
    }
}
