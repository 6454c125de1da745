//! Whether a passkey is attested as Microsoft asks for it, and which rule says so.

use crate::catalogue::{
    ATTESTATION_BAD, ATTESTATION_CHAIN_UNKNOWN, ATTESTATION_FORMAT, ATTESTATION_MISSING,
    ATTESTATION_SELF_SIGNED, METADATA_NOT_ELIGIBLE, METADATA_STATUS, METADATA_TOO_NEW, Rule,
    WINDOWS_HELLO_ATTESTED,
};
use crate::confidence::Confidence;
use crate::fact;
use crate::inquiry::Inquiry;
use crate::limits::METADATA_INGEST_DAYS;
use crate::model_name::named;
use crate::moment::Moment;
use crate::passkey::{AttestationFacts, ChainFacts, MetadataFacts};
use crate::truth::{Held, Lack};
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;

/// Windows Hello with a hardware, a protected and a software key.
pub(crate) const WINDOWS_HELLO: [Aaguid; 3] = [
    Aaguid::of(0x08987058_cadc_4b81_b6e1_30de50dcbe96),
    Aaguid::of(0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9),
    Aaguid::of(0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2),
];

/// An attestation under judgement.
pub(super) struct Attested {
    /// Whether it is enough where attestation is enforced.
    pub(super) held: Held,
    /// Why not, or why it is open.
    pub(super) rule: Option<&'static Rule>,
    /// What was seen.
    pub(super) saw: String,
    /// How sure that can be.
    pub(super) best: Confidence,
}

/// Judges the attestation of a registration.
pub(super) fn attested(inquiry: &Inquiry) -> Attested {
    let verdict = |held: Held, rule, saw: &str| Attested {
        held,
        rule,
        saw: saw.to_owned(),
        best: Confidence::Certain,
    };
    let no = |rule, saw: &str| verdict(Held::given(false), Some(rule), saw);
    let passkey = &inquiry.passkey;
    let seen = { passkey.attestation.as_ref() }
        .is_some_and(|attestation| *attestation != AttestationFacts::Supposed);
    if let Some(aaguid) = passkey.aaguid.filter(|_| !seen)
        && WINDOWS_HELLO.contains(&aaguid)
    {
        let saw = format!("the passkey is of {}", named(&aaguid));
        return no(&WINDOWS_HELLO_ATTESTED, &saw);
    }
    match &passkey.attestation {
        None if passkey.synced == Some(true) => Attested {
            best: Confidence::Likely,
            ..no(&ATTESTATION_MISSING, "synced passkeys have no attestation")
        },
        Some(AttestationFacts::Supposed) => Attested {
            best: Confidence::Likely,
            ..verdict(
                Held::given(true),
                None,
                "the attestation is supposed, not seen",
            )
        },
        None => verdict(
            Held::unknown(Lack::Fact(fact::ATTESTATION)),
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
                Held::unknown(Lack::Fact(fact::METADATA)),
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
        best: Confidence::Certain,
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
            Held::unknown(Lack::Fact(fact::METADATA_STATEMENT)),
            None,
            "knows the model",
        ),
        (Some(true), Some(age)) if age < METADATA_INGEST_DAYS => verdict(
            Held::unknown(Lack::Fact(fact::METADATA_IMPORTED)),
            Some(&METADATA_TOO_NEW),
            &format!("changed this entry {age} days ago"),
        ),
        (Some(true), None) => verdict(
            Held::unknown(Lack::Fact(fact::METADATA_DATE)),
            None,
            "knows the model",
        ),
        (Some(true), Some(_)) => verdict(Held::given(true), None, "knows and certifies the model"),
    }
}
