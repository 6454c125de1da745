//! Whether a log begins with its newest line, as chrome://device-log shows it.

use super::phrases::Phrase;

/// Where the time stands in a line of chrome://device-log, at most.
const BEGINNING: usize = 40;

/// Compares what follows each other: by time, and by the order of a sign-in where all is of one
/// second, or without a time.
#[derive(Default)]
pub(super) struct LineOrder {
    time: String,
    times: Steps,
    rank: Option<u8>,
    ranks: Steps,
}

/// So many go one way, and so many the other.
#[derive(Clone, Copy, Default)]
struct Steps {
    forwards: usize,
    backwards: usize,
}

impl LineOrder {
    /// Takes note of a line; one without a time counts for nothing.
    pub(super) fn note(&mut self, line: &str) {
        let Some(time) = time(line) else { return };
        // One that is written otherwise cannot be compared.
        if time.len() == self.time.len() {
            self.times.add(*self.time < *time, *self.time > *time);
        }
        time.clone_into(&mut self.time);
    }

    /// Takes note of what a line says.
    pub(super) fn note_phrase(&mut self, phrase: &Phrase) {
        let Some(rank) = phrase.rank() else { return };
        if let Some(last) = self.rank.replace(rank) {
            self.ranks.add(last < rank, last > rank);
        }
    }

    /// Midnight makes one step the wrong way, and so does every attempt but the first: the greater
    /// number decides.
    pub(super) const fn is_newest_first(&self) -> bool {
        let Self { times, ranks, .. } = self;
        if times.forwards == times.backwards {
            ranks.backwards > ranks.forwards
        } else {
            times.backwards > times.forwards
        }
    }
}

impl Steps {
    fn add(&mut self, forwards: bool, backwards: bool) {
        self.forwards += usize::from(forwards);
        self.backwards += usize::from(backwards);
    }
}

/// `20:25:31` of `[20:25:31] text`, with or without a date and parts of a second; the brackets of
/// standard error hold words, too.
fn time(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once('[')?;
    let (time, _) = rest.split_once(']')?;
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b':' | b'/' | b'-' | b'.' | b' ');
    (before.len() <= BEGINNING && time.contains(':') && time.bytes().all(plain)).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_newest_first(lines: &[&str]) -> bool {
        let mut order = LineOrder::default();
        for line in lines {
            order.note(line);
            if let Some(phrase) = Phrase::find(line) {
                order.note_phrase(&phrase);
            }
        }
        order.is_newest_first()
    }

    #[test]
    fn the_times_of_a_log_tell_its_order() {
        assert!(is_newest_first(&[
            "[20:25:34] b",
            "FIDO Debug [20:25:34] c",
            "[20:25:31] a"
        ]));
        assert!(!is_newest_first(&["[20:25:31] a", "[20:25:34] b"]));
        assert!(!is_newest_first(&[
            "[23:59:58] a",
            "[23:59:59] b",
            "[00:00:01] c",
            "[00:00:02] d"
        ]));
        assert!(!is_newest_first(&[
            "no time",
            "[FIDO] [Debug] b",
            "[9:9:1124/202508.8:ERROR:x.cc(1)] b",
            ""
        ]));
    }

    #[test]
    fn what_happened_tells_the_order_where_all_is_of_one_second() {
        let mut lines = [
            "[10:00:00] BLE adapter address 00:11",
            "[10:00:00] UI step: kCableV2QRCode",
            "[10:00:00] (aa matches QR code)",
            "[10:00:00] tunnel-0F: established v2.1",
        ];
        assert!(!is_newest_first(&lines));
        lines.reverse();
        assert!(is_newest_first(&lines));
    }
}
