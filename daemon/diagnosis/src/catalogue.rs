//! Every cause that the diagnosis knows: a stable code, what it means and what to do. Texts are whole sentences in plain language.
//!
//! Codes are grouped by where the fault lies, in the order in which a sign-in meets them.

mod adverts;
mod messages_of_others;
mod network;
mod phone;
mod radio;
mod session;

pub use adverts::*;
pub use messages_of_others::behind;
pub use network::*;
pub use phone::*;
pub use radio::*;
pub use session::*;

use std::fmt;

/// One cause.
#[derive(PartialEq, Eq, Debug)]
pub struct Entry {
    /// Stable, for scripts and searching.
    pub code: &'static str,
    /// A few words.
    pub name: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub todo: &'static str,
    /// Causes of which this is a mere consequence: when one of them is found, this is not worth telling.
    pub depends_on: &'static [&'static str],
    /// Why hybridd never reports it, for causes that are there to be looked up.
    pub lookup: Option<&'static str>,
}

/// Every entry, in order.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [RADIO, ADVERTS, PHONE, NETWORK, SESSION].into_iter().flatten().copied()
}

/// Finds a code as a person types it.
pub fn find(code: &str) -> Option<&'static Entry> {
    let code = code.trim();
    all().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

/// What `hybridd explain CODE` prints.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            name,
            means,
            todo,
            depends_on,
            lookup,
        } = self;
        write!(f, "{code}: {name}\n  {means}\n  What to do: {todo}")?;
        if !depends_on.is_empty() {
            write!(f, "\n  Not reported together with: {}", depends_on.join(", "))?;
        }
        if let Some(why) = lookup {
            write!(f, "\n  hybridd never reports this: {why}.")?;
        }
        Ok(())
    }
}

/// Declares the entries of one group and the list of them.
macro_rules! entries {
    ($list:ident: $($code:ident $name:literal { means: $means:literal, todo: $todo:literal $(, depends_on: [$($cause:ident),+])? $(, lookup: $lookup:literal)? $(,)? })+) => {
        $(
            #[doc = $name]
            pub static $code: $crate::catalogue::Entry = $crate::catalogue::Entry {
                code: stringify!($code),
                name: $name,
                means: $means,
                todo: $todo,
                depends_on: &[$($(stringify!($cause)),+)?],
                lookup: $crate::catalogue::reason!($($lookup)?),
            };
        )+
        pub(super) static $list: &[&$crate::catalogue::Entry] = &[$(&$code),+];
    };
}
use entries;

/// Why an entry is there only to be looked up, if it is.
macro_rules! reason {
    () => {
        None
    };
    ($reason:literal) => {
        Some($reason)
    };
}
use reason;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_there_once_and_is_found_in_either_case() {
        let codes: BTreeSet<_> = all().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), all().count());
        for entry in all() {
            assert_eq!(find(&entry.code.to_lowercase()), Some(entry));
        }
        assert_eq!(find("BT00"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn every_cause_has_sentences_and_advice() {
        for entry in all() {
            for sentence in [entry.means, entry.todo] {
                assert!(sentence.ends_with('.') && sentence.len() > 20, "{}", entry.code);
                assert!(!sentence.contains("  ") && !sentence.contains('\n'), "{}", entry.code);
            }
        }
    }

    #[test]
    fn a_consequence_names_causes_that_exist_and_never_depends_on_itself() {
        fn causes(code: &str, seen: &mut Vec<&'static str>) {
            for cause in find(code).unwrap().depends_on {
                if !seen.contains(cause) {
                    seen.push(cause);
                    causes(cause, seen);
                }
            }
        }
        for entry in all() {
            let mut seen = Vec::new();
            causes(entry.code, &mut seen);
            assert!(!seen.contains(&entry.code), "{}", entry.code);
        }
    }
}
