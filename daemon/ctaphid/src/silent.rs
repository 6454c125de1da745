//! Questions without a person: "is one of these yours?" (`up: false`).
//!
//! No phone is asked. What is answered decides which list a browser then sends with presence, so
//! that every dialect has its own answer. The clientDataHash tells who asks.

use crate::descriptor::CredentialId;
use crate::entropy::Entropy;
use crate::reply::Reply;
use crate::rp_id::RpId;
use crate::status::Status;
use hybrid_protocol::cbor::{self, Value};
use std::collections::VecDeque;

/// Who asks, by the hash of the client data that no answer is checked against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// SHA-256 of nothing: Firefox, and older Chromium with an exclude list.
    EmptyHash,
    /// SHA-256 of 32 zero bytes: OpenSSH.
    HashedZeroes,
    /// 32 zero bytes: python-fido2 1.x.
    Zeroes,
    /// Anything else: older Chromium with an allow list, and programs over libfido2.
    Other,
}

/// SHA-256 of nothing.
pub const EMPTY_HASH: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// SHA-256 of 32 zero bytes.
const HASH_OF_ZEROES: [u8; 32] = [
    0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77, 0x6c, 0x8f, 0xc1, 0x8b, 0x8e, 0x9f, 0x8e, 0x20,
    0x08, 0x97, 0x14, 0x85, 0x6e, 0xe2, 0x33, 0xb3, 0x90, 0x2a, 0x59, 0x1d, 0x0d, 0x5f, 0x29, 0x25,
];

impl Dialect {
    /// The dialect that sends this clientDataHash.
    pub fn of(client_data_hash: &[u8; 32]) -> Self {
        match *client_data_hash {
            EMPTY_HASH => Self::EmptyHash,
            HASH_OF_ZEROES => Self::HashedZeroes,
            [0, rest @ ..] if rest == [0; 31] => Self::Zeroes,
            _ => Self::Other,
        }
    }
}

/// A getAssertion with `up: false`. Only reading such a request makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SilentProbe {
    rp_id: RpId,
    dialect: Dialect,
    ids: Vec<CredentialId>,
}

/// How a probe is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plan {
    /// No.
    Refuse,
    /// Yes to every id.
    Every,
    /// Yes to the one id.
    First,
    /// It depends on what phones answered with before.
    AskMemory,
}

impl SilentProbe {
    pub(crate) const fn new(rp_id: RpId, dialect: Dialect, ids: Vec<CredentialId>) -> Self {
        Self {
            rp_id,
            dialect,
            ids,
        }
    }

    /// For whom.
    pub const fn rp_id(&self) -> &RpId {
        &self.rp_id
    }

    /// Who asks.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The credentials asked for.
    pub fn ids(&self) -> &[CredentialId] {
        &self.ids
    }

    /// How it is answered.
    ///
    /// Firefox replaces its list by what is answered, so it gets all. Other browsers go on with the
    /// one that is named. Programs over libfido2 take the first key that says yes: only what is
    /// known for sure gets one.
    pub fn plan(&self) -> Plan {
        match (self.ids.len(), self.rp_id.is_domain(), self.dialect) {
            (0, ..) => Plan::Refuse,
            (_, false, _) => Plan::AskMemory,
            (_, true, Dialect::EmptyHash) => Plan::Every,
            (1, true, _) => Plan::First,
            (_, true, Dialect::HashedZeroes | Dialect::Zeroes | Dialect::Other) => Plan::AskMemory,
        }
    }

    /// Yes to every id; the second and later ones are fetched by getNextAssertion.
    pub(crate) fn every(&self, entropy: &mut Entropy) -> (Reply, FurtherAssertions) {
        let (hash, count) = (self.rp_id.hash(), self.ids.len());
        let count = (count > 1).then_some(count);
        let mut all = self
            .ids
            .iter()
            .map(|id| Assertion::new(hash, id.clone(), entropy));
        let first = all.next().and_then(|first| first.reply(count));
        let reply = first.unwrap_or_else(|| Reply::refused(Status::NoCredentials));
        (reply, FurtherAssertions(all.collect()))
    }

    /// Yes to the one that is known. Without one: the first for a domain, no for others.
    pub(crate) fn one(&self, known: Option<usize>, entropy: &mut Entropy) -> Reply {
        let known = known.and_then(|place| self.ids.get(place));
        let id = known.or_else(|| self.ids.first().filter(|_| self.rp_id.is_domain()));
        id.and_then(|id| Assertion::new(self.rp_id.hash(), id.clone(), entropy).reply(None))
            .unwrap_or_else(|| Reply::refused(Status::NoCredentials))
    }
}

/// What is left of an answer of several.
pub struct FurtherAssertions(VecDeque<Assertion>);

impl FurtherAssertions {
    /// The next one.
    pub(crate) fn pop(&mut self) -> Option<Reply> {
        self.0.pop_front()?.reply(None)
    }
}

/// A made-up assertion: flags and counter are zero and the signature is random, which nobody
/// verifies.
///
/// It is made of a [`SilentProbe`] alone, and a request with presence holds none.
struct Assertion {
    rp_id_hash: [u8; 32],
    id: CredentialId,
    signature: Vec<u8>,
}

impl Assertion {
    fn new(rp_id_hash: [u8; 32], id: CredentialId, entropy: &mut Entropy) -> Self {
        // DER: a sequence of two integers of 32 bytes, each positive, not zero and below the order
        // of P-256.
        let mut signature = vec![0x30, 0x44];
        for mut number in [entropy.block(), entropy.block()] {
            let [first, ..] = &mut number;
            *first = *first & 0x7f | 0x40;
            signature.extend_from_slice(&[0x02, 0x20]);
            signature.extend_from_slice(&number);
        }
        Self {
            rp_id_hash,
            id,
            signature,
        }
    }

    fn reply(self, count: Option<usize>) -> Option<Reply> {
        let data = [self.rp_id_hash.as_slice(), &[0; 5]].concat();
        let mut map = vec![
            (Value::from(1), descriptor(self.id)),
            (Value::from(2), Value::Bytes(data)),
            (Value::from(3), Value::Bytes(self.signature)),
        ];
        if let Some(count) = count {
            map.push((Value::from(5), Value::from(count as u64)));
        }
        Reply::success(&cbor::write(&Value::Map(map)))
    }
}

fn descriptor(id: CredentialId) -> Value {
    Value::Map(vec![
        (Value::from("id"), Value::Bytes(id.bytes().to_vec())),
        (Value::from("type"), Value::from("public-key")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_hashes_are_those_of_nothing_and_of_zeroes() {
        assert_eq!(EMPTY_HASH, <[u8; 32]>::from(Sha256::digest([])));
        assert_eq!(HASH_OF_ZEROES, <[u8; 32]>::from(Sha256::digest([0; 32])));
        assert_eq!(Dialect::of(&EMPTY_HASH), Dialect::EmptyHash);
        assert_eq!(Dialect::of(&HASH_OF_ZEROES), Dialect::HashedZeroes);
        assert_eq!(Dialect::of(&[0; 32]), Dialect::Zeroes);
        assert_eq!(Dialect::of(&[1; 32]), Dialect::Other);
    }
}
