//! What is known of a misbehaviour: how it is typed, what the phone does, and what a desktop is to
//! say about it.

use super::kind::FaultKind;
use std::fmt;
use std::ops::RangeInclusive;

/// What is known of a misbehaviour before its number is chosen.
pub struct FaultEntry {
    /// As it is typed.
    pub name: &'static str,
    /// The number it takes, if it takes one.
    pub arg: Option<Arg>,
    /// What the phone does, in the third person.
    pub does: &'static str,
    /// What a desktop is to say about it.
    pub shows: Shows,
    /// When and how it is played.
    pub(crate) kind: FaultKind,
}

/// The number of a misbehaviour.
pub struct Arg {
    /// What it counts, in capitals.
    pub unit: &'static str,
    /// Without one.
    pub usual: u32,
    /// What makes sense.
    pub range: RangeInclusive<u32>,
}

/// What a desktop that explains itself is to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shows {
    /// Nothing: the misbehaviour must do no harm.
    Nothing,
    /// This code of the diagnosis.
    Code(&'static str),
    /// This code when the phone takes longer than a person waits without a word (15 s).
    WhenLong(&'static str),
    /// The code of the CTAP status that is the number.
    OfStatus,
}

/// A line of the list: how it is typed, the code, what it does.
impl fmt::Display for FaultEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = match &self.arg {
            Some(arg) => format!("{}[={}]", self.name, arg.unit),
            None => self.name.to_owned(),
        };
        let code = match self.shows {
            Shows::Nothing => "-",
            Shows::Code(code) | Shows::WhenLong(code) => code,
            Shows::OfStatus => "CT..",
        };
        write!(f, "{typed:<26} {code:<5} {}", self.does)?;
        match &self.arg {
            Some(arg) if self.shows == Shows::OfStatus => {
                write!(f, " (usually {:#04x})", arg.usual)
            }
            Some(arg) => write!(f, " (usually {})", arg.usual),
            None => Ok(()),
        }
    }
}

/// With this code, and without a number.
pub(super) const fn plain(
    name: &'static str,
    kind: FaultKind,
    code: &'static str,
    does: &'static str,
) -> FaultEntry {
    entry(name, None, kind, Shows::Code(code), does)
}

/// Without a code, and without a number.
pub(super) const fn harmless(
    name: &'static str,
    kind: FaultKind,
    does: &'static str,
) -> FaultEntry {
    entry(name, None, kind, Shows::Nothing, does)
}

/// With a number.
pub(super) const fn numbered(
    name: &'static str,
    arg: Arg,
    kind: FaultKind,
    shows: Shows,
    does: &'static str,
) -> FaultEntry {
    entry(name, Some(arg), kind, shows, does)
}

/// A number of this unit, usually this, at least and at most.
pub(super) const fn number(unit: &'static str, usual: u32, min: u32, max: u32) -> Arg {
    Arg {
        unit,
        usual,
        range: min..=max,
    }
}

const fn entry(
    name: &'static str,
    arg: Option<Arg>,
    kind: FaultKind,
    shows: Shows,
    does: &'static str,
) -> FaultEntry {
    FaultEntry {
        name,
        arg,
        does,
        shows,
        kind,
    }
}
