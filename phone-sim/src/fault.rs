//! How a phone can misbehave, by name: parsed once, listed by `phone-sim faults`, played by
//! `misbehaviour.rs`.
//!
//! Each group is a file, named after the moment at which its faults are played.

mod action;
mod advert;
mod entry;
mod forged_channel;
mod greeting;
mod handshake;
mod kind;
mod reply;
mod request;
mod tunnel;

pub(crate) use action::Action;
pub(crate) use advert::AdvertDraft;
pub use entry::{Arg, FaultEntry, Shows};
pub(crate) use forged_channel::ForgedChannel;
pub(crate) use handshake::HandshakeContext;
pub(crate) use kind::FaultKind;
use kind::{AdvertFault, ReplyFault};

use std::fmt;
use std::str::FromStr;

/// One misbehaviour, with its number if it takes one.
#[derive(Clone, Copy)]
pub struct Fault {
    entry: &'static FaultEntry,
    arg: u32,
}

/// All of them, in the order in which a session meets them. The codes are those behind our own
/// relay, which lets no text and no message over 64 KiB through.
pub fn all() -> impl Iterator<Item = &'static FaultEntry> {
    let tables = [
        tunnel::TABLE,
        advert::TABLE,
        handshake::TABLE,
        greeting::TABLE,
        request::TABLE,
        reply::TABLE,
    ];
    tables.into_iter().flatten()
}

/// Longer than this no desktop waits without a word.
const PATIENCE: u32 = 15;

impl Fault {
    /// The fault with its usual number.
    pub fn usual(entry: &'static FaultEntry) -> Self {
        let arg = entry.arg.as_ref().map_or(0, |arg| arg.usual);
        Self { entry, arg }
    }

    /// What is known of it.
    pub const fn entry(&self) -> &'static FaultEntry {
        self.entry
    }

    /// The code that the desktop is to show; nothing when it is to succeed.
    pub fn code(&self) -> Option<&'static str> {
        match self.entry.shows {
            Shows::Nothing => None,
            Shows::Code(code) => Some(code),
            Shows::WhenLong(code) => (self.arg >= PATIENCE).then_some(code),
            Shows::OfStatus => Some(reply::status_code(self.arg)),
        }
    }

    /// Whether it answers the code before the one that is shown, so that two codes have to be
    /// scanned.
    pub fn answers_the_code_before(&self) -> bool {
        matches!(self.entry.kind, FaultKind::StaleCode)
    }

    /// Whether it advertises a different relay from the one where it waits.
    pub fn names_another_relay(&self) -> bool {
        matches!(self.entry.kind, FaultKind::Advert(AdvertFault::OtherRelay))
    }

    /// Whether a registration has nothing to spoil in its way.
    pub fn needs_a_sign_in(&self) -> bool {
        matches!(
            self.entry.kind,
            FaultKind::Reply(ReplyFault::BadSignature | ReplyFault::OtherPasskey)
        )
    }

    /// When and how it is played, and its number.
    pub(crate) const fn play(&self) -> (FaultKind, u32) {
        (self.entry.kind, self.arg)
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, number) = match text.split_once('=') {
            Some((name, number)) => (name, Some(number)),
            None => (text, None),
        };
        let found = all().find(|entry| entry.name == name);
        let entry = found.ok_or_else(|| FaultError::Unknown(name.to_owned()))?;
        let arg = match (&entry.arg, number) {
            (None, None) => 0,
            (None, Some(_)) => return Err(FaultError::NoNumber(entry.name)),
            (Some(arg), None) => arg.usual,
            (Some(arg), Some(number)) => {
                let wrong = || FaultError::Number(entry.name, arg, number.to_owned());
                read_number(number)
                    .filter(|number| arg.range.contains(number))
                    .ok_or_else(wrong)?
            }
        };
        Ok(Self { entry, arg })
    }
}

/// As it is typed.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry.name)?;
        match self.entry.arg {
            None => Ok(()),
            Some(_) if self.entry.shows == Shows::OfStatus => write!(f, "={:#04x}", self.arg),
            Some(_) => write!(f, "={}", self.arg),
        }
    }
}

impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.entry.name == other.entry.name && self.arg == other.arg
    }
}

impl Eq for Fault {}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text names no misbehaviour.
#[derive(Clone)]
pub enum FaultError {
    /// There is none of this name.
    Unknown(String),
    /// It takes no number.
    NoNumber(&'static str),
    /// The number does not fit.
    Number(&'static str, &'static Arg, String),
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(
                f,
                "expected the name of a fault (phone-sim faults lists them), got {}",
                name.escape_debug()
            ),
            Self::NoNumber(name) => write!(f, "{name} takes no number"),
            Self::Number(name, arg, got) => write!(
                f,
                "expected {name}={} between {} and {}, got {}",
                arg.unit,
                arg.range.start(),
                arg.range.end(),
                got.escape_debug()
            ),
        }
    }
}

impl fmt::Debug for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FaultError {}

/// Decimal, or hexadecimal after `0x`.
fn read_number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    // from_str_radix takes a sign, too.
    let plain = digits.chars().all(|digit| digit.is_digit(radix));
    plain
        .then(|| u32::from_str_radix(digits, radix).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_is_there_once_and_its_usual_number_makes_sense() {
        let names: BTreeSet<_> = all().map(|entry| entry.name).collect();
        assert_eq!(names.len(), all().count());
        for entry in all() {
            assert!(
                entry
                    .arg
                    .as_ref()
                    .is_none_or(|arg| arg.range.contains(&arg.usual)),
                "{}",
                entry.name
            );
            let plain =
                |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
            assert!(entry.name.chars().all(plain), "{}", entry.name);
        }
    }

    #[test]
    fn a_wrong_name_or_number_is_told_with_what_was_expected() {
        for (text, said) in [
            ("loud", "phone-sim faults lists them"),
            ("", "phone-sim faults lists them"),
            ("silent=3", "silent takes no number"),
            ("short-advert=20", "between 0 and 19"),
            ("short-advert=", "between 0 and 19"),
            ("short-advert=+3", "got +3"),
            ("status=0xzz", "got 0xzz"),
            ("slow-user=\u{1b}[2J", "got \\u{1b}[2J"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_fault_that_only_takes_long_is_explained_when_it_takes_long() {
        let code = |text: &str| text.parse::<Fault>().unwrap().code();
        assert_eq!(code("late-advert=3"), None);
        assert_eq!(code("late-advert=16"), Some("AD01"));
        assert_eq!(code("status=0x2e"), Some("CT2E"));
        assert_eq!(code("status=46"), Some("CT2E"));
    }

    fn any_fault() -> impl Strategy<Value = Fault> {
        (0..all().count()).prop_flat_map(|place| {
            let entry = all().nth(place).unwrap();
            let range = entry.arg.as_ref().map_or(0..=0, |arg| arg.range.clone());
            range.prop_map(move |arg| Fault { entry, arg })
        })
    }

    proptest! {
        #[test]
        fn a_fault_is_read_back_from_what_it_prints(fault in any_fault()) {
            prop_assert_eq!(fault.to_string().parse::<Fault>().unwrap(), fault);
        }

        #[test]
        fn reading_any_text_never_panics(text in ".{0,40}", place in 0..all().count()) {
            let _ = text.parse::<Fault>();
            let _ = format!("{}={text}", all().nth(place).unwrap().name).parse::<Fault>();
        }
    }
}
