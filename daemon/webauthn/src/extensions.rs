//! Client extensions: prf, largeBlob, credProps, credProtect. Others are ignored, which WebAuthn
//! allows for every extension.
//!
//! A phone serves one command, so an extension works only in the form that needs no second one:
//! `prf` and `largeBlob` as extensions of their own, not `hmac-secret` with its key agreement at
//! sign-in, and not the largeBlobs command.

mod large_blob;
mod outputs;
mod prf;

pub(crate) use outputs::ExtensionOutputs;

use crate::descriptor::CredentialDescriptor;
use crate::error::{CannotAsk, OptionsError};
use crate::webidl::{Dictionary, Member, WrongMember};
use hybrid_protocol::cbor::Value as Cbor;
use hybrid_protocol::ctap::GetInfo;
use large_blob::{LargeBlobInput, LargeBlobSupport};
use prf::PrfInput;
use serde_json::{Map, Value, json};

/// What a site wants of the extensions that are known here.
#[derive(Default)]
pub(super) struct ExtensionInputs {
    prf: Option<PrfInput>,
    large_blob: Option<LargeBlobInput>,
    cred_props: bool,
    credential_protection_policy: Option<String>,
    enforce_credential_protection_policy: bool,
}

impl ExtensionInputs {
    /// The inputs that are a member of these options.
    pub(super) fn read_member(options: &Dictionary<'_>) -> Result<Self, WrongMember> {
        let inputs = options.optional("extensions", Member::dictionary)?;
        let Some(inputs) = inputs else {
            return Ok(Self::default());
        };
        let flag = |name| inputs.get(name).is_some_and(Member::boolean);
        Ok(Self {
            prf: inputs.optional("prf", PrfInput::read)?,
            large_blob: inputs.optional("largeBlob", LargeBlobInput::read)?,
            cred_props: flag("credProps"),
            credential_protection_policy: inputs
                .optional("credentialProtectionPolicy", Member::text)?,
            enforce_credential_protection_policy: flag("enforceCredentialProtectionPolicy"),
        })
    }

    /// The rules that WebAuthn sets for inputs of a registration.
    pub(super) fn check_registration(&self) -> Result<(), OptionsError> {
        if self
            .prf
            .as_ref()
            .is_some_and(PrfInput::is_for_given_passkeys)
        {
            return Err(OptionsError::Extension(
                "prf.evalByCredential is valid only in a sign-in",
            ));
        }
        match &self.large_blob {
            Some(input) if input.wants_read() || input.write.is_some() => {
                Err(OptionsError::Extension(
                    "largeBlob.read and largeBlob.write are valid only in a sign-in",
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The rules that WebAuthn sets for inputs of a sign-in.
    pub(super) fn check_sign_in(
        &self,
        allowed: &[CredentialDescriptor],
    ) -> Result<(), OptionsError> {
        if let Some(prf) = &self.prf {
            prf.check(allowed)?;
        }
        match &self.large_blob {
            Some(input) if input.wants_read() && input.write.is_some() => Err(
                OptionsError::Extension("largeBlob accepts read or write, not both"),
            ),
            Some(input) if input.write.is_some() && allowed.len() != 1 => {
                Err(OptionsError::Extension(
                    "largeBlob.write needs exactly one passkey in allowCredentials",
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The extensions of makeCredential for this phone.
    pub(super) fn for_registration(&self, phone: &GetInfo) -> Result<Vec<(Cbor, Cbor)>, CannotAsk> {
        let mut map = Vec::new();
        let mut put = |name: &str, value| map.push((Cbor::from(name), value));
        match self.cred_protect() {
            Some(level) if phone.has_extension("credProtect") => {
                put("credProtect", Cbor::from(level))
            }
            Some(level) if level > 1 && self.enforce_credential_protection_policy => {
                return Err(CannotAsk::NoCredProtect);
            }
            Some(_) | None => {}
        }
        match &self.prf {
            Some(prf) if phone.has_extension("prf") => put("prf", prf.for_registration()),
            // Without the PIN protocol no value comes out, but the passkey is made ready for them.
            Some(_) if phone.has_extension("hmac-secret") => put("hmac-secret", Cbor::from(true)),
            Some(_) | None => {}
        }
        match self.large_blob.as_ref().map(|input| input.support) {
            Some(support) if phone.has_extension("largeBlob") => {
                put("largeBlob", support.for_registration())
            }
            Some(LargeBlobSupport::Required) => return Err(CannotAsk::NoLargeBlob),
            Some(LargeBlobSupport::Preferred) | None => {}
        }
        Ok(map)
    }

    /// The extensions of getAssertion for this phone.
    pub(super) fn for_sign_in(&self, phone: &GetInfo) -> Vec<(Cbor, Cbor)> {
        let mut map = Vec::new();
        let mut put = |name: &str, value| map.push((Cbor::from(name), value));
        if let Some(prf) = self.prf.as_ref().filter(|_| phone.has_extension("prf")) {
            put("prf", prf.for_sign_in());
        }
        let large_blob = self
            .large_blob
            .as_ref()
            .and_then(LargeBlobInput::for_sign_in);
        if let Some(input) = large_blob.filter(|_| phone.has_extension("largeBlob")) {
            put("largeBlob", input);
        }
        map
    }

    /// The client extension results of a registration.
    pub(super) fn registration_results(
        &self,
        resident: bool,
        outputs: ExtensionOutputs<'_>,
    ) -> Value {
        let mut results = Map::new();
        if self.cred_props {
            results.insert("credProps".to_owned(), json!({ "rk": resident }));
        }
        if self.prf.is_some() {
            results.insert("prf".to_owned(), prf::registration_result(outputs));
        }
        if self.large_blob.is_some() {
            results.insert(
                "largeBlob".to_owned(),
                large_blob::registration_result(outputs),
            );
        }
        Value::Object(results)
    }

    /// The client extension results of a sign-in.
    pub(super) fn sign_in_results(&self, outputs: ExtensionOutputs<'_>) -> Value {
        let mut results = Map::new();
        if self.prf.is_some() {
            results.insert("prf".to_owned(), prf::sign_in_result(outputs));
        }
        if let Some(input) = &self.large_blob {
            results.insert("largeBlob".to_owned(), input.sign_in_result(outputs));
        }
        Value::Object(results)
    }

    /// The `credProtect` level, if the site names one.
    fn cred_protect(&self) -> Option<u8> {
        match self.credential_protection_policy.as_deref()? {
            "userVerificationOptional" => Some(1),
            "userVerificationOptionalWithCredentialIDList" => Some(2),
            "userVerificationRequired" => Some(3),
            _ => None,
        }
    }
}
