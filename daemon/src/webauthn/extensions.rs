//! Client extensions: prf, credProps, credProtect. Others are ignored, which WebAuthn allows for every extension.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_protocol::cbor::{self, Value as Cbor};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtensionInputs {
    prf: Option<PrfInput>,
    #[serde(default)]
    cred_props: bool,
    credential_protection_policy: Option<String>,
    #[serde(default)]
    enforce_credential_protection_policy: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct PrfInput {
    eval: Option<PrfValues>,
    eval_by_credential: Option<BTreeMap<String, PrfValues>>,
}

#[derive(Deserialize)]
struct PrfValues {
    #[serde(deserialize_with = "super::options::base64url")]
    first: Vec<u8>,
    #[serde(default, deserialize_with = "optional_base64url")]
    second: Option<Vec<u8>>,
}

impl ExtensionInputs {
    /// The `prf` input of makeCredential: phones take the salts already hashed, and without the PIN protocol of hmac-secret.
    pub(super) fn prf_for_registration(&self) -> Option<Cbor> {
        let prf = self.prf.as_ref()?;
        let eval = prf.eval.as_ref().map(|values| (Cbor::from("eval"), values.hashed()));
        Some(Cbor::Map(eval.into_iter().collect()))
    }

    /// The `prf` input of getAssertion.
    pub(super) fn prf_for_sign_in(&self) -> Option<Cbor> {
        let prf = self.prf.as_ref()?;
        let mut map: Vec<(Cbor, Cbor)> = prf
            .eval
            .as_ref()
            .map(|values| (Cbor::from("eval"), values.hashed()))
            .into_iter()
            .collect();
        if let Some(by_credential) = &prf.eval_by_credential {
            let entries = by_credential
                .iter()
                .filter_map(|(id, values)| Some((Cbor::Bytes(URL_SAFE_NO_PAD.decode(id).ok()?), values.hashed())));
            map.push((Cbor::from("evalByCredential"), Cbor::Map(entries.collect())));
        }
        Some(Cbor::Map(map))
    }

    /// The `credProtect` level, if the site names one.
    pub(super) fn cred_protect(&self) -> Option<u8> {
        match self.credential_protection_policy.as_deref()? {
            "userVerificationOptional" => Some(1),
            "userVerificationOptionalWithCredentialIDList" => Some(2),
            "userVerificationRequired" => Some(3),
            _ => None,
        }
    }

    pub(super) const fn enforces_cred_protect(&self) -> bool {
        self.enforce_credential_protection_policy
    }

    /// The client extension results of a registration.
    pub(super) fn registration_results(&self, resident: bool, unsigned: Option<&Cbor>) -> Value {
        let mut results = Map::new();
        if self.cred_props {
            results.insert("credProps".to_owned(), json!({ "rk": resident }));
        }
        if self.prf.is_some() {
            let prf = prf_output(unsigned);
            let enabled = prf
                .and_then(|prf| cbor::text_entry(prf, "enabled"))
                .and_then(Cbor::as_bool)
                .unwrap_or_default();
            let mut output = json!({ "enabled": enabled });
            if let (Some(values), Some(output)) = (prf.and_then(prf_results), output.as_object_mut()) {
                output.insert("results".to_owned(), values);
            }
            results.insert("prf".to_owned(), output);
        }
        Value::Object(results)
    }

    /// The client extension results of a sign-in.
    pub(super) fn sign_in_results(&self, unsigned: Option<&Cbor>) -> Value {
        let mut results = Map::new();
        if self.prf.is_some() {
            let values = prf_output(unsigned).and_then(prf_results);
            let output = values.map_or_else(|| json!({}), |values| json!({ "results": values }));
            results.insert("prf".to_owned(), output);
        }
        Value::Object(results)
    }
}

impl PrfValues {
    fn hashed(&self) -> Cbor {
        let mut map = vec![(Cbor::from("first"), Cbor::Bytes(salt(&self.first)))];
        map.extend(
            self.second
                .as_ref()
                .map(|second| (Cbor::from("second"), Cbor::Bytes(salt(second)))),
        );
        Cbor::Map(map)
    }
}

/// WebAuthn Level 3, prf extension: the context string keeps a site's values apart from an operating system's.
fn salt(value: &[u8]) -> Vec<u8> {
    Sha256::new()
        .chain_update(b"WebAuthn PRF\0")
        .chain_update(value)
        .finalize()
        .to_vec()
}

fn prf_output(unsigned: Option<&Cbor>) -> Option<&[(Cbor, Cbor)]> {
    cbor::text_entry(unsigned?.as_map()?, "prf")?
        .as_map()
        .map(Vec::as_slice)
}

fn prf_results(prf: &[(Cbor, Cbor)]) -> Option<Value> {
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

fn optional_base64url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    super::options::base64url(deserializer).map(Some)
}
