//! Whether ceremonies are kept, and how their sites are named.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Of a hash so many digits are kept.
const DIGITS: usize = 16;

/// The setting `history`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum HistoryKeeping {
    /// Sites by their names.
    #[default]
    Names,
    /// Sites by a hash of their names.
    Hashes,
    /// Nothing is kept.
    Off,
}

impl HistoryKeeping {
    /// How a site is named; `None` when nothing is kept. The hash has no salt, so that the same site
    /// is the same on every computer of a pilot; who knows a name can find it.
    pub fn site(self, rp_id: &str) -> Option<String> {
        match self {
            Self::Names => Some(rp_id.to_owned()),
            Self::Hashes => {
                let hash = hex::encode(Sha256::digest(rp_id));
                let digits: String = hash.chars().take(DIGITS).collect();
                Some(format!("sha256:{digits}"))
            }
            Self::Off => None,
        }
    }
}

/// Another word than the three.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoKeeping;

impl FromStr for HistoryKeeping {
    type Err = NoKeeping;

    fn from_str(text: &str) -> Result<Self, NoKeeping> {
        match text {
            "names" => Ok(Self::Names),
            "hashes" => Ok(Self::Hashes),
            "off" => Ok(Self::Off),
            _ => Err(NoKeeping),
        }
    }
}

impl fmt::Display for HistoryKeeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Names => "names",
            Self::Hashes => "hashes",
            Self::Off => "off",
        })
    }
}

impl fmt::Display for NoKeeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected names, hashes or off")
    }
}

impl std::error::Error for NoKeeping {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_hashed_or_not_kept() {
        assert_eq!(
            HistoryKeeping::Names.site("example.com").unwrap(),
            "example.com"
        );
        assert_eq!(
            HistoryKeeping::Hashes.site("example.com").unwrap(),
            "sha256:a379a6f6eeafb9a5"
        );
        assert_eq!(HistoryKeeping::Off.site("example.com"), None);
        for keeping in [
            HistoryKeeping::Names,
            HistoryKeeping::Hashes,
            HistoryKeeping::Off,
        ] {
            assert_eq!(keeping.to_string().parse(), Ok(keeping));
        }
        assert!("on".parse::<HistoryKeeping>().is_err());
    }
}
