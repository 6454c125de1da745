//! Who vouches for a passkey: the attestation statement, as far as it can be verified here.

use super::surrounding::Surrounding;
use crate::certificate::Certified;
use crate::chain::Chain;
use crate::date::Date;
use crate::flaw::Flaw;
use crate::metadata::{Metadata, MetadataEntry, RootVerdict};
use crate::object::AttestationObject;
use crate::sheet::Sheet;
use crate::statement::{self, Claim, Proof};
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
        },
        Ok(Proof::OwnKey) => Verdict {
            word: "self",
            shown: format!(
                "{format}: verified, signed by the passkey's own key; nobody vouches for its model"
            ),
            attested: None,
        },
        Ok(Proof::Certified(chain)) => certified(&format, chain, claim.credential.aaguid, around),
        Err(flaw) => refused(sheet, &format, flaw),
    };
    sheet.put(
        "attestation",
        "Attestation",
        &verdict.shown,
        json!({
            "format": format,
            "result": verdict.word,
            "flaw": proof.as_ref().err().map(Flaw::to_string),
            "metadata": around.metadata.map(Metadata::number),
        }),
    );
    if let Ok(Proof::Certified(chain)) = &proof {
        show_certificate(sheet, chain.first(), around.now);
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
        RootVerdict::Trusted(_) if unsigned && aaguid != Aaguid::NONE => open(
            "unsigned-model",
            format!(
                "{begin}, and ends in a root of the metadata (number {number}); but this format does not sign the model"
            ),
        ),
        RootVerdict::Trusted(entry) => Verdict {
            word: "attested",
            shown: format!("{begin}, and ends in a root of its model (metadata number {number})"),
            attested: Some(entry),
        },
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
    }
}

/// Whose certificate it is. Phones get some for a day alone, and nothing here tells when the passkey
/// was registered: so a certificate that is over is told and refused by nobody.
fn show_certificate(sheet: &mut Sheet, certificate: &Certified, now: u64) {
    let (from, until) = certificate.valid();
    let day = |seconds| Date::of_seconds(seconds).map(|day| day.to_string());
    let span = |day: Option<String>| day.unwrap_or_else(|| "?".to_owned());
    let state = if now < from {
        ", not yet"
    } else if now > until {
        ", over by now"
    } else {
        ""
    };
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
