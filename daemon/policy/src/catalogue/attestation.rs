//! What the policy asks of attestation, where it enforces it.

use super::page::{AUTHENTICATOR, VENDORS, WINDOWS};
use super::rule::{Layer, Rule, Source};
use crate::confidence::Confidence;

pub(super) const ATTESTATION_RULES: &[&Rule] = &[
    &ATTESTATION_AGAINST_QR,
    &ATTESTATION_AGAINST_QR_IN_PART,
    &WINDOWS_HELLO_ATTESTED,
    &ATTESTATION_MISSING,
    &ATTESTATION_SELF_SIGNED,
    &ATTESTATION_FORMAT,
    &ATTESTATION_CHAIN_UNKNOWN,
    &METADATA_NOT_ELIGIBLE,
    &METADATA_TOO_NEW,
];

/// Every profile wants attestation.
pub const ATTESTATION_AGAINST_QR: Rule = Rule {
    code: "PK050",
    name: "attestation is enforced, so a QR code cannot work",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "Every profile of the user enforces attestation, and passkeys created across devices have none.",
    todo: "Do not scan: register inside the Authenticator app or with a security key, or ask for a profile without attestation.",
    flip: "Set attestationEnforcement to disabled in one profile of the user.",
    source: Source {
        page: &AUTHENTICATOR,
        says: "With attestation enforced a passkey is registered inside the app, and not across devices.",
    },
};

/// Some profiles want attestation.
pub const ATTESTATION_AGAINST_QR_IN_PART: Rule = Rule {
    code: "PK051",
    name: "some profiles enforce attestation",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "Some profiles of the user enforce attestation and others do not. Only the others can accept a passkey across devices.",
    todo: "Choose a passkey that a profile without attestation accepts.",
    flip: "Set attestationEnforcement to disabled in every profile of the user. Enforced in every profile, it rules QR codes out for everyone.",
    source: Source {
        page: &AUTHENTICATOR,
        says: "With attestation enforced a passkey is registered inside the app, and not across devices.",
    },
};

/// Windows Hello in a profile with attestation.
pub const WINDOWS_HELLO_ATTESTED: Rule = Rule {
    code: "PK052",
    name: "Windows Hello is listed where attestation is enforced",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "Passkeys on Windows have no attestation, so a profile that enforces it never accepts them.",
    todo: "List the AAGUIDs of Windows Hello in a profile without attestation.",
    flip: "Set attestationEnforcement to disabled in this profile.",
    source: Source {
        page: &WINDOWS,
        says: "Passkeys on Windows have no attestation and must be allowed by their AAGUIDs.",
    },
};

/// No attestation where it is enforced.
pub const ATTESTATION_MISSING: Rule = Rule {
    code: "PK110",
    name: "attestation is enforced and the passkey has none",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The profile enforces attestation, and the passkey has none, like every passkey created across devices.",
    todo: "Register inside the Authenticator app or with a security key, or ask for a profile without attestation.",
    flip: "Set attestationEnforcement to disabled in one profile of the user.",
    source: Source {
        page: &VENDORS,
        says: "Enforced attestation needs a packed statement whose chain ends in the Metadata Service.",
    },
};

/// Self-signed attestation.
pub const ATTESTATION_SELF_SIGNED: Rule = Rule {
    code: "PK111",
    name: "the passkey signed its own attestation",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "A packed statement without certificates proves nothing about the model.",
    todo: "Use a key with an attestation from its manufacturer.",
    flip: "Set attestationEnforcement to disabled in one profile of the user.",
    source: Source {
        page: &VENDORS,
        says: "Enforced attestation needs a certificate chain; self-signed statements are not named.",
    },
};

/// Another format than packed.
pub const ATTESTATION_FORMAT: Rule = Rule {
    code: "PK112",
    name: "the attestation format is not packed",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "When attestation is enforced, packed is the only accepted format.",
    todo: "Use a key that produces packed attestation.",
    flip: "Set attestationEnforcement to disabled in one profile of the user.",
    source: Source {
        page: &VENDORS,
        says: "When attestation is enforced the format must be packed.",
    },
};

/// A chain to no known root.
pub const ATTESTATION_CHAIN_UNKNOWN: Rule = Rule {
    code: "PK113",
    name: "the attestation does not chain to a known root",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The attestation's certificates do not chain to a root in the metadata that was given.",
    todo: "Import newer metadata, or use a model that is in the Metadata Service.",
    flip: "Set attestationEnforcement to disabled in one profile of the user.",
    source: Source {
        page: &VENDORS,
        says: "The chain must end in a root that the Metadata Service lists for the model.",
    },
};

/// In the metadata, yet not what Microsoft wants.
pub const METADATA_NOT_ELIGIBLE: Rule = Rule {
    code: "PK116",
    name: "the model's metadata does not state what is required",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The metadata does not state certification, resident keys, user verification and hmac-secret or PRF together.",
    todo: "Look up the model in Microsoft's own table, which is authoritative.",
    flip: "Set attestationEnforcement to disabled in one profile of the user.",
    source: Source {
        page: &VENDORS,
        says: "Models need FIDO certification, FIDO 2.0 or later, user verification, resident keys and hmac-secret or PRF.",
    },
};

/// The metadata changed lately.
pub const METADATA_TOO_NEW: Rule = Rule {
    code: "PK117",
    name: "the model's metadata is less than four weeks old",
    layer: Layer::Capability,
    best: Confidence::Possible,
    means: "Microsoft imports metadata once a month, so the service may not know this entry yet.",
    todo: "Register four weeks after the entry's date.",
    flip: "Check again when the entry is more than four weeks old.",
    source: Source {
        page: &VENDORS,
        says: "Microsoft imports the Metadata Service monthly, up to four weeks late.",
    },
};
