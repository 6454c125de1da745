//! Every rule that is applied: a stable code, its layer, how sure it can ever be, what it means,
//! what to do, the smallest change that would turn it, and the page that it rests on.

mod attestation;
mod bootstrap;
mod capability;
mod enforcement;
mod input;
mod page;
mod provider;
mod recovery;
mod rule;

pub use attestation::*;
pub use bootstrap::*;
pub use capability::*;
pub use enforcement::*;
pub use input::*;
pub use page::Page;
pub use provider::*;
pub use recovery::*;
pub use rule::{Layer, Rule, Source};

/// Every rule, in the order of layers.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        INPUT_RULES,
        CAPABILITY_RULES,
        ATTESTATION_RULES,
        BOOTSTRAP_RULES,
        PROVIDER_RULES,
        ENFORCEMENT_RULES,
        RECOVERY_RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Finds a code as a person types it.
pub fn find(code: &str) -> Option<&'static Rule> {
    let code = code.trim();
    all().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// The rules whose codes stand in a text, with anything around them, and perhaps read out as
/// `PK 050`; each once.
pub fn named_in(text: &str) -> Vec<&'static Rule> {
    let words: Vec<&str> = { text.split(|char: char| !char.is_ascii_alphanumeric()) }
        .filter(|word| !word.is_empty())
        .collect();
    let pairs = words.windows(2).map(<[&str]>::concat);
    let whole = words.iter().map(|word| (*word).to_owned());
    let mut rules: Vec<&Rule> = Vec::new();
    for rule in whole.chain(pairs).filter_map(|word| find(&word)) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_there_once_and_is_found_in_either_case() {
        let codes: BTreeSet<_> = all().map(|rule| rule.code).collect();
        assert_eq!((codes.len(), all().count()), (62, 62));
        for rule in all() {
            assert_eq!(find(&rule.code.to_lowercase()), Some(rule));
        }
        assert_eq!(find("PK999"), None);
    }

    #[test]
    fn every_rule_has_sentences_and_says_what_its_page_states() {
        for rule in all() {
            for text in [rule.means, rule.todo, rule.flip, rule.source.says] {
                assert!(
                    text.ends_with('.') && text.len() > 12,
                    "{}: {text}",
                    rule.code
                );
                assert!(
                    !text.contains("  ") && !text.contains('\n'),
                    "{}",
                    rule.code
                );
            }
            let page = rule.source.page;
            assert!(
                page.dated.is_none_or(|dated| dated.starts_with("20")),
                "{}",
                page.name
            );
            assert!(page.checked.starts_with("20"), "{}", page.name);
        }
    }
}
