//! A sign-in: the response that a browser or hybridd made, or its authenticator data alone.

use super::credential::{self, Covered};
use super::surrounding::Surrounding;
use super::{client_data, extensions, model, unread};
use crate::doubled;
use crate::fitness;
use crate::flaw::Flaw;
use crate::material::{ResponseParts, member};
use crate::octets;
use crate::scheme::Scheme;
use crate::sheet::Sheet;
use hybrid_webauthn::authenticator_data::AuthenticatorData;
use sha2::{Digest as _, Sha256};

pub(super) fn sheet(parts: &ResponseParts, around: &Surrounding<'_>) -> Sheet {
    let alone = parts.signature.is_none();
    let mut sheet = if alone {
        Sheet::new("authenticator-data", "Authenticator data alone")
    } else {
        Sheet::new("sign-in", "A sign-in (a passkey that was used)")
    };
    unread::show(&mut sheet, parts);
    let Some(bytes) = &parts.authenticator_data else {
        return sheet;
    };
    let data = match AuthenticatorData::read(bytes) {
        Ok(data) => data,
        Err(error) => {
            sheet.find_odd(format_args!(
                "The authenticator data cannot be read: {error}."
            ));
            return sheet;
        }
    };
    match &data.credential {
        Some(made) => model::show(&mut sheet, made.aaguid, None, around),
        None => sheet.put(
            "model",
            "Model",
            "not told in a sign-in, only at registration",
            serde_json::Value::Null,
        ),
    }
    credential::show(&mut sheet, &data, Covered::Whole);
    if let Some(made) = &data.credential {
        credential::show_new(&mut sheet, made);
        if let Err(flaw) = fitness::check(made) {
            sheet.find_odd(format_args!(
                "The new passkey is wrong: {flaw}. Sites refuse it."
            ));
        }
    }
    let id = { ["rawId", "id"].into_iter() }
        .find_map(|name| octets::of_json(member(&parts.outer, name)?));
    if let Some(id) = &id {
        credential::show_id(&mut sheet, id);
        let mut keys = around.keys.iter().filter(|known| known.id == *id);
        if let Some(first) = keys.next()
            && keys.any(|other| other.key != first.key)
        {
            sheet.find_odd("Two registrations in this input have this credential's id and different keys: only one of them is this passkey's.");
        }
    }
    let named = member(&parts.inner, "userHandle").is_some();
    if !alone {
        let shown = if named {
            "told (not shown)"
        } else {
            "not told: the site knows it by the credential"
        };
        sheet.put("user_handle", "User handle", shown, named);
    }
    extensions::show_results(&mut sheet, member(&parts.outer, "clientExtensionResults"));
    if let Some(client) = &parts.client_data {
        let hash = Some(data.rp_id_hash);
        client_data::show(&mut sheet, client, Some("webauthn.get"), hash);
    }
    if !alone {
        let form = fitness::check_extensions(&data);
        let verified = form.and_then(|()| verify(parts, bytes, id.as_deref(), around));
        show_signature(&mut sheet, &verified);
    }
    sheet
}

/// The signature, where the registration stands in the same input.
fn show_signature(sheet: &mut Sheet, verified: &Result<(), Flaw>) {
    let (word, shown) = match verified {
        Ok(()) => (
            "verified",
            "verified with the key of the registration".to_owned(),
        ),
        Err(flaw) if flaw.is_wrong() => {
            sheet.find_odd(format_args!(
                "The signature is wrong: {flaw}. Every site refuses it."
            ));
            ("wrong", format!("WRONG: {flaw}"))
        }
        Err(flaw @ Flaw::Unsupported(_)) => {
            ("unverified", format!("cannot be verified here: {flaw}"))
        }
        Err(flaw) => ("unverified", format!("not verified: {flaw}")),
    };
    sheet.put("signature", "Signature", shown, word);
}

fn verify(
    parts: &ResponseParts,
    data: &[u8],
    id: Option<&[u8]>,
    around: &Surrounding<'_>,
) -> Result<(), Flaw> {
    if parts.doubled {
        return Err(Flaw::Doubled("the phone's reply"));
    }
    let extensions =
        AuthenticatorData::read(data).map(|data| (data.has_extensions(), data.extensions));
    match extensions {
        Ok((true, None)) => {
            return Err(Flaw::Malformed(
                "what the authenticator data have in place of a map of extensions (flag ED)",
            ));
        }
        Ok((_, Some(map))) if doubled::is_in(&map) => {
            return Err(Flaw::Doubled("the map of signed extensions"));
        }
        Ok(_) | Err(_) => {}
    }
    let client_data = parts.client_data.as_ref().ok_or(Flaw::Missing(
        "the client data (clientDataJSON), whose hash is signed,",
    ))?;
    let signature = parts
        .signature
        .as_ref()
        .ok_or(Flaw::Missing("the signature"))?;
    let signed = [data, &Sha256::digest(client_data)].concat();
    // Two registrations of one id are told as odd; a forged one beside it refutes nothing.
    let mut outcome = Err(Flaw::Missing("the registration, whose key it takes,"));
    for known in around.keys.iter().filter(|known| id == Some(&known.id)) {
        let whose = "the credential's key";
        let scheme = Scheme::of_cose(known.alg);
        outcome = scheme.and_then(|scheme| known.key.verify(scheme, &signed, signature, whose));
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
