//! The passkey under judgement, as plain facts. Whoever decodes WebAuthn fills them in; what is not
//! known stays `None`.

use crate::moment::Moment;
use hybrid_protocol::ctap::Aaguid;

/// What is known of a passkey.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PasskeyFacts {
    /// What the authenticator claims to be.
    pub aaguid: Option<Aaguid>,
    /// What the site gets to see, when that was seen: clients may erase the AAGUID.
    pub aaguid_at_site: Option<Aaguid>,
    /// Backup eligible (flag BE): a provider may copy it. Device-bound otherwise.
    pub synced: Option<bool>,
    /// The same flag as it was at registration.
    pub synced_at_registration: Option<bool>,
    /// What vouches for it; at registration.
    pub attestation: Option<AttestationFacts>,
    /// What a directory says of its attestation at registration.
    pub attested_at_registration: Option<bool>,
    /// User verified (flag UV).
    pub user_verified: Option<bool>,
    /// A resident key.
    pub discoverable: Option<bool>,
    /// The authenticator answered that it has one of this account.
    pub already_registered: bool,
    /// Ways by which the authenticator can be reached, as far as it lists any.
    pub transports: Vec<Transport>,
    /// The user name that it holds.
    pub user_name: Option<String>,
}

impl PasskeyFacts {
    /// Whether its model, its type or its attestation is known.
    pub const fn is_described(&self) -> bool {
        self.aaguid.is_some() || self.synced.is_some() || self.attestation.is_some()
    }
}

/// `AuthenticatorTransport`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Transport {
    /// `usb`
    Usb,
    /// `nfc`
    Nfc,
    /// `ble`
    Ble,
    /// `hybrid`
    Hybrid,
    /// `internal`
    Internal,
    /// Another one.
    Other,
}

/// The attestation statement, as its verifier left it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AttestationFacts {
    /// Format `none`.
    Missing,
    /// Format `packed` without certificates.
    SelfSigned,
    /// Format `packed` with certificates.
    Packed(ChainFacts),
    /// Another format, by its name.
    OtherFormat(String),
    /// None was seen: somebody plans with one that is enough.
    Supposed,
}

/// Certificates of an attestation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChainFacts {
    /// No metadata was at hand.
    Unchecked,
    /// The signature, a certificate, or the AAGUID in it is wrong.
    Bad,
    /// It verifies, and ends in no root of the metadata with this number.
    UnknownRoot(u32),
    /// It ends in a root of the metadata.
    Trusted(MetadataFacts),
}

/// What the metadata says of the model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetadataFacts {
    /// The metadata's number.
    pub number: u32,
    /// Revoked, compromised, or open to a bypass.
    pub compromised: bool,
    /// It states what Microsoft asks for, as far as can be told.
    pub eligible: Option<bool>,
    /// When its status was reported last.
    pub changed: Option<Moment>,
}
