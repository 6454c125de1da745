//! What authenticator data say: flags, counter, and the new credential.

use super::extensions;
use crate::fitness;
use crate::key::AnyKey;
use crate::scheme::algorithm_name;
use crate::sheet::Sheet;
use hybrid_protocol::cbor::{self, CborFlaw};
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
        fitness::check(credential).ok()?;
        Some(Self {
            id: credential.id.to_vec(),
            key: AnyKey::of_cose(&credential.cose).ok()?,
            alg: credential.alg,
        })
    }
}

/// Whether a signature covers the authenticator data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Covered {
    /// All of them, or nothing is said to be signed.
    Whole,
    /// The format `fido-u2f` signs the site, the id and the key alone.
    KeyAlone,
}

impl Covered {
    /// What a line says after its value.
    const fn remark(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::KeyAlone => "; not signed by this format",
        }
    }
}

/// Shows the flags and the counter.
pub(super) fn show(sheet: &mut Sheet, data: &AuthenticatorData<'_>, covered: Covered) {
    let remark = covered.remark();
    let signed = covered == Covered::Whole;
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
        format_args!("{kind}{remark}"),
        json!({"kind": word, "backup_eligible": eligible, "backed_up": backed_up, "signed": signed}),
    );
    let verified = data.user_verified();
    let shown = if verified {
        "yes, by PIN, finger or face (UV 1)"
    } else {
        "no (UV 0)"
    };
    let shown = format!("{shown}{remark}");
    sheet.put("user_verified", "User verified", shown, verified);
    let present = data.user_present();
    let shown = if present { "yes (UP 1)" } else { "no (UP 0)" };
    let shown = format!("{shown}{remark}");
    sheet.put("user_present", "User present", shown, present);
    let counter = data.counter;
    let shown = match counter {
        0 => "0 (it does not count, or has not yet)".to_owned(),
        other => other.to_string(),
    };
    sheet.put(
        "sign_count",
        "Sign count",
        format_args!("{shown}{remark}"),
        counter,
    );
    if !signed {
        show_unsigned(sheet, data);
    }
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

/// Flags and counter of a format that signs neither: programs are told by their names.
fn show_unsigned(sheet: &mut Sheet, data: &AuthenticatorData<'_>) {
    let names = ["passkey", "user_verified", "user_present", "sign_count"];
    sheet.put(
        "not_signed",
        "Not signed",
        "flags and sign count: the format fido-u2f signs neither, so they prove nothing",
        names.to_vec(),
    );
    let set = [
        (data.user_verified(), "UV"),
        (data.backup_eligible(), "BE"),
        (data.backed_up(), "BS"),
    ];
    let set: Vec<&str> = { set.into_iter() }
        .filter_map(|(set, name)| set.then_some(name))
        .collect();
    if !set.is_empty() {
        let set = set.join(", ");
        sheet.find_odd(format_args!("Flags are set that keys of the format fido-u2f do not set ({set}), and the format does not sign flags: do not rely on them."));
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
    if let Err(error) = cbor::read(credential.cose_bytes)
        && error.what != CborFlaw::Duplicate
    {
        sheet.find_odd(format_args!("The credential's key is not in CTAP2's canonical form ({error}); strict sites may refuse it."));
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
