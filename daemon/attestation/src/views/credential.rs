//! What authenticator data say: flags, counter, and the new credential.

use super::extensions;
use crate::key::AnyKey;
use crate::scheme::algorithm_name;
use crate::sheet::Sheet;
use hybrid_webauthn::authenticator_data::{AttestedCredential, AuthenticatorData};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// A credential's key, for signatures that follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CredentialKey {
    pub(crate) id: Vec<u8>,
    pub(crate) key: AnyKey,
    pub(crate) alg: i64,
}

impl CredentialKey {
    pub(super) fn of(credential: &AttestedCredential<'_>) -> Option<Self> {
        Some(Self {
            id: credential.id.to_vec(),
            key: AnyKey::of_cose(&credential.cose).ok()?,
            alg: credential.alg,
        })
    }
}

/// Shows the flags and the counter.
pub(super) fn show(sheet: &mut Sheet, data: &AuthenticatorData<'_>) {
    let (eligible, backed_up) = (data.backup_eligible(), data.backed_up());
    let kind = match (eligible, backed_up) {
        (true, true) => "synced: the provider may copy it, and has (BE 1, BS 1)",
        (true, false) => "synced: the provider may copy it, and has not yet (BE 1, BS 0)",
        (false, false) => "device-bound: it stays where it was made (BE 0, BS 0)",
        (false, true) => "contradictory: not to be copied, and copied (BE 0, BS 1)",
    };
    let word = if eligible { "synced" } else { "device-bound" };
    sheet.put(
        "passkey",
        "Kind",
        kind,
        json!({"kind": word, "backup_eligible": eligible, "backed_up": backed_up}),
    );
    let verified = data.user_verified();
    let shown = if verified {
        "yes, by PIN, finger or face (UV 1)"
    } else {
        "no (UV 0)"
    };
    sheet.put("user_verified", "User verified", shown, verified);
    let present = data.user_present();
    sheet.put(
        "user_present",
        "User present",
        if present { "yes (UP 1)" } else { "no (UP 0)" },
        present,
    );
    let counter = data.counter;
    let shown = match counter {
        0 => "0 (it does not count, or has not yet)".to_owned(),
        other => other.to_string(),
    };
    sheet.put("sign_count", "Sign count", shown, counter);
    let extensions = data.extensions.as_ref();
    extensions::show_signed(sheet, extensions);
    if data.claims_backup_of_device_bound() {
        sheet.find_odd("The flags contradict each other: backed up (BS) without backup eligible (BE). Sites refuse that.");
    }
    if !present {
        sheet.find_odd("Nobody's presence was confirmed (UP 0). Sites refuse that.");
    }
    if !verified {
        sheet.find_odd("The user was not verified (UV 0). Sites that require verification refuse that, Microsoft Entra among them.");
    }
    if eligible && counter != 0 {
        sheet.find_odd(
            "A synced passkey counts its signatures; copies of it will count differently.",
        );
    }
}

/// Shows the key and the id of a new credential.
pub(super) fn show_new(sheet: &mut Sheet, credential: &AttestedCredential<'_>) {
    let alg = credential.alg;
    let name = algorithm_name(alg);
    sheet.put(
        "algorithm",
        "Algorithm",
        &name,
        json!({"cose": alg, "name": name}),
    );
    show_id(sheet, credential.id);
    let es256 = alg == -7;
    if es256 && credential.key.is_none() {
        sheet.find_odd("The key is not on the curve P-256, as its algorithm has it.");
    }
}

/// An id is long and nobody's to read; its hash tells whether two are the same.
pub(super) fn show_id(sheet: &mut Sheet, id: &[u8]) {
    let hash = hex::encode(Sha256::digest(id));
    let short = hash.get(..16).unwrap_or_default();
    let length = id.len();
    sheet.put(
        "credential_id",
        "Credential id",
        format_args!("{length} bytes, SHA-256 {short}…"),
        json!({"bytes": length, "sha256": hash}),
    );
}
