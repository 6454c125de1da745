//! Facts that no export of a policy holds, and how a person gives each.

/// A fact about a passkey, a person or a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fact {
    /// What it is, for a sentence.
    pub name: &'static str,
    /// How it is given, in a sentence.
    pub given_by: &'static str,
}

pub(crate) const MODEL: Fact = Fact {
    name: "the passkey's AAGUID",
    given_by: "Give the model: --aaguid ID, --response with what the registration returned, or an export of the user's methods.",
};
pub(crate) const TYPE: Fact = Fact {
    name: "whether the passkey is synced",
    given_by: "Give the type: --type synced, --type device-bound, or --response.",
};
/// Microsoft's page says both that who registered without attestation is not blocked when it is
/// enforced later, and that without profiles synced passkeys are on only while it is not enforced.
pub(crate) const SYNCED_WITHOUT_PROFILES: Fact = Fact {
    name: "whether synced passkeys of a tenant without profiles still sign in once attestation is enforced (what Microsoft documents \
           supports both)",
    given_by: "Nothing gives it but a try in the tenant.",
};
pub(crate) const ATTESTATION: Fact = Fact {
    name: "the passkey's attestation",
    given_by: "Give the attestation: --response with what the registration returned, and --mds; to plan, --attested yes or no.",
};
pub(crate) const METADATA: Fact = Fact {
    name: "metadata that lists the attestation's root",
    given_by: "Give the FIDO Alliance's metadata: --mds FILE.",
};
pub(crate) const METADATA_STATEMENT: Fact = Fact {
    name: "whether the metadata states everything that is required",
    given_by: "Look up the model in Microsoft's own table.",
};
pub(crate) const METADATA_IMPORTED: Fact = Fact {
    name: "whether Microsoft has imported this metadata",
    given_by: "Ask again four weeks after the entry's date.",
};
pub(crate) const METADATA_DATE: Fact = Fact {
    name: "when the metadata entry was changed",
    given_by: "Give newer metadata: --mds FILE.",
};
pub(crate) const BROWSER: Fact = Fact {
    name: "whether the browser passes the AAGUID of a USB key on",
    given_by: "Give the browser: --browser.",
};
pub(crate) const GUEST: Fact = Fact {
    name: "whether the user is a guest",
    given_by: "Give --guest, if the user is one.",
};
pub(crate) const USER: Fact = Fact {
    name: "the user's id in the directory",
    given_by: "Give the user's id: --user ID.",
};
pub(crate) const LAST_MFA: Fact = Fact {
    name: "the time of multi-factor authentication",
    given_by: "Give the time: --mfa-at TIME.",
};
pub(crate) const PASS_USED: Fact = Fact {
    name: "when the user signed in with the pass",
    given_by: "Give the time: --pass-used-at TIME.",
};
