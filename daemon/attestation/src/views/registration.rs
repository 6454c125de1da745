//! A registration: the response that a browser or hybridd made, or its attestation object alone.

use super::credential::{self, Covered, CredentialKey};
use super::surrounding::Surrounding;
use super::{client_data, extensions, model, unread, vouching};
use crate::key::AnyKey;
use crate::material::{ResponseParts, member};
use crate::object::AttestationObject;
use crate::octets;
use crate::sheet::Sheet;
use crate::statement::Claim;
use hybrid_protocol::cbor::CborFlaw;
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;
use hybrid_webauthn::authenticator_data::{AttestedCredential, AuthenticatorData};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const MOST_TRANSPORTS: usize = 12;
const LONGEST_TRANSPORT: usize = 24;

/// The key of the new credential, if sites would take it.
pub(super) fn key(parts: &ResponseParts) -> Option<CredentialKey> {
    let object = AttestationObject::read(parts.attestation_object.as_ref()?).ok()?;
    object.check().ok()?;
    let data = AuthenticatorData::read(&object.auth_data).ok()?;
    CredentialKey::of(data.credential.as_ref()?)
}

pub(super) fn sheet(parts: &ResponseParts, around: &Surrounding<'_>) -> Sheet {
    let mut sheet = Sheet::new("registration", "A registration (a new passkey)");
    fill(&mut sheet, parts, around);
    sheet
}

fn fill(sheet: &mut Sheet, parts: &ResponseParts, around: &Surrounding<'_>) {
    unread::show(sheet, parts);
    let Some(bytes) = &parts.attestation_object else {
        return;
    };
    let object = match AttestationObject::read(bytes) {
        Ok(object) => object,
        Err(error) => {
            let flaw = format!("the attestation object cannot be read: {error}");
            vouching::show_unreadable(sheet, &flaw);
            return;
        }
    };
    let data = match AuthenticatorData::read(&object.auth_data) {
        Ok(data) => data,
        Err(error) => {
            let flaw = format!("the authenticator data cannot be read: {error}");
            vouching::show_unreadable(sheet, &flaw);
            return;
        }
    };
    let Some(made) = &data.credential else {
        sheet.find_odd("The authenticator data bring no credential along (flag AT), so nothing was registered.");
        credential::show(sheet, &data, Covered::Whole);
        return;
    };
    let hash = parts.client_data.as_ref();
    let claim = Claim {
        object: &object,
        data: &data,
        credential: made,
        client_data_hash: hash.map(|bytes| Sha256::digest(bytes).into()),
    };
    let mut vouched = Sheet::new("", "");
    let entry = vouching::show(&mut vouched, &object, &claim, around);
    model::show(sheet, made.aaguid, entry, around);
    sheet.append(vouched);
    let covered = match object.format.as_str() {
        "fido-u2f" => Covered::KeyAlone,
        _ => Covered::Whole,
    };
    credential::show(sheet, &data, covered);
    credential::show_new(sheet, made);
    show_transports(sheet, parts);
    extensions::show_results(sheet, member(&parts.outer, "clientExtensionResults"));
    if let Some(bytes) = &parts.client_data {
        let hash = Some(data.rp_id_hash);
        client_data::show(sheet, bytes, Some("webauthn.create"), hash);
    }
    if made.aaguid == Aaguid::NONE && object.format != "fido-u2f" {
        sheet.find_odd("The model is not stated. Some providers do not; some browsers erase it where a site asks for no attestation. Lists of allowed models refuse it.");
    }
    if object.format == "fido-u2f" && made.aaguid != Aaguid::NONE {
        sheet.find_odd("The format fido-u2f is of keys without a model's id, and here is one. Libraries differ in whether they accept that.");
    }
    if let Some(error) = object.unusual
        && error.what != CborFlaw::Duplicate
    {
        sheet.find_odd(format_args!("The attestation object is not in CTAP2's canonical form ({error}); strict sites may refuse it."));
    }
    compare(sheet, parts, &object, made);
}

fn show_transports(sheet: &mut Sheet, parts: &ResponseParts) {
    let list = member(&parts.inner, "transports").and_then(Value::as_array);
    let Some(list) = list else { return };
    let names: Vec<String> = { list.iter().take(MOST_TRANSPORTS) }
        .filter_map(Value::as_str)
        .map(|name| printable(name).chars().take(LONGEST_TRANSPORT).collect())
        .collect();
    let shown = match names.as_slice() {
        [] => "none told".to_owned(),
        names => names.join(", "),
    };
    sheet.put("transports", "Transports", shown, names);
}

/// Responses say some things twice. Sites believe one of them.
fn compare(
    sheet: &mut Sheet,
    parts: &ResponseParts,
    object: &AttestationObject,
    made: &AttestedCredential<'_>,
) {
    let given = |name| member(&parts.inner, name).and_then(octets::of_json);
    for name in ["id", "rawId"] {
        let id = member(&parts.outer, name).and_then(octets::of_json);
        if id.is_some_and(|id| id != made.id) {
            sheet.find_odd(format_args!(
                "The member {name} is another credential's than the authenticator data."
            ));
        }
    }
    if given("authenticatorData").is_some_and(|data| data != object.auth_data) {
        sheet.find_odd(
            "The member authenticatorData differs from what the attestation object holds.",
        );
    }
    let alg = member(&parts.inner, "publicKeyAlgorithm").and_then(Value::as_i64);
    if alg.is_some_and(|alg| alg != made.alg) {
        sheet.find_odd("The member publicKeyAlgorithm differs from the key's algorithm.");
    }
    if let (Some(der), Ok(key)) = (given("publicKey"), AnyKey::of_cose(&made.cose))
        && !key.is_in_spki(&der)
    {
        sheet.find_odd("The member publicKey is another key than the credential's.");
    }
}
