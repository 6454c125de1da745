//! What can be wrong inside a store's file.

use hybrid_protocol::BadScalar;
use std::fmt;

/// What is wrong inside a store's file.
#[derive(Debug)]
pub enum StoreDamage {
    /// It is not the JSON of a store.
    Json(serde_json::Error),
    /// This member is not base64url.
    Base64(&'static str, base64::DecodeError),
    /// This member is not 32 bytes.
    Length(&'static str),
    /// A private key is none.
    Key(BadScalar),
}

impl fmt::Display for StoreDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::Base64(what, _) => write!(f, "{what} is not base64url"),
            Self::Length(what) => write!(f, "{what} is not 32 bytes"),
            Self::Key(_) => f.write_str("a stored private key is not a P-256 key"),
        }
    }
}

impl std::error::Error for StoreDamage {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Base64(_, error) => Some(error),
            Self::Length(_) => None,
            Self::Key(error) => Some(error),
        }
    }
}
