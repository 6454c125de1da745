//! Which Bluetooth adapters a person lets this program use.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The kernel's name of an adapter: `hci` and its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AdapterName(u16);

/// Which adapters may be used.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum AdapterChoice {
    /// All there are.
    #[default]
    Any,
    /// These alone.
    Only(BTreeSet<AdapterName>),
}

/// A text that names no adapter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoAdapterName;

impl FromStr for AdapterName {
    type Err = NoAdapterName;

    fn from_str(text: &str) -> Result<Self, NoAdapterName> {
        let name = text
            .strip_prefix("hci")
            .and_then(|number| number.parse().ok())
            .map(Self)
            .ok_or(NoAdapterName)?;
        // The kernel writes neither a sign nor leading zeros; no adapter has two names.
        if name.to_string() == text {
            Ok(name)
        } else {
            Err(NoAdapterName)
        }
    }
}

impl AdapterChoice {
    /// Whether the adapter that bluetoothd calls so may be used.
    pub fn admits(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(names) => name.parse().is_ok_and(|name| names.contains(&name)),
        }
    }

    /// Those that were named.
    pub fn named(&self) -> impl Iterator<Item = AdapterName> {
        let names = match self {
            Self::Any => None,
            Self::Only(names) => Some(names),
        };
        names.into_iter().flatten().copied()
    }
}

/// As options name them: none is all.
impl FromIterator<AdapterName> for AdapterChoice {
    fn from_iter<I: IntoIterator<Item = AdapterName>>(names: I) -> Self {
        let names: BTreeSet<_> = names.into_iter().collect();
        if names.is_empty() {
            Self::Any
        } else {
            Self::Only(names)
        }
    }
}

impl fmt::Display for AdapterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hci{}", self.0)
    }
}

/// The names, as in a sentence.
impl fmt::Display for AdapterChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("all adapters"),
            Self::Only(names) => {
                let names: Vec<_> = names.iter().map(AdapterName::to_string).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

impl fmt::Display for NoAdapterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected the name of a Bluetooth adapter, such as hci0")
    }
}

impl std::error::Error for NoAdapterName {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_adapter_has_one_name() {
        assert_eq!("hci0".parse(), Ok(AdapterName(0)));
        for text in [
            "", "hci", "0", "hci00", "hci+1", "hci-1", "hci 1", "HCI1", "hci70000", "hci1:11",
        ] {
            assert_eq!(text.parse::<AdapterName>(), Err(NoAdapterName), "{text}");
        }
    }

    #[test]
    fn without_names_every_adapter_may_be_used() {
        let all: AdapterChoice = [].into_iter().collect();
        assert_eq!(all, AdapterChoice::Any);
        assert!(all.admits("hci0") && all.admits("something"));
        let one: AdapterChoice = [AdapterName(1), AdapterName(1)].into_iter().collect();
        assert!(one.admits("hci1") && !one.admits("hci0") && !one.admits("something"));
        assert_eq!(one.to_string(), "hci1");
        assert_eq!(one.named().collect::<Vec<_>>(), [AdapterName(1)]);
    }

    proptest! {
        #[test]
        fn a_name_is_read_back_from_what_it_prints(number: u16) {
            let name = AdapterName(number);
            prop_assert_eq!(name.to_string().parse(), Ok(name));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            if let Ok(name) = text.parse::<AdapterName>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
