//! Whether a log begins with its newest line, as chrome://device-log shows it.

/// Where the time stands in a line of chrome://device-log, at most.
const BEGINNING: usize = 40;

/// Compares the times of lines that follow each other.
#[derive(Default)]
pub(super) struct LineOrder {
    last: String,
    forwards: usize,
    backwards: usize,
}

impl LineOrder {
    /// Takes note of a line; one without a time counts for nothing.
    pub(super) fn note(&mut self, line: &str) {
        let Some(time) = time(line) else { return };
        // One that is written otherwise cannot be compared.
        if time.len() == self.last.len() {
            self.forwards += usize::from(*time > *self.last);
            self.backwards += usize::from(*time < *self.last);
        }
        time.clone_into(&mut self.last);
    }

    /// Midnight makes one step the wrong way, so the greater number decides.
    pub(super) const fn is_newest_first(&self) -> bool {
        self.backwards > self.forwards
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
        lines.iter().for_each(|line| order.note(line));
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
}
