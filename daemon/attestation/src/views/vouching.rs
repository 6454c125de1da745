//! Who vouches for a passkey: the attestation statement, as far as it can be verified here.

use super::surrounding::Surrounding;
use crate::certificate::Certified;
use crate::chain::Chain;
use crate::date::Date;
use crate::flaw::Flaw;
use crate::metadata::{Metadata, MetadataEntry, RootVerdict};
use crate::object::AttestationObject;
use crate::sheet::Sheet;
use crate::statement::{self, Claim, KeyPlace, Proof};
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;
use serde_json::{Value, json};

/// So much of a format's name is shown; registered ones have at most 32 characters.
const LONGEST_FORMAT: usize = 40;

/// What was made of a statement.
struct Verdict<'m> {
    /// A word for programs.
    word: &'static str,
    shown: String,
    attested: Option<&'m MetadataEntry>,
    /// What is wrong with where the chain ends.
    flaw: Option<String>,
}

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
    let verdict = match &proof {
        Ok(Proof::Nothing) => Verdict {
            word: "none",
            shown: "none: nobody vouches for the passkey or its model".to_owned(),
            attested: None,
            flaw: None,
        },
        Ok(Proof::OwnKey) => Verdict {
            word: "self",
            shown: format!(
                "{format}: verified, signed by the passkey's own key; nobody vouches for its model"
            ),
            attested: None,
            flaw: None,
        },
        Ok(Proof::Certified(chain)) => {
            certified(&mut *sheet, &format, chain, claim.credential.aaguid, around)
        }
        Ok(Proof::Keystore(chain, place)) => {
            let verdict = certified(&mut *sheet, &format, chain, claim.credential.aaguid, around);
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
        show_certificate(sheet, chain.first(), around.now);
        let others = chain.all().skip(1);
        others.for_each(|authority| show_lapse(sheet, authority, around.now));
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

fn certified<'m>(
    sheet: &mut Sheet,
    format: &str,
    chain: &Chain,
    aaguid: Aaguid,
    around: &Surrounding<'m>,
) -> Verdict<'m> {
    let begin = format!("{format}: the statement is verified");
    let open = |word, shown| Verdict {
        word,
        shown,
        attested: None,
        flaw: None,
    };
    let Some(metadata) = around.metadata else {
        let shown = format!("{begin}; who issued its certificate is not, without metadata (--mds)");
        return open("unrooted", shown);
    };
    let number = metadata.number();
    // The old format does not sign the model, so that only the certificate can tell it.
    let unsigned = format == "fido-u2f";
    let signed = if unsigned { Aaguid::NONE } else { aaguid };
    match metadata.judge(signed, chain) {
        RootVerdict::Trusted(..) if unsigned && aaguid != Aaguid::NONE => open(
            "unsigned-model",
            format!(
                "{begin}, and ends in a root of the metadata (number {number}); but this format does not sign the model"
            ),
        ),
        // WebAuthn Level 3 section 8.2.1: then the certificate has to name the model.
        RootVerdict::Trusted(entry, root)
            if format == "packed"
                && !chain.first().names_model()
                && metadata.is_shared(&root, entry) =>
        {
            open(
                "unsigned-model",
                format!(
                    "{begin}, and ends in a root of the metadata (number {number}); but several models have that root, and the certificate does not say which one it is of"
                ),
            )
        }
        RootVerdict::Trusted(entry, root) => {
            show_lapse(sheet, &root, around.now);
            Verdict {
                word: "attested",
                shown: format!(
                    "{begin}, and ends in a root of its model (metadata number {number})"
                ),
                attested: Some(entry),
                flaw: None,
            }
        }
        RootVerdict::Broken(flaw) => {
            let flaw = format!("{flaw} (a root of its model in the metadata)");
            sheet.find_odd(format_args!(
                "The attestation is wrong: {flaw}. A site that checks it refuses it."
            ));
            Verdict {
                word: "wrong",
                shown: format!("{format}: WRONG, {flaw}"),
                attested: None,
                flaw: Some(flaw),
            }
        }
        RootVerdict::UnknownRoot => open(
            "unknown-root",
            format!("{begin}, but ends in no root that its model has (metadata number {number})"),
        ),
        RootVerdict::UnknownModel => open(
            "unknown-model",
            format!("{begin}, but its model is not in the metadata (number {number})"),
        ),
    }
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
    Verdict {
        word: "software-key",
        shown: format!("{}; but software alone keeps the key", verdict.shown),
        attested: None,
        flaw: None,
    }
}

/// An authority's certificate that is not valid at this time.
fn show_lapse(sheet: &mut Sheet, authority: &Certified, now: u64) {
    let (from, until) = authority.valid();
    let subject = authority.subject();
    let day = |seconds| Date::of_seconds(seconds).map_or("?".to_owned(), |day| day.to_string());
    if now > until {
        let day = day(until);
        sheet.find_odd(format_args!(
            "The certificate of an authority in the chain is over since {day}: {subject}."
        ));
    } else if now < from {
        let day = day(from);
        sheet.find_odd(format_args!(
            "The certificate of an authority in the chain is not valid before {day}: {subject}."
        ));
    }
}

fn refused<'m>(sheet: &mut Sheet, format: &str, flaw: &Flaw) -> Verdict<'m> {
    let (word, shown) = if flaw.is_wrong() {
        sheet.find_odd(format_args!(
            "The attestation is wrong: {flaw}. A site that checks it refuses it."
        ));
        ("wrong", format!("{format}: WRONG, {flaw}"))
    } else {
        ("unverified", format!("{format}: not verified, {flaw}"))
    };
    Verdict {
        word,
        shown,
        attested: None,
        flaw: None,
    }
}

/// Whose certificate it is. Phones get some for a day alone, and nothing here tells when the passkey
/// was registered: so a certificate that is over is told and refused by nobody.
fn show_certificate(sheet: &mut Sheet, certificate: &Certified, now: u64) {
    let (from, until) = certificate.valid();
    let day = |seconds| Date::of_seconds(seconds).map(|day| day.to_string());
    let span = |day: Option<String>| day.unwrap_or_else(|| "?".to_owned());
    let state = if now < from {
        ", not valid yet"
    } else if now > until {
        ", over by now"
    } else {
        ""
    };
    if now < from {
        sheet.find_odd("The certificate of the attestation is not valid yet: the certificate is wrong, or this computer's clock.");
    }
    let subject = match certificate.subject() {
        empty if empty.is_empty() => "(no subject)".to_owned(),
        subject => subject,
    };
    let issuer = certificate.issuer();
    sheet.put(
        "certificate",
        "Its certificate",
        format_args!(
            "{subject}; issued by {issuer}; valid {} to {}{state}",
            span(day(from)),
            span(day(until))
        ),
        json!({
            "subject": subject,
            "issuer": issuer,
            "not_before": day(from).map_or(Value::Null, Value::from),
            "not_after": day(until).map_or(Value::Null, Value::from),
        }),
    );
}
