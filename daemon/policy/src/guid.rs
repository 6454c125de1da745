//! Ids of directories and models, in every form in which exports write them.

use hybrid_protocol::ctap::Aaguid;
use std::fmt;

/// The id of an object of the directory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Guid([u8; 16]);

impl Guid {
    /// From the number that its hexadecimal form is.
    pub const fn of(number: u128) -> Self {
        Self(number.to_be_bytes())
    }

    /// Either case, with or without braces, with all hyphens or none.
    pub fn parse(text: &str) -> Option<Self> {
        sixteen_bytes(text).map(Self)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Aaguid(self.0).fmt(f)
    }
}

/// A model id, in the same forms.
pub fn parse_aaguid(text: &str) -> Option<Aaguid> {
    sixteen_bytes(text).map(Aaguid)
}

fn sixteen_bytes(text: &str) -> Option<[u8; 16]> {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let text = text.trim();
    let text = match text.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?,
        None => text,
    };
    let hyphens = text.bytes().filter(|byte| *byte == b'-').count();
    let placed = HYPHENS
        .iter()
        .all(|place| text.as_bytes().get(*place) == Some(&b'-'));
    if hyphens != 0 && !(hyphens == HYPHENS.len() && placed) {
        return None;
    }
    let digits: String = text.chars().filter(|char| *char != '-').collect();
    let plain = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| plain)?;
    Some(number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_that_are_no_id_are_refused() {
        for text in [
            "",
            "{",
            "+0000000000000000000000000000001",
            "de1e552d-db1d4423-a619-566b625cdc84",
            "{de1e552d-db1d-4423-a619-566b625cdc84",
            "de1e552d-db1d-4423-a619-566b625cdc8",
            "de1e552ddb1d4423a619566b625cdc8é",
        ] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_id_is_read_back_in_every_form(number: u128) {
            let id = Guid::of(number);
            let text = id.to_string();
            let forms = [text.to_uppercase(), format!("{{{text}}}"), text.replace('-', ""), format!(" {text}\n")];
            for form in forms {
                prop_assert_eq!(Guid::parse(&form), Some(id));
            }
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = Guid::parse(&text);
        }
    }
}
