//! For whom a credential is: a web domain, or what a program calls itself.

use sha2::{Digest, Sha256};

/// A relying party's id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RpId(String);

impl RpId {
    /// Takes a text that is not empty.
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text. For a person's eyes it must still be filtered: a program may send any.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a domain, as the ids of web pages are. `ssh:` and `pam://host` are none, and
    /// whatever is not surely a domain is treated as they are: claiming one of their credentials
    /// falsely takes a sign-in from another key.
    pub fn is_domain(&self) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(allowed);
        self.0.len() <= 253 && self.0.split('.').all(label)
    }

    /// Whether it is one of OpenSSH's.
    pub fn is_ssh(&self) -> bool {
        self.0.starts_with("ssh:")
    }

    /// Whether it is one of pam-u2f's.
    pub fn is_pam(&self) -> bool {
        self.0.starts_with("pam:")
    }

    /// The hash that stands in authenticator data.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_a_domain_is_one() {
        let is_domain = |text: &str| RpId::new(text).unwrap().is_domain();
        for domain in [
            "example.org",
            "localhost",
            "a.b-c.xn--p1ai",
            "login.EXAMPLE.com",
            "_x.org",
        ] {
            assert!(is_domain(domain), "{domain}");
        }
        let long = "a".repeat(64);
        let deep = "a.".repeat(127);
        for other in [
            "ssh:",
            "ssh:work",
            "pam://host",
            "pam:",
            "https://example.org",
            "example.org:443",
            "example..org",
            ".org",
            "example.org.",
            "bücher.de",
            "two words",
            "user@example.org",
            "android:apk-key-hash:x",
            &long,
            &deep,
        ] {
            assert!(!is_domain(other), "{other}");
        }
        assert_eq!(RpId::new(""), None);
    }
}
