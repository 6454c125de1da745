//! The FIDO Alliance's metadata of authenticators (Metadata Service 3.0), as a person imports it.
//!
//! Nothing of it is part of this program: its terms bind whoever takes it. What is needed to check
//! that it is genuine is not shipped either: it is signed with a certificate for
//! `mds.fidoalliance.org`, and the authorities that the system trusts vouch for that, as for a site.

mod entry;
mod token;

pub use entry::MetadataEntry;
pub use token::MetadataError;

use crate::certificate::Certified;
use crate::chain::Chain;
use crate::date::Date;
use crate::flaw::Flaw;
use entry::Payload;
use hybrid_protocol::ctap::Aaguid;
use rustls_pki_types::TrustAnchor;
use sha1::{Digest as _, Sha1};

/// Metadata whose signature was verified.
#[derive(Debug)]
pub struct Metadata {
    number: u64,
    next_update: Date,
    is_stale: bool,
    entries: Vec<MetadataEntry>,
}

/// What metadata say of the chain of an attestation.
pub(crate) enum RootVerdict<'m> {
    /// The model is not in them.
    UnknownModel,
    /// The model is, and the chain ends in none of its roots.
    UnknownRoot,
    /// A root of the model issued it, and permits no such chain.
    Broken(Flaw),
    /// The chain ends in this root of the model.
    Trusted(&'m MetadataEntry, Box<Certified>),
}

impl Metadata {
    /// Reads a blob and verifies it, at this time (seconds since 1970), against these authorities.
    ///
    /// # Errors
    /// [`MetadataError`] says what was expected and what came.
    pub fn read(
        blob: &[u8],
        authorities: &[TrustAnchor<'_>],
        now: u64,
    ) -> Result<Self, MetadataError> {
        Self::of_payload(&token::verified_payload(blob, authorities, now)?, now)
    }

    /// Reads what is in the envelope.
    pub(crate) fn of_payload(payload: &[u8], now: u64) -> Result<Self, MetadataError> {
        let payload: Payload = serde_json::from_slice(payload).map_err(MetadataError::Payload)?;
        let number = payload.number.filter(|number| *number > 0);
        let next_update = Date::parse(&payload.next_update).ok_or(MetadataError::NextUpdate)?;
        Ok(Self {
            number: number.ok_or(MetadataError::Number)?,
            is_stale: Date::of_seconds(now).is_some_and(|today| today > next_update),
            next_update,
            entries: { payload.entries.into_iter() }
                .map(MetadataEntry::from)
                .collect(),
        })
    }

    /// Which issue it is; they count upwards.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When the next issue was to follow.
    pub const fn next_update(&self) -> Date {
        self.next_update
    }

    /// Whether that day is over.
    pub const fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// How many models it knows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The model of this id.
    pub fn model(&self, aaguid: Aaguid) -> Option<&MetadataEntry> {
        { self.entries.iter() }.find(|entry| entry.aaguid() == Some(aaguid))
    }

    /// What was reported of this model that makes it worthless, in whichever entry.
    pub fn compromise(&self, aaguid: Aaguid) -> Option<&'static str> {
        let all = { self.entries.iter() }.filter(|entry| entry.aaguid() == Some(aaguid));
        { all.filter(|_| aaguid != Aaguid::NONE) }.find_map(MetadataEntry::compromise)
    }

    /// Whether another model has this root, too.
    pub(crate) fn is_shared(&self, root: &Certified, of: &MetadataEntry) -> bool {
        let others = { self.entries.iter() }
            .filter(|entry| entry.aaguid().is_none() || entry.aaguid() != of.aaguid());
        { others.filter(|entry| !std::ptr::eq(*entry, of)) }.any(|entry| entry.lists(root))
    }

    /// Keys from before AAGUIDs are known by the certificates that they sign with.
    pub(crate) fn judge(&self, aaguid: Aaguid, chain: &Chain) -> RootVerdict<'_> {
        let keys: Vec<String> = { chain.all() }.filter_map(key_identifier).collect();
        let is_it = |entry: &&MetadataEntry| {
            if aaguid == Aaguid::NONE {
                entry.names_any_of(&keys)
            } else {
                entry.aaguid() == Some(aaguid)
            }
        };
        let mut verdict = RootVerdict::UnknownModel;
        for entry in self.entries.iter().filter(is_it) {
            for root in entry.roots() {
                match chain.ends_in(&root) {
                    Ok(true) => return RootVerdict::Trusted(entry, Box::new(root)),
                    Err(flaw) if flaw.is_wrong() => verdict = RootVerdict::Broken(flaw),
                    Ok(false) | Err(_) => {}
                }
            }
            if matches!(verdict, RootVerdict::UnknownModel) {
                verdict = RootVerdict::UnknownRoot;
            }
        }
        verdict
    }
}

/// RFC 5280 section 4.2.1.2, method 1.
fn key_identifier(certificate: &Certified) -> Option<String> {
    let key = certificate.key().ok()?;
    Some(hex::encode(Sha1::digest(key.bytes)))
}
