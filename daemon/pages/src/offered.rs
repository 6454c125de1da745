//! Values that a shell offers, where others are valid too.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;

/// Reads a value as `parser` does; shells offer `words`, which need not be all.
///
/// An argument that has it sets `hide_possible_values`: help would call them the possible ones.
pub fn offering<P: TypedValueParser>(
    parser: P,
    words: impl IntoIterator<Item = &'static str>,
) -> Offering<P> {
    Offering {
        parser,
        words: words.into_iter().collect(),
    }
}

/// See [`offering`].
#[derive(Clone, Debug)]
pub struct Offering<P> {
    parser: P,
    words: Vec<&'static str>,
}

impl<P: TypedValueParser> TypedValueParser for Offering<P> {
    type Value = P::Value;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, Error> {
        self.parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        if self.words.is_empty() {
            return None;
        }
        Some(Box::new(self.words.iter().copied().map(PossibleValue::new)))
    }
}
