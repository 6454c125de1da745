//! Every cause that the diagnosis knows: a stable code, what it means and what to do. Texts are
//! whole sentences in plain language.
//!
//! Codes are grouped by where the fault lies, in the order in which a sign-in meets them.

mod adverts;
mod entry;
mod messages_of_others;
mod network;
mod phone;
mod radio;
mod security_key;
mod session;

pub use adverts::*;
pub use entry::Entry;
pub use messages_of_others::{Message, MessageSource, SOURCES, about, message};
pub use network::*;
pub use phone::*;
pub use radio::*;
pub use security_key::*;
pub use session::*;

/// Every entry, in order.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [RADIO, ADVERTS, PHONE, NETWORK, SESSION, SECURITY_KEY]
        .into_iter()
        .flatten()
        .copied()
}

/// Finds a code as a person types it.
pub fn find(code: &str) -> Option<&'static Entry> {
    let code = code.trim();
    all().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

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
                assert!(
                    sentence.ends_with('.') && sentence.len() > 20,
                    "{}",
                    entry.code
                );
                assert!(
                    !sentence.contains("  ") && !sentence.contains('\n'),
                    "{}",
                    entry.code
                );
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
