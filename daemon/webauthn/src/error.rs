//! Why nothing is asked of a phone: the site's options cannot be used, or this phone cannot do what
//! they require.

use crate::origin::OriginError;
use std::error::Error;
use std::fmt;

/// Larger than any options of a real site by far.
pub(crate) const MAX_JSON: usize = 1 << 20;

/// Why options cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum OptionsError {
    /// Not JSON.
    Json(serde_json::Error),
    /// A member is missing or mistyped; the error says which.
    Member(serde_path_to_error::Error<serde_json::Error>),
    /// More than a megabyte.
    TooLong(usize),
    /// The relying party is not the origin's to use.
    RpId(OriginError),
    /// The user id has another length than 1 to 64 bytes.
    UserId(usize),
    /// The site accepts none of the algorithms that phones sign with.
    NoEs256(Vec<i64>),
    /// The site wants a passkey of this very machine.
    PlatformOnly,
    /// The allow list names nothing that is a passkey.
    NothingAllowed,
    /// The inputs of an extension break its rules.
    Extension(&'static str),
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "expected WebAuthn options as JSON: {error}"),
            Self::Member(error) => write!(f, "expected WebAuthn options as JSON: {error}"),
            Self::TooLong(got) => write!(f, "expected at most {MAX_JSON} bytes of options, got {got}"),
            Self::RpId(error) => error.fmt(f),
            Self::UserId(got) => write!(f, "expected a user.id of 1 to 64 bytes, got {got}"),
            Self::NoEs256(got) if got.is_empty() => {
                f.write_str("expected an algorithm of type public-key in pubKeyCredParams, got other types alone")
            }
            Self::NoEs256(got) => {
                write!(
                    f,
                    "the site accepts the algorithms {got:?}, but phones sign with ES256 (-7) alone: nothing to ask for"
                )
            }
            Self::PlatformOnly => {
                f.write_str("the site wants a passkey of this machine (platform); a phone is cross-platform")
            }
            Self::Extension(why) => write!(f, "the site's extension inputs are wrong: {why}"),
            Self::NothingAllowed => {
                f.write_str("expected credentials of type public-key in allowCredentials, got other types alone")
            }
        }
    }
}

impl Error for OptionsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Member(error) => Some(error),
            Self::RpId(error) => Some(error),
            Self::TooLong(_)
            | Self::UserId(_)
            | Self::NoEs256(_)
            | Self::PlatformOnly
            | Self::NothingAllowed
            | Self::Extension(_) => None,
        }
    }
}

/// Why the command cannot be made for this phone.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CannotAsk {
    /// User verification is required and the phone says that it has none set up.
    NoUserVerification,
    /// A passkey that needs no user name is required and the phone says that it keeps none.
    NoResidentKey,
    /// The site insists on a protection level that the phone does not offer.
    NoCredProtect,
    /// The site insists on storing data with the passkey.
    NoLargeBlob,
}

impl fmt::Display for CannotAsk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoUserVerification => {
                "the site requires user verification, and the phone says that it cannot verify its user"
            }
            Self::NoResidentKey => "the site requires a discoverable passkey, and the phone says that it keeps none",
            Self::NoCredProtect => "the site insists on credential protection, which the phone does not offer",
            Self::NoLargeBlob => {
                "the site insists on storing data with the passkey (largeBlob), which the phone does not offer"
            }
        })
    }
}

impl Error for CannotAsk {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ceremony::Ceremony;
    use crate::origin::Origin;

    #[test]
    fn options_that_cannot_be_used_keep_the_cause() {
        let refused = |json: &str| {
            let origin = Origin::parse("https://example.com").unwrap();
            Ceremony::sign_in(origin, json).err().unwrap()
        };
        for (json, told) in [
            (
                "{",
                "expected WebAuthn options as JSON: EOF while parsing an object at line 1 column 1",
            ),
            (
                r#"{"challenge": 1}"#,
                "expected WebAuthn options as JSON: challenge: invalid type: integer `1`, expected a string",
            ),
        ] {
            let error = refused(json);
            assert_eq!(error.to_string(), told);
            assert!(told.ends_with(&error.source().unwrap().to_string()));
        }
        let foreign = refused(r#"{"challenge": "AAAA", "rpId": "example.org"}"#);
        assert!(foreign.source().unwrap().is::<OriginError>());
        let typed = Origin::parse("https://").unwrap_err();
        assert!(typed.source().unwrap().is::<url::ParseError>());
    }
}
