//! What about a file keeps the rulings that rest on it from being certain.

use crate::confidence::Confidence;
use crate::pointer::Pointer;
use hybrid_protocol::printable;
use std::fmt;

/// A doubt about a file, or about one place in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Doubt {
    /// Where it arose.
    pub place: Pointer,
    /// What it is.
    pub why: Why,
}

/// Why a file is doubted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Why {
    /// Graph had more pages than are in the file.
    Incomplete,
    /// PowerShell left out what lay deeper.
    CutOff,
    /// Written so many days ago.
    Old(i64),
    /// This file is of Graph's beta, others are of v1.0.
    BetaBesideV1,
    /// A value of an enumeration that is newer than this program.
    UnknownValue(String),
    /// A member that is newer than this program, where members restrict.
    UnfamiliarMember,
    /// Another type of value than Graph documents.
    WrongType(&'static str),
    /// An id that is none.
    BadId,
    /// So many more doubts about the file.
    More(usize),
}

impl Doubt {
    pub(crate) const fn new(place: Pointer, why: Why) -> Self {
        Self { place, why }
    }

    /// How sure a ruling that rests on this file can be. `None` when only the one value is lost,
    /// which is unknown by itself.
    pub const fn cap(&self) -> Option<Confidence> {
        match self.why {
            Why::Incomplete | Why::CutOff => Some(Confidence::Possible),
            Why::Old(_) | Why::BetaBesideV1 | Why::UnfamiliarMember => Some(Confidence::Likely),
            Why::UnknownValue(_) | Why::WrongType(_) | Why::BadId | Why::More(_) => None,
        }
    }
}

impl Why {
    /// What to do about it.
    pub(crate) const fn remedy(&self) -> &'static str {
        match self {
            Self::Incomplete => {
                "Save each further page (the address in @odata.nextLink) to its own file, and give all files."
            }
            Self::CutOff => {
                "Export again as raw JSON: Invoke-MgGraphRequest with -OutputType Json, or az rest (hybridd policy \
                 how-to-export)."
            }
            Self::Old(_) => "Export the file again, the same way.",
            Self::BetaBesideV1 => "Export all files from v1.0.",
            Self::More(_) => "Mend what is named of this file first.",
            Self::UnknownValue(_) | Self::UnfamiliarMember => {
                "Look this up in Microsoft's documentation: it is newer than this hybridd, which does not judge by it."
            }
            Self::WrongType(_) | Self::BadId => {
                "Export again as raw JSON, and change nothing in the file."
            }
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match &self.why {
            Why::Incomplete => write!(
                f,
                "{place} is only a part: its @odata members say that Graph has more"
            ),
            Why::CutOff => write!(f, "PowerShell truncated nested values at {place}"),
            Why::Old(days) => write!(f, "{place} was written {days} days ago"),
            Why::BetaBesideV1 => {
                write!(f, "{place} is from Graph's beta, other files are from v1.0")
            }
            Why::UnknownValue(word) => {
                let word: String = printable(word).chars().take(60).collect();
                write!(f, "{place} has the unknown value \"{word}\"")
            }
            Why::UnfamiliarMember => write!(f, "{place} is unknown and may be a restriction"),
            Why::WrongType(expected) => write!(f, "expected {expected} at {place}"),
            Why::BadId => write!(f, "{place} is not an id"),
            Why::More(more) => write!(f, "{place} has {more} more values like these"),
        }
    }
}
