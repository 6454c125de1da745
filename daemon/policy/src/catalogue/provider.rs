//! What the authenticator, its maker and the client did or could not do.

use super::page::{AUTHENTICATOR, COMPATIBILITY, METADATA, REGISTERING, VENDORS, WEBAUTHN};
use super::rule::{Layer, Rule, Source};
use crate::confidence::Confidence;

pub(super) const PROVIDER_RULES: &[&Rule] = &[
    &MODEL_IS_ZERO,
    &MODEL_STRIPPED,
    &ATTESTATION_BAD,
    &METADATA_STATUS,
    &NOT_VERIFIED,
    &NOT_DISCOVERABLE,
    &ALREADY_REGISTERED,
    &ALGORITHM,
    &ATTACHMENT,
    &ELIGIBILITY_CHANGED,
    &VERSION_TOO_OLD,
    &TOO_MANY_PASSKEYS,
];

/// The AAGUID is zero.
pub const MODEL_IS_ZERO: Rule = Rule {
    code: "PK104",
    name: "the passkey does not state its model",
    layer: Layer::Provider,
    best: Confidence::Likely,
    means: "The AAGUID is zero. An allow list rejects it, and a block list has nothing to match; Microsoft's treatment of zero is not documented.",
    todo: "Update the provider, or use one that states its AAGUID.",
    flip: "Use a provider that states its AAGUID.",
    source: Source {
        page: &WEBAUTHN,
        says: "Authenticators may state zero. Clients that follow Level 2 remove the AAGUID with attestation none; Level 3 clients keep it.",
    },
};

/// The client changed the AAGUID.
pub const MODEL_STRIPPED: Rule = Rule {
    code: "PK105",
    name: "the client removed the model",
    layer: Layer::Platform,
    best: Confidence::Certain,
    means: "The phone stated one AAGUID, and the site received another.",
    todo: "Use a client that follows WebAuthn Level 3.",
    flip: "Use a client that passes the AAGUID on.",
    source: Source {
        page: &WEBAUTHN,
        says: "Level 3 keeps the AAGUID with attestation none; Level 2 removed it.",
    },
};

/// A statement that does not verify.
pub const ATTESTATION_BAD: Rule = Rule {
    code: "PK114",
    name: "the attestation does not verify",
    layer: Layer::Provider,
    best: Confidence::Certain,
    means: "The signature, the AAGUID in the certificate, its profile or its chain is wrong.",
    todo: "Do not trust this authenticator, and report it.",
    flip: "Use an authenticator whose attestation verifies.",
    source: Source {
        page: &WEBAUTHN,
        says: "The verification procedure of each format defines the conditions.",
    },
};

/// Revoked or compromised.
pub const METADATA_STATUS: Rule = Rule {
    code: "PK115",
    name: "the model is revoked or compromised",
    layer: Layer::Provider,
    best: Confidence::Certain,
    means: "The metadata that was given reports the model as revoked, compromised, or open to a bypass of user verification.",
    todo: "Replace the authenticator.",
    flip: "Use another model.",
    source: Source {
        page: &METADATA,
        says: "Status reports of an entry name revocation, compromise and bypass.",
    },
};

/// No user verification.
pub const NOT_VERIFIED: Rule = Rule {
    code: "PK120",
    name: "the user was not verified",
    layer: Layer::Provider,
    best: Confidence::Certain,
    means: "Microsoft Entra always requires user verification, and the passkey reports none.",
    todo: "Set up a screen lock, fingerprint, face or PIN on the authenticator.",
    flip: "Use an authenticator that verifies its user.",
    source: Source {
        page: &VENDORS,
        says: "User verification or a PIN is required.",
    },
};

/// No resident key.
pub const NOT_DISCOVERABLE: Rule = Rule {
    code: "PK121",
    name: "the passkey is not discoverable",
    layer: Layer::Provider,
    best: Confidence::Likely,
    means: "Microsoft Entra requires resident keys, and this passkey is not one.",
    todo: "Free space on the key, or use another authenticator.",
    flip: "Use an authenticator that stores the passkey.",
    source: Source {
        page: &VENDORS,
        says: "Resident keys are required.",
    },
};

/// Excluded, because it is there.
pub const ALREADY_REGISTERED: Rule = Rule {
    code: "PK122",
    name: "the authenticator is already registered",
    layer: Layer::Provider,
    best: Confidence::Certain,
    means: "The authenticator already holds a passkey of this account; Microsoft Authenticator keeps one for each account.",
    todo: "Use the existing passkey, or delete it first in Security info and on the phone.",
    flip: "Delete the existing passkey.",
    source: Source {
        page: &REGISTERING,
        says: "Authenticator holds one passkey for each account.",
    },
};

/// ES256 is not asked for.
pub const ALGORITHM: Rule = Rule {
    code: "PK123",
    name: "the site does not offer ES256",
    layer: Layer::Provider,
    best: Confidence::Likely,
    means: "Phones create ES256 passkeys, and ES256 is not among the algorithms that the site lists.",
    todo: "Ask whoever runs the site to accept ES256.",
    flip: "Have the site list algorithm -7.",
    source: Source {
        page: &WEBAUTHN,
        says: "An authenticator creates a key with one of the algorithms that the site lists.",
    },
};

/// The site wants a platform authenticator.
pub const ATTACHMENT: Rule = Rule {
    code: "PK124",
    name: "the site's request excludes passkeys across devices",
    layer: Layer::Platform,
    best: Confidence::Certain,
    means: "The site asks for this computer's own authenticator, or the passkey cannot be used across devices.",
    todo: "Start again at the site and choose a phone or security key.",
    flip: "Have the site ask for a cross-platform authenticator.",
    source: Source {
        page: &WEBAUTHN,
        says: "Attachment platform excludes roaming authenticators.",
    },
};

/// Backup eligibility changed.
pub const ELIGIBILITY_CHANGED: Rule = Rule {
    code: "PK125",
    name: "backup eligibility changed",
    layer: Layer::Provider,
    best: Confidence::Certain,
    means: "The passkey reported the opposite backup eligibility at registration, which must not change.",
    todo: "Treat the passkey as suspicious: delete it, and register again.",
    flip: "Register the passkey again.",
    source: Source {
        page: &WEBAUTHN,
        says: "Backup eligibility is set when the credential is made and must not change.",
    },
};

/// System or app too old.
pub const VERSION_TOO_OLD: Rule = Rule {
    code: "PK130",
    name: "the phone or its app is too old",
    layer: Layer::Platform,
    best: Confidence::Certain,
    means: "Passkeys in Microsoft Authenticator need iOS 17 or Android 14, and profiles with both types need a newer app.",
    todo: "Update the phone and the app.",
    flip: "Update to the named version.",
    source: Source {
        page: &AUTHENTICATOR,
        says: "Passkeys in Authenticator are for iOS 17 and Android 14 and later.",
    },
};

/// Many passkeys of one user.
pub const TOO_MANY_PASSKEYS: Rule = Rule {
    code: "PK131",
    name: "the user has many passkeys",
    layer: Layer::Platform,
    best: Confidence::Likely,
    means: "Sign-in may fail on iPhones with more than three passkeys; Microsoft recommends at most twenty.",
    todo: "Delete unused passkeys, or sign in through Sign-in options without a user name.",
    flip: "Delete the passkeys above the limit.",
    source: Source {
        page: &COMPATIBILITY,
        says: "More than three passkeys can make sign-in fail; Sign-in options is the workaround.",
    },
};
