//! Why nothing is asked of a phone: the site's options cannot be used, or this phone cannot do what
//! they require.

use crate::options_kind::OptionsKind;
use crate::origin::OriginError;
use crate::webidl::WrongMember;
use std::error::Error;
use std::fmt;

/// Larger than any options of a real site by far.
pub(crate) const MAX_JSON: usize = 1 << 20;

/// A site may list any number; more are not shown.
const MOST_ALGORITHMS: usize = 12;

/// Why options cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum OptionsError {
    /// Not JSON.
    Json(serde_json::Error),
    /// A page or XML in place of JSON.
    Page,
    /// A character stands outside of texts that a word processor or a page puts in place of another.
    Typography {
        /// The character's name, and what JSON has there.
        got: &'static str,
        /// In this line, from 1.
        line: usize,
        /// In this column of bytes, from 1.
        column: usize,
    },
    /// A text within the JSON was to hold options, and is none.
    TextIsNoJson {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// Neither UTF-8 nor UTF-16.
    Encoding,
    /// UTF-32, which JSON must not be in.
    Utf32,
    /// A member is missing or mistyped; the error says which.
    Member(WrongMember),
    /// JSON that holds no options.
    NotOptions {
        /// The kind that is asked for.
        wanted: OptionsKind,
        /// What there is instead.
        got: &'static str,
    },
    /// Options of the other kind.
    OtherKind {
        /// The kind that is asked for.
        wanted: OptionsKind,
        /// Where the others stand.
        place: String,
    },
    /// More than one set of options, at these places.
    Several(Vec<String>),
    /// More than a megabyte.
    TooLong(usize),
    /// The relying party is not the origin's to use.
    RpId(OriginError),
    /// The user id has another length than 1 to 64 bytes.
    UserId(usize),
    /// The site accepts none of the algorithms that phones sign with.
    NoEs256(Vec<i32>),
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
            Self::Json(error) => no_json(f, "the text", error),
            Self::Page => f.write_str(
                "expected WebAuthn options as JSON, got a page or XML: the address may be another one, or the server answered with an error",
            ),
            Self::Typography { got, line, column } => write!(
                f,
                "expected WebAuthn options as JSON, got {got} at line {line} column {column}: copy the options from where they are plain text"
            ),
            Self::TextIsNoJson { place, error } => no_json(f, &format!("the text at {place}"), error),
            Self::Encoding => f.write_str("expected WebAuthn options as JSON in UTF-8 or UTF-16, got another encoding"),
            Self::Utf32 => f.write_str("expected WebAuthn options as JSON in UTF-8 or UTF-16, got UTF-32"),
            Self::Member(error) => write!(f, "the WebAuthn options cannot be used: {error}"),
            Self::NotOptions { wanted, got } => write!(
                f,
                "expected WebAuthn options as JSON: an object with {} for a {wanted}, at the top level or in a member; got {got} without them",
                wanted.needed()
            ),
            Self::OtherKind { wanted: OptionsKind::SignIn, place } => write!(
                f,
                "expected the options of a sign-in, got those of a registration (at {place}): use hybridd register for them"
            ),
            Self::OtherKind { wanted: OptionsKind::Registration, place } => write!(
                f,
                "expected the options of a registration, got those of a sign-in (at {place}): use hybridd sign-in for them"
            ),
            Self::Several(places) => {
                write!(f, "expected one set of WebAuthn options, got several: at {}", places.join(", at "))
            }
            // Whoever read them may have stopped there.
            Self::TooLong(_) => write!(f, "expected at most {MAX_JSON} bytes of options, got more"),
            Self::RpId(error) => error.fmt(f),
            Self::UserId(got) => write!(f, "expected a user.id of 1 to 64 bytes, got {got}"),
            Self::NoEs256(got) if got.is_empty() => {
                f.write_str(
                    "pubKeyCredParams lists no algorithm: expected an entry of type public-key whose alg is a number, such as -7 (ES256)",
                )
            }
            Self::NoEs256(got) => {
                let named: Vec<String> = got.iter().take(MOST_ALGORITHMS).map(i32::to_string).collect();
                let more = if got.len() > MOST_ALGORITHMS { ", …" } else { "" };
                let named = named.join(", ");
                write!(
                    f,
                    "the site accepts the algorithms {named}{more}, but phones support only ES256 (-7)"
                )
            }
            Self::PlatformOnly => {
                f.write_str("the site requires a passkey on this computer (platform), but a phone is cross-platform")
            }
            Self::Extension(why) => write!(f, "the site's extension inputs are invalid: {why}"),
            Self::NothingAllowed => {
                f.write_str("expected credentials of type public-key in allowCredentials, got only other types")
            }
        }
    }
}

fn no_json(f: &mut fmt::Formatter<'_>, text: &str, error: &serde_json::Error) -> fmt::Result {
    /// How serde_json begins to say that it goes no deeper.
    const TOO_DEEP: &str = "recursion limit exceeded";
    let (line, column) = (error.line(), error.column());
    let at = format!("at line {line} column {column}");
    write!(f, "expected WebAuthn options as JSON: {text} ")?;
    if error.is_eof() {
        write!(f, "ends unexpectedly {at}")
    } else if error.to_string().starts_with(TOO_DEEP) {
        write!(f, "is nested too deeply {at} (at most 127 levels are read)")
    } else {
        write!(
            f,
            "is not valid JSON {at} (JSON requires names in double quotes and exactly one value, without comments or trailing commas)"
        )
    }
}

impl From<WrongMember> for OptionsError {
    fn from(wrong: WrongMember) -> Self {
        Self::Member(wrong)
    }
}

impl Error for OptionsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Json(error) | Self::TextIsNoJson { error, .. } => Some(error),
            Self::Member(error) => Some(error),
            Self::RpId(error) => Some(error),
            Self::Page
            | Self::Typography { .. }
            | Self::Encoding
            | Self::Utf32
            | Self::NotOptions { .. }
            | Self::OtherKind { .. }
            | Self::Several(_)
            | Self::TooLong(_)
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
                "the site requires user verification, but the phone reports that it cannot verify its user"
            }
            Self::NoResidentKey => "the site requires a discoverable passkey, but the phone reports that it does not store any",
            Self::NoCredProtect => "the site requires credential protection, which the phone does not offer",
            Self::NoLargeBlob => {
                "the site requires storing data with the passkey (largeBlob), which the phone does not offer"
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
    fn a_page_and_what_a_word_processor_makes_of_json_are_named() {
        let refused = |json: &str| {
            let origin = Origin::parse("https://example.com").unwrap();
            let error = Ceremony::sign_in(origin, json).err().unwrap();
            error.to_string()
        };
        for page in [
            "<!DOCTYPE html><title>502</title>",
            "\n  <html>",
            "<?xml version=\"1.0\"?>",
        ] {
            assert!(refused(page).contains("got a page or XML"), "{page}");
        }
        for (json, got) in [
            (
                "{\n  “challenge”: “AAAA”}",
                "got a curly quotation mark at line 2 column 3:",
            ),
            (
                "{\"challenge\": „AAAA“}",
                "got a curly quotation mark at line 1 column 15:",
            ),
            (
                "{'challenge': 'AAAA'}",
                "got a single quotation mark at line 1 column 2:",
            ),
            (
                "{\n\u{a0}\u{a0}\"challenge\": \"AAAA\"}",
                "got a no-break space at line 2 column 1:",
            ),
            (
                "\u{200b}{\"challenge\": \"AAAA\"}",
                "got an invisible character at line 1 column 1:",
            ),
        ] {
            assert!(refused(json).contains(got), "{json}: {}", refused(json));
        }
        // In a text each of these may stand, and what is wrong is elsewhere.
        let said = refused("{\"challenge\": \"“\u{a0}'\", }");
        assert!(said.contains("is not valid JSON at line 1"), "{said}");
    }

    #[test]
    fn options_that_cannot_be_used_keep_the_cause() {
        let refused = |json: &str| {
            let origin = Origin::parse("https://example.com").unwrap();
            Ceremony::sign_in(origin, json).err().unwrap()
        };
        for (json, told) in [
            (
                "{",
                "expected WebAuthn options as JSON: the text ends unexpectedly at line 1 column 1",
            ),
            (
                "{challenge: 1}",
                "expected WebAuthn options as JSON: the text is not valid JSON at line 1 column 2 (JSON requires names in double quotes and exactly one value, without comments or trailing commas)",
            ),
            (
                r#"{"challenge": {}}"#,
                "the WebAuthn options cannot be used: challenge: expected base64url, as text, got an object",
            ),
        ] {
            let error = refused(json);
            assert_eq!(error.to_string(), told);
            assert!(error.source().is_some(), "{told}");
        }
        let foreign = refused(r#"{"challenge": "AAAA", "rpId": "example.org"}"#);
        assert!(foreign.source().unwrap().is::<OriginError>());
        let typed = Origin::parse("https://").unwrap_err();
        assert!(typed.source().unwrap().is::<url::ParseError>());
    }
}
