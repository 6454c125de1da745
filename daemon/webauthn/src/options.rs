//! The options JSON of WebAuthn Level 3 (section 5.1.8 and 5.1.9), read once. Unknown members are
//! ignored, as browsers do.

use crate::base64url::base64url;
use crate::descriptor::{CredentialDescriptor, PUBLIC_KEY};
use crate::error::{MAX_JSON, OptionsError};
use crate::extensions::ExtensionInputs;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Phones sign with ECDSA on P-256 and nothing else.
pub(super) const ES256: i64 = -7;
const RS256: i64 = -257;
/// WebAuthn Level 3 section 5.4.3.
pub(super) const MAX_USER_ID: usize = 64;

/// What a registration asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreationOptions {
    pub(super) rp: RelyingParty,
    pub(super) user: UserAccount,
    #[serde(deserialize_with = "base64url")]
    pub(super) challenge: Vec<u8>,
    pub(super) pub_key_cred_params: Vec<CredentialParameter>,
    #[serde(default)]
    pub(super) exclude_credentials: Vec<CredentialDescriptor>,
    #[serde(default)]
    pub(super) authenticator_selection: AuthenticatorSelection,
    pub(super) attestation: Option<String>,
    #[serde(default)]
    pub(super) extensions: ExtensionInputs,
}

/// What a sign-in asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestOptions {
    #[serde(deserialize_with = "base64url")]
    pub(super) challenge: Vec<u8>,
    pub(super) rp_id: Option<String>,
    #[serde(default)]
    pub(super) allow_credentials: Vec<CredentialDescriptor>,
    #[serde(default)]
    pub(super) user_verification: Requirement,
    #[serde(default)]
    pub(super) extensions: ExtensionInputs,
}

#[derive(Deserialize)]
pub(super) struct RelyingParty {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserAccount {
    #[serde(deserialize_with = "base64url")]
    pub(super) id: Vec<u8>,
    pub(super) name: Option<String>,
    pub(super) display_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CredentialParameter {
    #[serde(rename = "type")]
    kind: String,
    pub(super) alg: i64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthenticatorSelection {
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

impl CreationOptions {
    pub(super) fn parse(json: &str) -> Result<Self, OptionsError> {
        let mut options: Self = parse(json)?;
        if !(1..=MAX_USER_ID).contains(&options.user.id.len()) {
            return Err(OptionsError::UserId(options.user.id.len()));
        }
        if options
            .authenticator_selection
            .authenticator_attachment
            .as_deref()
            == Some("platform")
        {
            return Err(OptionsError::PlatformOnly);
        }
        let named = !options.pub_key_cred_params.is_empty();
        options
            .pub_key_cred_params
            .retain(|param| param.kind == PUBLIC_KEY);
        if !named {
            let param = |alg| CredentialParameter {
                kind: PUBLIC_KEY.to_owned(),
                alg,
            };
            options.pub_key_cred_params = vec![param(ES256), param(RS256)];
        }
        if options
            .pub_key_cred_params
            .iter()
            .all(|param| param.alg != ES256)
        {
            return Err(OptionsError::NoEs256(
                options
                    .pub_key_cred_params
                    .iter()
                    .map(|param| param.alg)
                    .collect(),
            ));
        }
        options
            .exclude_credentials
            .retain(CredentialDescriptor::is_public_key);
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

impl RequestOptions {
    pub(super) fn parse(json: &str) -> Result<Self, OptionsError> {
        let mut options: Self = parse(json)?;
        let named = !options.allow_credentials.is_empty();
        options
            .allow_credentials
            .retain(CredentialDescriptor::is_public_key);
        // An allow list of unknown kinds must not turn into "any passkey".
        if named && options.allow_credentials.is_empty() {
            return Err(OptionsError::NothingAllowed);
        }
        options
            .extensions
            .check_sign_in(&options.allow_credentials)?;
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
        Ok(
            match Option::<String>::deserialize(deserializer)?.as_deref() {
                Some("required") => Self::Required,
                Some("discouraged") => Self::Discouraged,
                _ => Self::Preferred,
            },
        )
    }
}

/// Takes the options bare, or inside the `publicKey` member that many servers wrap them in.
fn parse<T: DeserializeOwned>(json: &str) -> Result<T, OptionsError> {
    if json.len() > MAX_JSON {
        return Err(OptionsError::TooLong(json.len()));
    }
    let mut value: serde_json::Value = serde_json::from_str(json).map_err(OptionsError::Json)?;
    if let Some(inner) = value.get_mut("publicKey").filter(|inner| inner.is_object()) {
        value = inner.take();
    }
    drop_nulls(&mut value);
    serde_path_to_error::deserialize(value).map_err(OptionsError::Member)
}

/// Many servers write a member that they do not set as null.
fn drop_nulls(value: &mut serde_json::Value) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(drop_nulls);
    }
}
