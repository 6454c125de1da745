//! What stands at the end of the record of a connection that failed: a network error and an HTTP
//! status, on a line that may be folded between its words or within them.

use super::net_errors;
use crate::plain_text::squeezed;

/// More folds than that are not tried in every way.
const MOST_FOLDS: usize = 5;

/// `net::ERR_NAME_NOT_RESOLVED -105 -1`, as far as it is there.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct ConnectionEnd {
    /// The name of the error, known or not.
    pub(super) name: Option<String>,
    pub(super) net_error: Option<i32>,
    pub(super) status: Option<u16>,
}

impl ConnectionEnd {
    /// Of the ways to put the lines together, the one that makes sense.
    pub(super) fn of(record: &str) -> Self {
        let mut best = Self::read(record);
        let named = status_named_in(&squeezed(record));
        if best.makes_sense(named) {
            return best;
        }
        let lines: Vec<&str> = record.split('\n').collect();
        let folds = lines.len().saturating_sub(1);
        let tried = folds.min(MOST_FOLDS);
        let fixed = folds - tried;
        for ways in 1_usize..1 << tried {
            let mut joined = String::with_capacity(record.len());
            for (place, line) in lines.iter().enumerate() {
                let fold = place.checked_sub(fixed + 1);
                let within_word = fold.is_some_and(|fold| ways >> fold & 1 == 1);
                if place > 0 && !within_word {
                    joined.push(' ');
                }
                joined.push_str(line);
            }
            let read = Self::read(&joined);
            if read.makes_sense(named) {
                return read;
            }
            if best.name_is_unknown() && !read.name_is_unknown() {
                best = read;
            }
        }
        best
    }

    fn read(text: &str) -> Self {
        let mut read = Self {
            name: net_errors::any_name_in(text).map(str::to_owned),
            ..Self::default()
        };
        let mut words = text.split_whitespace().peekable();
        let mut before = "";
        while let Some(word) = words.next() {
            // A 0 after a number is the end of one that was folded.
            let folded = before.ends_with(|char: char| char.is_ascii_digit());
            before = word;
            let number: Option<i32> = word.parse().ok();
            let next: Option<i32> = words.peek().and_then(|word| word.parse().ok());
            if let (Some(net_error @ ..=0), Some(status)) = (number, next)
                && (net_error < 0 || !folded)
                && (matches!(status, -1 | 0) || (100..600).contains(&status))
            {
                read.net_error = Some(net_error);
                let known = net_errors::name(net_error).map(str::to_owned);
                if read.name_is_unknown() && known.is_some() {
                    read.name = known;
                }
                read.status = u16::try_from(status).ok().filter(|status| *status > 0);
                return read;
            }
        }
        read
    }

    /// Whether both are there, and are those that the message names.
    fn makes_sense(&self, status: Option<u16>) -> bool {
        let named = self.name.as_deref().and_then(net_errors::named);
        let fits = |number| named.is_none_or(|named| named == number);
        self.net_error.is_some_and(fits) && (status.is_none() || self.status == status)
    }

    fn name_is_unknown(&self) -> bool {
        self.name.as_deref().and_then(net_errors::named).is_none()
    }
}

/// `Unexpected response code: 404`.
fn status_named_in(text: &str) -> Option<u16> {
    const DIGITS: usize = 3;
    let (_, rest) = text.split_once("responsecode:")?;
    rest.get(..DIGITS)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_wherever_its_line_is_folded() {
        for (line, name, status) in [
            (
                "failed: net::ERR_NAME_NOT_RESOLVED -105 -1",
                Some("ERR_NAME_NOT_RESOLVED"),
                None,
            ),
            (
                "handshake: Unexpected response code: 404 -320 404",
                None,
                Some(404),
            ),
            ("response code: 410 -2 410", None, Some(410)),
        ] {
            let whole = ConnectionEnd::read(line);
            assert_eq!((whole.name.as_deref(), whole.status), (name, status));
            for first in 0..line.len() {
                for second in first..line.len() {
                    let folded = format!(
                        "{}\n{}\n{}",
                        &line[..first],
                        &line[first..second],
                        &line[second..]
                    );
                    // A fold at a space takes it away.
                    for folded in [folded.replace(" \n", "\n").replace("\n ", "\n"), folded] {
                        assert_eq!(ConnectionEnd::of(&folded), whole, "{folded}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_missing_is_missing() {
        assert_eq!(
            ConnectionEnd::of("something\nnew -2"),
            ConnectionEnd::default()
        );
        let named = ConnectionEnd::of("net::ERR_CONNECTION_\nRESET");
        assert_eq!(named.name.as_deref(), Some("ERR_CONNECTION_RESET"));
    }
}
