//! Who vouches for a passkey: the attestation statement, as far as it can be verified here.

mod certificates;
mod rooted;
mod verdict;

use super::surrounding::Surrounding;
use crate::flaw::Flaw;
use crate::metadata::{Metadata, MetadataEntry};
use crate::object::AttestationObject;
use crate::sheet::Sheet;
use crate::statement::{self, Claim, KeyPlace, Proof};
use hybrid_protocol::printable;
use serde_json::{Value, json};
use verdict::Verdict;

/// So much of a format's name is shown; registered ones have at most 32 characters.
const LONGEST_FORMAT: usize = 40;

/// Shows that there is nothing to verify, because the object cannot be read so far.
pub(super) fn show_unreadable(sheet: &mut Sheet, flaw: &str) {
    sheet.put(
        "attestation",
        "Attestation",
        format_args!("WRONG, {flaw}"),
        json!({"format": Value::Null, "result": "wrong", "flaw": flaw, "metadata": Value::Null}),
    );
    sheet.find_odd(format_args!(
        "The attestation is wrong: {flaw}. Every site refuses it."
    ));
}

/// Verifies the statement and shows the outcome; the entry of the metadata that vouches for it.
pub(super) fn show<'m>(
    sheet: &mut Sheet,
    object: &AttestationObject,
    claim: &Claim<'_>,
    around: &Surrounding<'m>,
) -> Option<&'m MetadataEntry> {
    let format: String = printable(&object.format)
        .chars()
        .take(LONGEST_FORMAT)
        .collect();
    let proof = statement::verify(&object.format, claim);
    let rooted = |sheet: &mut Sheet, chain| {
        rooted::judge(sheet, &format, chain, claim.credential.aaguid, around)
    };
    let verdict = match &proof {
        Ok(Proof::Nothing) => {
            Verdict::open("none", "none: nobody vouches for the passkey or its model")
        }
        Ok(Proof::OwnKey) => Verdict::open(
            "self",
            format!(
                "{format}: verified, signed by the passkey's own key; nobody vouches for its model"
            ),
        ),
        Ok(Proof::Certified(chain)) => rooted(sheet, chain),
        Ok(Proof::Keystore(chain, place)) => {
            let verdict = rooted(sheet, chain);
            kept(sheet, *place, verdict)
        }
        Err(flaw) => refused(sheet, &format, flaw),
    };
    sheet.put(
        "attestation",
        "Attestation",
        &verdict.shown,
        json!({
            "format": format,
            "result": verdict.word,
            "flaw": proof.as_ref().err().map_or(verdict.flaw.clone(), |flaw| Some(flaw.to_string())),
            "metadata": around.metadata.map(Metadata::number),
        }),
    );
    if let Ok(Proof::Certified(chain) | Proof::Keystore(chain, _)) = &proof {
        certificates::show(sheet, chain, around.now);
        sheet.put(
            "revocation",
            "Revocation",
            "not checked: hybridd asks nobody over the network whether a certificate was revoked",
            "not-checked",
        );
    }
    if let Some(metadata) = around.metadata
        && metadata.is_stale()
    {
        sheet.find_odd(format_args!(
            "The metadata (number {}) were to be replaced on {}: download the file again.",
            metadata.number(),
            metadata.next_update()
        ));
    }
    verdict.attested
}

/// A key in software can be copied, and vouches for no model of hardware.
fn kept<'m>(sheet: &mut Sheet, place: KeyPlace, verdict: Verdict<'m>) -> Verdict<'m> {
    let (word, shown) = match place {
        KeyPlace::Software => ("software", "software alone"),
        KeyPlace::TrustedEnvironment => ("tee", "the phone's trusted environment"),
        KeyPlace::StrongBox => ("strongbox", "a security chip (StrongBox)"),
    };
    sheet.put("key_place", "Key kept by", shown, word);
    if place != KeyPlace::Software {
        return verdict;
    }
    sheet.find_odd("The keystore says that software alone keeps the key: it can be copied, and no hardware vouches for it.");
    if verdict.attested.is_none() {
        return verdict;
    }
    let shown = format!("{}; but software alone keeps the key", verdict.shown);
    Verdict::open("software-key", shown)
}

fn refused<'m>(sheet: &mut Sheet, format: &str, flaw: &Flaw) -> Verdict<'m> {
    if !flaw.is_wrong() {
        return Verdict::open("unverified", format!("{format}: not verified, {flaw}"));
    }
    sheet.find_odd(format_args!(
        "The attestation is wrong: {flaw}. A site that checks it refuses it."
    ));
    Verdict::open("wrong", format!("{format}: WRONG, {flaw}"))
}
