//! The options JSON of WebAuthn Level 3 (section 5.1.8 and 5.1.9), read once. Unknown members are ignored, as browsers do.

use super::extensions::ExtensionInputs;
use super::origin::OriginError;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Phones sign with ECDSA on P-256 and nothing else.
pub(super) const ES256: i64 = -7;
const RS256: i64 = -257;
/// WebAuthn Level 3 section 5.4.3.
pub(super) const MAX_USER_ID: usize = 64;
const PUBLIC_KEY: &str = "public-key";
/// Larger than any options of a real site by far.
const MAX_JSON: usize = 1 << 20;

/// What a registration asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Creation {
    pub(super) rp: Rp,
    pub(super) user: User,
    #[serde(deserialize_with = "base64url")]
    pub(super) challenge: Vec<u8>,
    pub(super) pub_key_cred_params: Vec<Param>,
    #[serde(default)]
    pub(super) exclude_credentials: Vec<Descriptor>,
    #[serde(default)]
    pub(super) authenticator_selection: Selection,
    pub(super) attestation: Option<String>,
    #[serde(default)]
    pub(super) extensions: ExtensionInputs,
}

/// What a sign-in asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    #[serde(deserialize_with = "base64url")]
    pub(super) challenge: Vec<u8>,
    pub(super) rp_id: Option<String>,
    #[serde(default)]
    pub(super) allow_credentials: Vec<Descriptor>,
    #[serde(default)]
    pub(super) user_verification: Requirement,
    #[serde(default)]
    pub(super) extensions: ExtensionInputs,
}

#[derive(Deserialize)]
pub(super) struct Rp {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    #[serde(deserialize_with = "base64url")]
    pub(super) id: Vec<u8>,
    pub(super) name: Option<String>,
    pub(super) display_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Param {
    #[serde(rename = "type")]
    kind: String,
    pub(super) alg: i64,
}

#[derive(Deserialize)]
pub(super) struct Descriptor {
    #[serde(rename = "type")]
    kind: String,
    #[serde(deserialize_with = "base64url")]
    pub(super) id: Vec<u8>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Selection {
    authenticator_attachment: Option<String>,
    resident_key: Option<String>,
    #[serde(default)]
    require_resident_key: bool,
    #[serde(default)]
    pub(super) user_verification: Requirement,
}

/// How much the site wants something. An unknown value counts as the default, as in browsers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Requirement {
    Required,
    #[default]
    Preferred,
    Discouraged,
}

impl Creation {
    pub(super) fn parse(json: &str) -> Result<Self, OptionsError> {
        let mut options: Self = parse(json)?;
        if !(1..=MAX_USER_ID).contains(&options.user.id.len()) {
            return Err(OptionsError::UserId(options.user.id.len()));
        }
        if options.authenticator_selection.authenticator_attachment.as_deref() == Some("platform") {
            return Err(OptionsError::PlatformOnly);
        }
        let named = !options.pub_key_cred_params.is_empty();
        options.pub_key_cred_params.retain(|param| param.kind == PUBLIC_KEY);
        if !named {
            let param = |alg| Param {
                kind: PUBLIC_KEY.to_owned(),
                alg,
            };
            options.pub_key_cred_params = vec![param(ES256), param(RS256)];
        }
        if options.pub_key_cred_params.iter().all(|param| param.alg != ES256) {
            return Err(OptionsError::NoEs256(
                options.pub_key_cred_params.iter().map(|param| param.alg).collect(),
            ));
        }
        options
            .exclude_credentials
            .retain(|descriptor| descriptor.kind == PUBLIC_KEY);
        options.extensions.check_registration()?;
        Ok(options)
    }

    pub(super) fn resident_key(&self) -> Requirement {
        match self.authenticator_selection.resident_key.as_deref() {
            Some("required") => Requirement::Required,
            Some("preferred") => Requirement::Preferred,
            Some("discouraged") => Requirement::Discouraged,
            _ if self.authenticator_selection.require_resident_key => Requirement::Required,
            _ => Requirement::Discouraged,
        }
    }
}

impl Request {
    pub(super) fn parse(json: &str) -> Result<Self, OptionsError> {
        let mut options: Self = parse(json)?;
        let named = !options.allow_credentials.is_empty();
        options
            .allow_credentials
            .retain(|descriptor| descriptor.kind == PUBLIC_KEY);
        // An allow list of unknown kinds must not turn into "any passkey".
        if named && options.allow_credentials.is_empty() {
            return Err(OptionsError::NothingAllowed);
        }
        options.extensions.check_sign_in(&options.allow_credentials)?;
        Ok(options)
    }
}

impl Requirement {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<String>::deserialize(deserializer)?.as_deref() {
            Some("required") => Self::Required,
            Some("discouraged") => Self::Discouraged,
            _ => Self::Preferred,
        })
    }
}

/// Base64url without padding, as WebAuthn JSON has it.
pub(super) fn base64url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| D::Error::custom("expected base64url without padding"))
}

/// For a member that may be left out (with `#[serde(default)]`).
pub(super) fn optional_base64url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    base64url(deserializer).map(Some)
}

/// Takes the options bare, or inside the `publicKey` member that many servers wrap them in.
fn parse<T: DeserializeOwned>(json: &str) -> Result<T, OptionsError> {
    if json.len() > MAX_JSON {
        return Err(OptionsError::TooLong(json.len()));
    }
    let mut value: serde_json::Value =
        serde_json::from_str(json).map_err(|error| OptionsError::Json(error.to_string()))?;
    if let Some(inner) = value.get_mut("publicKey").filter(|inner| inner.is_object()) {
        value = inner.take();
    }
    drop_nulls(&mut value);
    serde_path_to_error::deserialize(value).map_err(|error| OptionsError::Json(error.to_string()))
}

/// Many servers write a member that they do not set as null.
fn drop_nulls(value: &mut serde_json::Value) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(drop_nulls);
    }
}

/// Why options cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OptionsError {
    /// Not JSON, or a member is missing or mistyped.
    Json(String),
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
            Self::Json(why) => write!(f, "expected WebAuthn options as JSON: {why}"),
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

impl std::error::Error for OptionsError {}
