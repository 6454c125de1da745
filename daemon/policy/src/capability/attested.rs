//! Whether a passkey is attested as Microsoft asks for it, and which rule says so.

use crate::catalogue::{
    ATTESTATION_BAD, ATTESTATION_CHAIN_UNKNOWN, ATTESTATION_FORMAT, ATTESTATION_MISSING,
    ATTESTATION_SELF_SIGNED, METADATA_NOT_ELIGIBLE, METADATA_STATUS, METADATA_TOO_NEW, Rule,
};
use crate::inquiry::Inquiry;
use crate::limits::METADATA_INGEST_DAYS;
use crate::moment::Moment;
use crate::passkey::{AttestationFacts, ChainFacts, MetadataFacts};
use crate::truth::{Held, Lack};
use hybrid_protocol::printable;

/// An attestation under judgement.
pub(super) struct Attested {
    /// Whether it is enough where attestation is enforced.
    pub(super) held: Held,
    /// Why not, or why it is open.
    pub(super) rule: Option<&'static Rule>,
    /// What was seen.
    pub(super) saw: String,
}

/// Judges the attestation of a registration.
pub(super) fn attested(inquiry: &Inquiry) -> Attested {
    let verdict = |held: Held, rule, saw: &str| Attested {
        held,
        rule,
        saw: saw.to_owned(),
    };
    let no = |rule, saw: &str| verdict(Held::given(false), Some(rule), saw);
    match &inquiry.passkey.attestation {
        None => verdict(
            Held::unknown(Lack::Fact("the passkey's attestation")),
            None,
            "the attestation is not known",
        ),
        Some(AttestationFacts::Missing) => {
            no(&ATTESTATION_MISSING, "the attestation format is none")
        }
        Some(AttestationFacts::SelfSigned) => no(
            &ATTESTATION_SELF_SIGNED,
            "the attestation is packed, without certificates",
        ),
        Some(AttestationFacts::OtherFormat(format)) => {
            let format: String = printable(format).chars().take(32).collect();
            no(
                &ATTESTATION_FORMAT,
                &format!("the attestation format is {format}"),
            )
        }
        Some(AttestationFacts::Packed(chain)) => match chain {
            ChainFacts::Unchecked => verdict(
                Held::unknown(Lack::Fact("metadata that lists the attestation's root")),
                None,
                "the attestation was not checked against metadata",
            ),
            ChainFacts::Bad => no(&ATTESTATION_BAD, "the attestation does not verify"),
            ChainFacts::UnknownRoot(number) => no(
                &ATTESTATION_CHAIN_UNKNOWN,
                &format!("metadata no. {number} has no root for the attestation"),
            ),
            ChainFacts::Trusted(metadata) => listed(metadata, inquiry.now),
        },
    }
}

fn listed(metadata: &MetadataFacts, now: Moment) -> Attested {
    let number = metadata.number;
    let verdict = |held, rule, saw: &str| Attested {
        held,
        rule,
        saw: format!("metadata no. {number} {saw}"),
    };
    let age = metadata.changed.map(|changed| changed.days_until(now));
    if metadata.compromised {
        return verdict(
            Held::given(false),
            Some(&METADATA_STATUS),
            "reports the model as compromised",
        );
    }
    match (metadata.eligible, age) {
        (Some(false), _) => verdict(
            Held::given(false),
            Some(&METADATA_NOT_ELIGIBLE),
            "does not state everything that is required",
        ),
        (None, _) => verdict(
            Held::unknown(Lack::Fact(
                "whether the metadata states everything that is required",
            )),
            None,
            "knows the model",
        ),
        (Some(true), Some(age)) if age < METADATA_INGEST_DAYS => verdict(
            Held::unknown(Lack::Fact("whether Microsoft has imported this metadata")),
            Some(&METADATA_TOO_NEW),
            &format!("changed this entry {age} days ago"),
        ),
        (Some(true), None) => verdict(
            Held::unknown(Lack::Fact("when the metadata entry was changed")),
            None,
            "knows the model",
        ),
        (Some(true), Some(_)) => verdict(Held::given(true), None, "knows and certifies the model"),
    }
}
