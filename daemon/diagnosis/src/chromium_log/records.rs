//! The records of a log: mail folds long lines, and pasting loses the ends of lines.

use super::entries::starts;
use super::phrases::Phrase;

/// Longer than any record of a sign-in.
const LONGEST: usize = 16 << 10;

/// Puts folded lines together again, and takes joined ones apart. A line that does not begin like a
/// record continues the one before, unless it says something of its own: many people paste the
/// messages alone.
#[derive(Default)]
pub(super) struct Records {
    held: String,
    number: usize,
    quoted: bool,
}

impl Records {
    /// Takes a line; `ended` gets each record that ends with it, and the number of its first line.
    pub(super) fn add(&mut self, number: usize, line: &str, mut ended: impl FnMut(usize, &str)) {
        let line = self.unquoted(line);
        if line.trim().is_empty() {
            return self.end(ended);
        }
        let starts = starts(line);
        let continued = line.get(..starts.first().copied().unwrap_or(line.len()));
        let continued = continued.unwrap_or_default();
        if !continued.trim().is_empty() {
            if !self.is_continued_by(continued) {
                self.end(&mut ended);
            }
            if self.held.is_empty() {
                self.number = number;
            } else {
                self.held.push('\n');
            }
            self.held.push_str(continued);
        }
        let ends = starts.iter().copied().skip(1).chain([line.len()]);
        for (from, to) in starts.iter().copied().zip(ends) {
            self.end(&mut ended);
            self.number = number;
            self.held.push_str(line.get(from..to).unwrap_or_default());
        }
    }

    /// Nothing continues the record before.
    pub(super) fn end(&mut self, mut ended: impl FnMut(usize, &str)) {
        if !self.held.is_empty() {
            ended(self.number, &self.held);
            self.held.clear();
        }
    }

    fn is_continued_by(&self, line: &str) -> bool {
        if self.held.len() + line.len() > LONGEST {
            return false;
        }
        let Some(own) = Phrase::find(line) else {
            return true;
        };
        let Some(before) = Phrase::find(&self.held) else {
            return true;
        };
        if before.is_cut_off() {
            return true;
        }
        let joined = Phrase::find(&format!("{}\n{line}", self.held));
        joined.is_some_and(|joined| joined != before && joined != own)
    }

    /// Without the marks of a reply. A line that was broken within an arrow begins with one, too.
    fn unquoted<'l>(&mut self, line: &'l str) -> &'l str {
        let begins = line.trim_start().starts_with('>');
        self.quoted = begins && (self.quoted || self.held.is_empty() || !starts(line).is_empty());
        if self.quoted {
            line.trim_start_matches([' ', '>'])
        } else {
            line
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(lines: &[&str]) -> Vec<(usize, String)> {
        let mut records = Records::default();
        let mut found = Vec::new();
        let mut ended = |number, record: &str| found.push((number, record.to_owned()));
        for (place, line) in lines.iter().enumerate() {
            records.add(place + 1, line, &mut ended);
        }
        records.end(&mut ended);
        found
    }

    fn texts(lines: &[&str]) -> Vec<String> {
        records(lines).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_line_that_does_not_begin_like_a_record_continues_the_one_before() {
        assert_eq!(
            records(&[
                "FIDODebug[10:00:09] a",
                "b",
                "c FIDODebug[10:00:09] d",
                "e",
                "",
                "f"
            ]),
            [
                (1, "FIDODebug[10:00:09] a\nb\nc ".to_owned()),
                (3, "FIDODebug[10:00:09] d\ne".to_owned()),
                (6, "f".to_owned())
            ]
        );
    }

    #[test]
    fn messages_without_their_beginnings_are_told_apart() {
        let lines = [
            "BLE adapter address 00:11",
            "(aa matches QR code)",
            "tunnel-0F: tunnel failed to connect",
            "UI step: kCableV2QRCode",
        ];
        assert_eq!(texts(&lines), lines);
        assert_eq!(
            texts(&[
                "Tunnel server connection failed: Error during WebSocket handshake:",
                "'Sec-WebSocket-Protocol' header is missing -2 -1"
            ])
            .len(),
            1
        );
    }

    #[test]
    fn the_marks_of_a_reply_are_not_those_of_an_arrow() {
        assert_eq!(
            texts(&[
                "> > FIDODebug[10:00:09] a",
                "> > b",
                "FIDODebug[10:00:09] -",
                "> {1: x"
            ]),
            ["FIDODebug[10:00:09] a\nb", "FIDODebug[10:00:09] -\n> {1: x"]
        );
    }

    proptest! {
        #[test]
        fn any_lines_are_taken_apart(lines in proptest::collection::vec("(FIDO|Debug|\\[1:0|>| |é|UI step: k|TimedOut|\\[1:2:1128/){0,8}", 0..8)) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            for (number, record) in records(&lines) {
                prop_assert!((1..=lines.len()).contains(&number) && !record.is_empty());
            }
        }
    }
}
