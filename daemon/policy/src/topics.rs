//! Pages about what several codes have in common: how a person decides, and not what one verdict
//! means.

use crate::catalogue::{self, Rule};
use std::fmt;

/// A page.
#[derive(PartialEq, Eq, Debug)]
pub struct Topic {
    /// As it is typed.
    pub name: &'static str,
    /// Other words for it, with hyphens.
    pub aliases: &'static [&'static str],
    /// Rules that lead to it.
    pub codes: &'static [&'static str],
    /// The text, its title in the first line.
    pub text: &'static str,
}

/// Every page.
pub const TOPICS: &[Topic] = &[
    Topic {
        name: "ways",
        aliases: &[
            "same-device",
            "cross-device",
            "across-devices",
            "security-key",
            "attestation",
            "passkey",
            "passkeys",
        ],
        codes: &[
            "PK050", "PK051", "PK104", "PK105", "PK110", "PK111", "PK112", "PK113", "PK114",
            "PK115", "PK116", "PK117", "PK118", "PK120", "PK121", "PK122", "PK123", "PK124",
            "PK130", "PK300",
        ],
        text: include_str!("topics/ways.txt"),
    },
    Topic {
        name: "recovery",
        aliases: &[
            "lost-phone",
            "replaced-laptop",
            "lost-key",
            "stale-passkey",
            "stale-credential",
            "new-user",
        ],
        codes: &["PK031", "PK125", "PK131", "PK213", "PK220", "PK221"],
        text: include_str!("topics/recovery.txt"),
    },
    Topic {
        name: "bootstrap",
        aliases: &["first-passkey", "temporary-access-pass", "pass"],
        codes: &[
            "PK020", "PK030", "PK040", "PK041", "PK042", "PK043", "PK044", "PK045", "PK210",
            "PK211",
        ],
        text: include_str!("topics/bootstrap.txt"),
    },
    Topic {
        name: "restrictions",
        aliases: &[
            "key-restrictions",
            "enforce-key-restrictions",
            "aaguid",
            "profile",
            "profiles",
        ],
        codes: &[
            "PK004", "PK010", "PK011", "PK012", "PK013", "PK014", "PK052", "PK100", "PK101",
            "PK102", "PK103", "PK106", "PK230", "PK231",
        ],
        text: include_str!("topics/restrictions.txt"),
    },
    Topic {
        name: "enforcement",
        aliases: &[
            "enabled-is-not-enforced",
            "conditional-access",
            "strengths",
            "policy",
            "policies",
        ],
        codes: &[
            "PK000", "PK200", "PK201", "PK202", "PK203", "PK204", "PK205", "PK206", "PK212",
        ],
        text: include_str!("topics/enforcement.txt"),
    },
];

impl Topic {
    /// The page of this name, in either case, with hyphens or spaces.
    pub fn find(words: &str) -> Option<&'static Self> {
        let name: Vec<String> = { words.split(['-', '_', ' ']) }
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let name = name.join("-");
        TOPICS
            .iter()
            .find(|topic| topic.name == name || topic.aliases.contains(&name.as_str()))
    }

    /// The page that a code leads to, if it has one.
    pub fn of(code: &str) -> Option<&'static Self> {
        TOPICS.iter().find(|topic| topic.codes.contains(&code))
    }

    /// Its first line.
    pub fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The rules that lead to it.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.codes.iter().filter_map(|code| catalogue::find(code))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nCodes:\n", self.text)?;
        for rule in self.rules() {
            writeln!(f, "  {}  {}", rule.code, rule.name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_leads_to_one_page_unless_it_is_about_a_missing_input() {
        for rule in catalogue::all() {
            let leading = TOPICS
                .iter()
                .filter(|topic| topic.codes.contains(&rule.code));
            let expected = !["PK001", "PK002", "PK003"].contains(&rule.code);
            assert_eq!(leading.count(), usize::from(expected), "{}", rule.code);
        }
    }

    #[test]
    fn every_code_in_a_page_exists_and_every_name_is_found_once() {
        let mut names = BTreeSet::new();
        for topic in TOPICS {
            assert_eq!(topic.rules().count(), topic.codes.len(), "{}", topic.name);
            let words = topic.text.split(|char: char| !char.is_ascii_alphanumeric());
            for word in words.filter(|word| word.starts_with("PK")) {
                assert!(catalogue::find(word).is_some(), "{}: {word}", topic.name);
            }
            assert!(topic.text.lines().all(|line| line.chars().count() <= 120));
            for name in [topic.name].iter().chain(topic.aliases) {
                assert!(names.insert(*name), "{name}");
                assert_eq!(Topic::find(&name.to_uppercase()), Some(topic));
                assert_eq!(Topic::find(&name.replace('-', " ")), Some(topic));
            }
        }
        assert_eq!(Topic::find(""), None);
        assert_eq!(Topic::find("PK050"), None);
    }
}
