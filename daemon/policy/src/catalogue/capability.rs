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
    name: "the policy has no objection",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "One profile that is assigned to the user accepts the passkey whole. The service itself has the last word.",
    todo: "Go on with it; nothing is to be changed.",
    flip: "Take the profile that is named from the user.",
    source: Source {
        page: &PASSKEYS,
        says: "A passkey must satisfy all conditions of one profile that is assigned to the user.",
    },
};

/// The method is off.
pub const METHOD_DISABLED: Rule = Rule {
    code: "PK010",
    name: "passkeys are switched off",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The tenant has the method Passkey (FIDO2) disabled, for everyone.",
    todo: "An administrator enables the method Passkey (FIDO2).",
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
    means: "The user is among the excluded targets. Exclusion wins over every inclusion, at registration and at sign-in.",
    todo: "An administrator takes the user out of the excluded group, or the group out of the exclusions.",
    flip: "Take the user out of the excluded target.",
    source: Source {
        page: &PASSKEYS,
        says: "A user who is both included and excluded is excluded.",
    },
};

/// No target has the user.
pub const NOT_TARGETED: Rule = Rule {
    code: "PK012",
    name: "passkeys are not meant for this user",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "None of the included targets has the user.",
    todo: "An administrator adds a target that has the user, with a profile.",
    flip: "Add a target that has the user.",
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
        says: "allowedPasskeyProfiles is a list that may be empty; what that means is not said.",
    },
};

/// A target names a profile that is not there.
pub const DANGLING_PROFILE: Rule = Rule {
    code: "PK014",
    name: "a target names a profile that does not exist",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "The export contradicts itself: no profile has the id that the target names.",
    todo: "Export again; if it stays so, assign an existing profile.",
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
    means: "Users cannot add passkeys in Security info, and administrators cannot by Graph. Passkeys that exist keep working.",
    todo: "An administrator allows self-service set-up; the setting is for the whole tenant.",
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
    flip: "Ask in the user's home tenant.",
    source: Source {
        page: &GUESTS,
        says: "Passkeys of external users are honoured from their home tenant when its multi-factor authentication is trusted.",
    },
};

/// No profile accepts synced passkeys.
pub const SYNCED_REFUSED: Rule = Rule {
    code: "PK100",
    name: "synced passkeys are refused",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The passkey is one that its provider copies, and no profile of the user accepts such. Existing ones cannot sign in either.",
    todo: "Use a provider or key whose passkeys stay on the device.",
    flip: "Add synced to passkeyTypes of one profile of the user.",
    source: Source {
        page: &PASSKEYS,
        says: "Profiles list the types that are accepted, and taking synced away blocks existing synced passkeys.",
    },
};

/// No profile accepts device-bound passkeys.
pub const DEVICE_BOUND_REFUSED: Rule = Rule {
    code: "PK101",
    name: "device-bound passkeys are refused",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "The passkey stays on its device, and the profiles of the user accept synced ones alone.",
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
    means: "The profile accepts listed models (AAGUIDs) alone, and the one that the passkey claims is not among them.",
    todo: "Use a provider that is listed, or ask for this AAGUID to be added.",
    flip: "Add the AAGUID to aaGuids of one profile of the user.",
    source: Source {
        page: &PASSKEYS,
        says: "With an allow list only listed AAGUIDs can be registered and used.",
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
    flip: "Take the AAGUID from aaGuids of one profile of the user.",
    source: Source {
        page: &PASSKEYS,
        says: "With a block list listed AAGUIDs can be neither registered nor used.",
    },
};

/// Each profile accepts a part.
pub const SPLIT_PROFILES: Rule = Rule {
    code: "PK106",
    name: "no single profile accepts it whole",
    layer: Layer::Capability,
    best: Confidence::Likely,
    means: "Each condition is met by some profile of the user, but one profile must meet them all.",
    todo: "Bring the conditions together in one profile.",
    flip: "Change the one condition that is named, in that profile.",
    source: Source {
        page: &PASSKEYS,
        says: "A passkey must satisfy all conditions of one profile.",
    },
};

/// The client erases the model.
pub const MODEL_ERASED: Rule = Rule {
    code: "PK118",
    name: "the browser erases the model of a virtual key",
    layer: Layer::Capability,
    best: Confidence::Certain,
    means: "A registration through a USB key with attestation \"none\" reaches the site with AAGUID zero. An allow list refuses it, a block list lets it pass.",
    todo: "Use the QR code of the browser or another browser, or ask the site for direct attestation.",
    flip: "Add the AAGUID of zeros to the list, or use Firefox 153 or later.",
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
    todo: "Merge profiles or shorten lists of AAGUIDs before adding more.",
    flip: "Take away as many profiles or AAGUIDs as are too many.",
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
    means: "The campaign nudges to passkeys, but no profile is open to all kinds, without attestation and without a list, so nobody is nudged.",
    todo: "Offer a profile without these conditions, or tell users another way.",
    flip: "Take the condition that is named from one profile.",
    source: Source {
        page: &CAMPAIGN,
        says: "Profiles with one type alone, with attestation or with AAGUID restrictions suppress the campaign.",
    },
};
