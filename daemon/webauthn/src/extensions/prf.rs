//! The prf extension: secrets that a passkey derives from a site's values.

use super::outputs::ExtensionOutputs;
use crate::descriptor::CredentialDescriptor;
use crate::error::OptionsError;
use crate::webidl::{Dictionary, Member, WrongMember, bytes_of_name};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_protocol::cbor::{self, Value as Cbor};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The values that a site wants secrets for: for any passkey, and for single ones.
#[derive(Default)]
pub(super) struct PrfInput {
    eval: Option<PrfValues>,
    eval_by_credential: BTreeMap<CredentialId, PrfValues>,
}

struct PrfValues {
    first: Vec<u8>,
    second: Option<Vec<u8>>,
}

/// A credential id as a member name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CredentialId(Vec<u8>);

impl PrfInput {
    pub(super) fn read(prf: Member<'_>) -> Result<Self, WrongMember> {
        let prf = prf.dictionary()?;
        let by_credential = prf.optional("evalByCredential", Member::dictionary)?;
        let mut eval_by_credential = BTreeMap::new();
        for (id, values) in by_credential.iter().flat_map(Dictionary::entries) {
            let id = CredentialId(bytes_of_name(id, "prf.evalByCredential")?);
            eval_by_credential.insert(id, PrfValues::read(values)?);
        }
        Ok(Self {
            eval: prf.optional("eval", PrfValues::read)?,
            eval_by_credential,
        })
    }

    pub(super) fn is_for_given_passkeys(&self) -> bool {
        !self.eval_by_credential.is_empty()
    }

    /// WebAuthn Level 3 section 10.1.4: values for one passkey only where that passkey is asked
    /// for.
    pub(super) fn check(&self, allowed: &[CredentialDescriptor]) -> Result<(), OptionsError> {
        let known = |id: &CredentialId| allowed.iter().any(|descriptor| descriptor.id == id.0);
        if self.eval_by_credential.keys().all(known) {
            Ok(())
        } else {
            Err(OptionsError::Extension(
                "prf.evalByCredential refers to a passkey that is not in allowCredentials",
            ))
        }
    }

    /// Phones take the salts already hashed, and without the PIN protocol of hmac-secret.
    pub(super) fn for_registration(&self) -> Cbor {
        Cbor::Map(self.eval_entry().into_iter().collect())
    }

    pub(super) fn for_sign_in(&self) -> Cbor {
        let mut map: Vec<(Cbor, Cbor)> = self.eval_entry().into_iter().collect();
        if !self.eval_by_credential.is_empty() {
            let entries = self
                .eval_by_credential
                .iter()
                .map(|(id, values)| (Cbor::Bytes(id.0.clone()), values.hashed()));
            map.push((Cbor::from("evalByCredential"), Cbor::Map(entries.collect())));
        }
        Cbor::Map(map)
    }

    fn eval_entry(&self) -> Option<(Cbor, Cbor)> {
        self.eval
            .as_ref()
            .map(|values| (Cbor::from("eval"), values.hashed()))
    }
}

impl PrfValues {
    fn read(values: Member<'_>) -> Result<Self, WrongMember> {
        let values = values.dictionary()?;
        Ok(Self {
            first: values.required("first", "base64url")?.bytes()?,
            second: values.optional("second", Member::bytes)?,
        })
    }

    fn hashed(&self) -> Cbor {
        let mut map = vec![(Cbor::from("first"), salt(&self.first))];
        map.extend(
            self.second
                .as_ref()
                .map(|second| (Cbor::from("second"), salt(second))),
        );
        Cbor::Map(map)
    }
}

/// The context string keeps a site's values apart from those of an operating system.
fn salt(value: &[u8]) -> Cbor {
    let hash = Sha256::new()
        .chain_update(b"WebAuthn PRF\0")
        .chain_update(value);
    Cbor::Bytes(hash.finalize().to_vec())
}

pub(super) fn registration_result(outputs: ExtensionOutputs<'_>) -> Value {
    let prf = output(outputs);
    let by_prf = prf
        .and_then(|prf| cbor::text_entry(prf, "enabled"))
        .and_then(Cbor::as_bool);
    let by_hmac_secret = outputs
        .signed
        .and_then(Cbor::as_map)
        .and_then(|map| cbor::text_entry(map, "hmac-secret"))
        .and_then(Cbor::as_bool);
    let mut result = Map::new();
    result.insert(
        "enabled".to_owned(),
        by_prf.or(by_hmac_secret).unwrap_or_default().into(),
    );
    if let Some(values) = prf.and_then(values) {
        result.insert("results".to_owned(), values);
    }
    Value::Object(result)
}

pub(super) fn sign_in_result(outputs: ExtensionOutputs<'_>) -> Value {
    output(outputs)
        .and_then(values)
        .map_or_else(|| json!({}), |values| json!({ "results": values }))
}

fn output<'a>(outputs: ExtensionOutputs<'a>) -> Option<&'a [(Cbor, Cbor)]> {
    let map = outputs.unsigned?.as_map()?;
    cbor::text_entry(map, "prf")?.as_map().map(Vec::as_slice)
}

fn values(prf: &[(Cbor, Cbor)]) -> Option<Value> {
    let results = cbor::text_entry(prf, "results")?.as_map()?;
    let value = |name| {
        cbor::text_entry(results, name)
            .and_then(Cbor::as_bytes)
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
    };
    let mut output = Map::new();
    output.insert("first".to_owned(), value("first")?.into());
    if let Some(second) = value("second") {
        output.insert("second".to_owned(), second.into());
    }
    Some(Value::Object(output))
}
