//! What can be wrong inside a store's file.

use hybrid_protocol::BadScalar;
use std::fmt;

/// What is wrong inside a store's file.
#[derive(Debug)]
pub enum StoreDamage {
    /// It is not the JSON of a store, from this place on. The parser's own error is not kept: it
    /// repeats what stands there, and keys do.
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// This member is not base64url.
    Base64(&'static str),
    /// This member is not 32 bytes.
    Length(&'static str),
    /// A private key is none.
    Key(BadScalar),
}

impl fmt::Display for StoreDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { line, column } => write!(f, "line {line}, column {column}"),
            Self::Base64(what) => write!(f, "{what} is not base64url"),
            Self::Length(what) => write!(f, "{what} is not 32 bytes"),
            Self::Key(_) => f.write_str("a stored private key is not a P-256 key"),
        }
    }
}

impl std::error::Error for StoreDamage {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json { .. } | Self::Base64(_) | Self::Length(_) => None,
            Self::Key(error) => Some(error),
        }
    }
}
