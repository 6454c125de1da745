//! The lines of the file: those that are a mark, and what is counted and told of those that are
//! none.

use super::append::DIGITS;
use crate::phones::contacts::Mark;
use core::fmt;
use std::io::{self, BufRead, Read as _};

/// What of a line is kept in memory.
const LONGEST: usize = 4096;

/// Marks that are handed on at once.
const PIECE: usize = 4096;

/// Lines whose numbers are told.
const TOLD: usize = 8;

/// Lines that are none: how many, and the numbers of the first of them. What they hold is told to
/// nobody.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct BadLines {
    pub(crate) lines: u64,
    first: Vec<u64>,
}

impl BadLines {
    fn add(&mut self, number: u64) {
        self.lines += 1;
        if self.first.len() < TOLD {
            self.first.push(number);
        }
    }
}

/// The numbers of the lines.
impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, number) in self.first.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{number}")?;
        }
        if self.lines > self.first.len() as u64 {
            f.write_str(" and more")?;
        }
        Ok(())
    }
}

/// Hands all marks on, piece by piece, and returns which lines are none.
pub(crate) fn lines(
    input: &mut impl BufRead,
    mut marks: impl FnMut(Vec<Mark>),
) -> io::Result<BadLines> {
    let (mut bad, mut piece, mut line) = (BadLines::default(), Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        if input
            .by_ref()
            .take(LONGEST as u64)
            .read_until(b'\n', &mut line)?
            == 0
        {
            break;
        }
        let ended = line.ends_with(b"\n");
        if !ended && line.len() == LONGEST {
            input.skip_until(b'\n')?;
            bad.add(number);
            continue;
        }
        let text = line.trim_ascii();
        let digits = text.iter().all(u8::is_ascii_hexdigit);
        // Too many digits: half a line was left, and behind it a whole one was written and
        // confirmed.
        let mark = { text.last_chunk::<DIGITS>() }
            .filter(|_| digits)
            .and_then(mark);
        // A last line without an end is being written, or was never confirmed.
        let half = digits && !ended && text.len() < DIGITS;
        if !text.is_empty() && !half && (mark.is_none() || text.len() > DIGITS) {
            bad.add(number);
        }
        piece.extend(mark);
        if piece.len() >= PIECE {
            marks(core::mem::take(&mut piece));
        }
    }
    marks(piece);
    Ok(bad)
}

fn mark(digits: &[u8; DIGITS]) -> Option<Mark> {
    let mut mark = [0; 32];
    hex::decode_to_slice(digits, &mut mark).ok()?;
    Some(Mark(mark))
}
