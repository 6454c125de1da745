//! Lines of a file that may come from anybody: none longer than a bound is kept, and no more of the
//! file is read than a bound.

use std::io::{self, BufRead, Read as _, Take};

/// Reads lines with bounds on each and on all.
pub(crate) struct BoundedLines<R> {
    from: Take<R>,
    longest: usize,
    line: Vec<u8>,
}

/// What stands on a line.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum BoundedLine<'l> {
    /// Its bytes, without the line feed.
    Whole(&'l [u8]),
    /// It is longer than the bound.
    TooLong,
}

impl<R: BufRead> BoundedLines<R> {
    pub(crate) fn new(from: R, longest: usize, most: u64) -> Self {
        Self {
            from: from.take(most),
            longest,
            line: Vec::new(),
        }
    }

    /// The next line; `None` at the end or at the bound.
    pub(crate) fn next(&mut self) -> io::Result<Option<BoundedLine<'_>>> {
        self.line.clear();
        let most = self.longest as u64 + 1;
        let length = (&mut self.from)
            .take(most)
            .read_until(b'\n', &mut self.line)?;
        if length == 0 {
            return Ok(None);
        }
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        } else if self.line.len() > self.longest {
            self.from.skip_until(b'\n')?;
            return Ok(Some(BoundedLine::TooLong));
        }
        Ok(Some(BoundedLine::Whole(&self.line)))
    }

    /// Whether the bound on the whole file was reached.
    pub(crate) fn is_cut(&self) -> bool {
        self.from.limit() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, longest: usize, most: u64) -> (Vec<String>, bool) {
        let mut lines = BoundedLines::new(text.as_bytes(), longest, most);
        let mut got = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            got.push(match line {
                BoundedLine::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                BoundedLine::TooLong => "(too long)".to_owned(),
            });
        }
        (got, lines.is_cut())
    }

    #[test]
    fn lines_come_without_their_ends_and_the_last_one_needs_none() {
        assert_eq!(
            read("a\n\nbc", 10, 100),
            (vec!["a".into(), String::new(), "bc".into()], false)
        );
        assert_eq!(read("", 10, 100), (vec![], false));
    }

    #[test]
    fn a_line_of_the_longest_length_is_whole_and_a_longer_one_is_not_kept() {
        assert_eq!(read("abc\nabcd\nx", 3, 100).0, ["abc", "(too long)", "x"]);
        assert_eq!(read("abcdefgh", 3, 100).0, ["(too long)"]);
    }

    #[test]
    fn no_more_than_the_bound_is_read() {
        assert_eq!(
            read("a\nb\nc\n", 10, 3),
            (vec!["a".into(), "b".into()], true)
        );
    }
}
