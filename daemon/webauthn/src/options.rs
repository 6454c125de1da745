//! The options JSON of WebAuthn Level 3 (section 5.1.8 and 5.1.9), read once. Unknown members are
//! ignored, as browsers do, and so are unknown words where section 2.1.1 says so.

use crate::descriptor::{CredentialDescriptor, PUBLIC_KEY};
use crate::error::OptionsError;
use crate::extensions::ExtensionInputs;
use crate::options_kind::OptionsKind;
use crate::webidl::{Dictionary, Member, WrongMember};
use crate::wrapping::Found;
use hybrid_protocol::printable;

/// Phones sign with ECDSA on P-256 and nothing else.
pub(super) const ES256: i32 = -7;
const RS256: i32 = -257;
/// WebAuthn Level 3 section 5.4.3.
pub(super) const MAX_USER_ID: usize = 64;

/// What a registration asks for.
pub(super) struct CreationOptions {
    pub(super) rp: RelyingParty,
    pub(super) user: UserAccount,
    pub(super) challenge: Vec<u8>,
    pub(super) pub_key_cred_params: Vec<CredentialParameter>,
    pub(super) exclude_credentials: Vec<CredentialDescriptor>,
    pub(super) authenticator_selection: AuthenticatorSelection,
    pub(super) attestation: Option<String>,
    pub(super) extensions: ExtensionInputs,
}

/// What a sign-in asks for.
pub(super) struct RequestOptions {
    pub(super) challenge: Vec<u8>,
    pub(super) rp_id: Option<String>,
    pub(super) allow_credentials: Vec<CredentialDescriptor>,
    pub(super) user_verification: Requirement,
    pub(super) extensions: ExtensionInputs,
}

pub(super) struct RelyingParty {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

pub(super) struct UserAccount {
    pub(super) id: Vec<u8>,
    pub(super) name: Option<String>,
    pub(super) display_name: Option<String>,
}

pub(super) struct CredentialParameter {
    kind: String,
    pub(super) alg: i32,
}

#[derive(Default)]
pub(super) struct AuthenticatorSelection {
    authenticator_attachment: Option<String>,
    resident_key: Option<String>,
    require_resident_key: bool,
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
        let found = Found::in_json(json, OptionsKind::Registration)?;
        let mut options = Self::read(&found.dictionary()?)?;
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
        options
            .pub_key_cred_params
            .retain(|param| param.kind == PUBLIC_KEY);
        let mut algorithms = options.pub_key_cred_params.iter().map(|param| param.alg);
        if !algorithms.any(|alg| alg == ES256) {
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

    fn read(options: &Dictionary<'_>) -> Result<Self, WrongMember> {
        let params = options.optional("pubKeyCredParams", Member::list)?;
        let selection = options.optional("authenticatorSelection", Member::dictionary)?;
        Ok(Self {
            rp: RelyingParty::read(options.required("rp", "the relying party")?)?,
            user: UserAccount::read(options.required("user", "the user's account")?)?,
            challenge: challenge(options)?,
            pub_key_cred_params: CredentialParameter::read_list(params.unwrap_or_default())?,
            exclude_credentials: CredentialDescriptor::read_list(options, "excludeCredentials")?,
            authenticator_selection: match selection {
                Some(selection) => AuthenticatorSelection::read(&selection)?,
                None => AuthenticatorSelection::default(),
            },
            attestation: options.optional("attestation", Member::text)?,
            extensions: ExtensionInputs::read_member(options)?,
        })
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
        let found = Found::in_json(json, OptionsKind::SignIn)?;
        let mut options = Self::read(&found.dictionary()?)?;
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

    fn read(options: &Dictionary<'_>) -> Result<Self, WrongMember> {
        Ok(Self {
            challenge: challenge(options)?,
            rp_id: options.optional("rpId", Member::text)?,
            allow_credentials: CredentialDescriptor::read_list(options, "allowCredentials")?,
            user_verification: Requirement::read_member(options)?,
            extensions: ExtensionInputs::read_member(options)?,
        })
    }
}

fn challenge(options: &Dictionary<'_>) -> Result<Vec<u8>, WrongMember> {
    options.required("challenge", "base64url")?.some_bytes()
}

impl RelyingParty {
    fn read(rp: Member<'_>) -> Result<Self, WrongMember> {
        let rp = rp.dictionary()?;
        Ok(Self {
            id: rp.optional("id", Member::text)?,
            name: rp.optional("name", Member::text)?,
        })
    }
}

impl UserAccount {
    fn read(user: Member<'_>) -> Result<Self, WrongMember> {
        let user = user.dictionary()?;
        Ok(Self {
            id: user.required("id", "1 to 64 bytes in base64url")?.bytes()?,
            name: user.optional("name", Member::text)?,
            display_name: user.optional("displayName", Member::text)?,
        })
    }

    /// What a person knows the account by; none when the site names nothing that can be seen.
    pub(super) fn shown_name(&self) -> Option<String> {
        let names = [&self.name, &self.display_name].into_iter().flatten();
        let mut shown = names.map(|name| printable(name).trim().to_owned());
        shown.find(|name| !name.is_empty())
    }
}

impl CredentialParameter {
    /// An empty list means the defaults (section 5.1.3); what is no number names no algorithm.
    fn read_list(params: Vec<Member<'_>>) -> Result<Vec<Self>, WrongMember> {
        if params.is_empty() {
            let param = |alg| Self {
                kind: PUBLIC_KEY.to_owned(),
                alg,
            };
            return Ok(vec![param(ES256), param(RS256)]);
        }
        let params = params.into_iter().map(|param| {
            let param = param.dictionary()?;
            let kind = param.converted("type", "the word public-key")?.text()?;
            let alg = param.converted("alg", "a number")?.long();
            Ok(alg.map(|alg| Self { kind, alg }))
        });
        params.filter_map(Result::transpose).collect()
    }
}

impl AuthenticatorSelection {
    fn read(selection: &Dictionary<'_>) -> Result<Self, WrongMember> {
        Ok(Self {
            authenticator_attachment: selection
                .optional("authenticatorAttachment", Member::text)?,
            resident_key: selection.optional("residentKey", Member::text)?,
            require_resident_key: selection
                .get("requireResidentKey")
                .is_some_and(Member::boolean),
            user_verification: Requirement::read_member(selection)?,
        })
    }
}

impl Requirement {
    fn read_member(of: &Dictionary<'_>) -> Result<Self, WrongMember> {
        let word = of.optional("userVerification", Member::text)?;
        Ok(match word.as_deref() {
            Some("required") => Self::Required,
            Some("discouraged") => Self::Discouraged,
            _ => Self::Preferred,
        })
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}
