//! What the authentication methods policy accepts.

use super::page::{CAMPAIGN, GUESTS, MEASURED, PASSKEYS, PROVISIONING, SCHEMA};
use super::rule::{Layer, Rule, Source};
use crate::confidence::Confidence;

pub(super) const CAPABILITY_RULES: &[&Rule] = &[
    &ACCEPTED,
    &METHOD_DISABLED,
    &EXCLUDED,
    &NOT_TARGETED,
    &TARGET_WITHOUT_PROFILE,
    &DANGLING_PROFILE,
    &SELF_SERVICE_OFF,
    &GUEST,
    &SYNCED_REFUSED,
    &DEVICE_BOUND_REFUSED,
    &MODEL_NOT_ALLOWED,
    &MODEL_BLOCKED,
    &SPLIT_PROFILES,
    &MODEL_ERASED,
    &SIZE_LIMIT,
    &CAMPAIGN_SUPPRESSED,
];

/// A profile passes whole.
pub const ACCEPTED: Rule = Rule {
    code: "PK000",
    name: "the policy accepts the passkey",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The passkey meets every condition of a profile that is assigned to the user. The service itself decides.",
    todo: "The profile needs no change. If another verdict refuses, follow that one.",
    flip: "Remove the named profile from the user.",
    source: Source {
        page: &PASSKEYS,
        says: "A passkey must satisfy all conditions of one profile that is assigned to the user.",
    },
};

/// The method is off.
pub const METHOD_DISABLED: Rule = Rule {
    code: "PK010",
    name: "passkeys are disabled",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The tenant has the method Passkey (FIDO2) disabled, for everyone.",
    todo: "Ask an administrator to enable the method Passkey (FIDO2).",
    flip: "Set the method's state to enabled.",
    source: Source {
        page: &SCHEMA,
        says: "The state of a method is enabled or disabled.",
    },
};

/// The user is excluded.
pub const EXCLUDED: Rule = Rule {
    code: "PK011",
    name: "the user is excluded",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The user is among the excluded targets. Exclusion takes precedence over inclusion, at registration and at sign-in.",
    todo: "Ask an administrator to remove the user from the excluded group, or the group from the exclusions.",
    flip: "Remove the user from the excluded target.",
    source: Source {
        page: &PASSKEYS,
        says: "A user who is both included and excluded is excluded.",
    },
};

/// No target has the user.
pub const NOT_TARGETED: Rule = Rule {
    code: "PK012",
    name: "passkeys are not enabled for this user",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "None of the included targets contains the user.",
    todo: "Ask an administrator to add a target with a profile that contains the user.",
    flip: "Add a target that contains the user.",
    source: Source {
        page: &PASSKEYS,
        says: "Only users of the included targets can register and use passkeys.",
    },
};

/// A target has an empty list of profiles.
pub const TARGET_WITHOUT_PROFILE: Rule = Rule {
    code: "PK013",
    name: "a target has no profile",
    layer: Layer::Capability,
    best: Confidence::Possible,
    means: "The tenant has profiles, and this target names none. Whether the default profile then applies is not documented.",
    todo: "Assign a profile to the target explicitly.",
    flip: "Assign a profile to the target.",
    source: Source {
        page: &SCHEMA,
        says: "allowedPasskeyProfiles is a list that may be empty; the meaning of an empty list is not documented.",
    },
};

/// A target names a profile that is not there.
pub const DANGLING_PROFILE: Rule = Rule {
    code: "PK014",
    name: "a target names a profile that does not exist",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The export contradicts itself: the target names a profile id that does not exist.",
    todo: "Export again; if the result is the same, assign an existing profile.",
    flip: "Assign a profile that exists.",
    source: Source {
        page: &PASSKEYS,
        says: "A profile that is still assigned cannot be deleted.",
    },
};

/// Users may not register by themselves.
pub const SELF_SERVICE_OFF: Rule = Rule {
    code: "PK020",
    name: "self-service registration is off",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "Users cannot add passkeys in Security info, and administrators cannot add them through Graph. Existing passkeys keep working.",
    todo: "Ask an administrator to allow self-service set-up, a setting of the whole tenant.",
    flip: "Set isSelfServiceRegistrationAllowed to true.",
    source: Source {
        page: &PROVISIONING,
        says: "Self-service set-up must be on, even for registration by an administrator.",
    },
};

/// Guests register at home.
pub const GUEST: Rule = Rule {
    code: "PK030",
    name: "guests cannot register here",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The user is a guest of this tenant. Passkeys are registered in the home tenant.",
    todo: "Register in the home tenant; this tenant must trust its multi-factor authentication.",
    flip: "Check the user's home tenant.",
    source: Source {
        page: &GUESTS,
        says: "Passkeys of external users from their home tenant are accepted when its multi-factor authentication is trusted.",
    },
};

/// No profile accepts synced passkeys.
pub const SYNCED_REFUSED: Rule = Rule {
    code: "PK100",
    name: "synced passkeys are not accepted",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The passkey is synced by its provider, and no profile of the user accepts synced passkeys. Where there are profiles, existing ones cannot sign in either.",
    todo: "Use a provider or key whose passkeys stay on the device.",
    flip: "Add synced to passkeyTypes of one profile of the user.",
    source: Source {
        page: &PASSKEYS,
        says: "Profiles list the types that are accepted, and removing synced blocks existing synced passkeys.",
    },
};

/// No profile accepts device-bound passkeys.
pub const DEVICE_BOUND_REFUSED: Rule = Rule {
    code: "PK101",
    name: "device-bound passkeys are not accepted",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The passkey stays on its device, and the profiles of the user accept only synced ones.",
    todo: "Use a provider that syncs passkeys.",
    flip: "Add deviceBound to passkeyTypes of one profile of the user.",
    source: Source {
        page: &PASSKEYS,
        says: "Profiles list the types that are accepted.",
    },
};

/// Not on the list.
pub const MODEL_NOT_ALLOWED: Rule = Rule {
    code: "PK102",
    name: "the model is not on the list",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The profile accepts only listed models (AAGUIDs), and the passkey's model is not listed.",
    todo: "Use a provider that is listed, or ask for this AAGUID to be added.",
    flip: "Add the AAGUID to aaGuids of one profile of the user.",
    source: Source {
        page: &PASSKEYS,
        says: "Only listed AAGUIDs can be registered and used with an allow list.",
    },
};

/// On the block list.
pub const MODEL_BLOCKED: Rule = Rule {
    code: "PK103",
    name: "the model is blocked",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The profile blocks the model (AAGUID) that the passkey claims.",
    todo: "Use another provider.",
    flip: "Remove the AAGUID from aaGuids of one profile of the user.",
    source: Source {
        page: &PASSKEYS,
        says: "Listed AAGUIDs can be neither registered nor used with a block list.",
    },
};

/// Each profile accepts a part.
pub const SPLIT_PROFILES: Rule = Rule {
    code: "PK106",
    name: "no single profile meets every condition",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "Each condition is met by some profile of the user, but one profile must meet them all.",
    todo: "Combine the conditions in one profile.",
    flip: "Change the named condition in that profile.",
    source: Source {
        page: &PASSKEYS,
        says: "A passkey must satisfy all conditions of one profile.",
    },
};

/// The client erases the model.
pub const MODEL_ERASED: Rule = Rule {
    code: "PK118",
    name: "the browser removes the model of a virtual key",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "A registration through a USB key with attestation \"none\" reaches the site with AAGUID zero. An allow list rejects it, a block list accepts it.",
    todo: "Use the QR code of the browser or another browser, or ask the site for direct attestation.",
    flip: "Add the all-zero AAGUID to the list, or use Firefox 153 or later.",
    source: Source {
        page: &MEASURED,
        says: "Chromium 156 sets the AAGUID to zero, although the key lists hybrid and internal; Firefox 153 passes it on.",
    },
};

/// Larger than the service stores.
pub const SIZE_LIMIT: Rule = Rule {
    code: "PK230",
    name: "the policy is near the service's limits",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The service stores at most three profiles and about 20 KB of policy.",
    todo: "Merge profiles or shorten AAGUID lists before adding more.",
    flip: "Remove the profiles or AAGUIDs above the limit.",
    source: Source {
        page: &PASSKEYS,
        says: "At most three profiles, the default one included, and a policy of at most 20 KB.",
    },
};

/// The campaign does not run.
pub const CAMPAIGN_SUPPRESSED: Rule = Rule {
    code: "PK231",
    name: "the registration campaign is suppressed",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The campaign promotes passkeys, but no profile accepts all types without attestation and without a list, so no user is prompted.",
    todo: "Offer a profile without these conditions, or inform users in another way.",
    flip: "Remove the named condition from one profile.",
    source: Source {
        page: &CAMPAIGN,
        says: "Profiles with only one type, with attestation or with AAGUID restrictions suppress the campaign.",
    },
};
