//! Authenticator data (WebAuthn Level 3 section 6.1): what the phone signed.

use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::key::PublicKey;

const USER_PRESENT: u8 = 1 << 0;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;

/// The parts that a client checks.
pub(super) struct AuthData<'a> {
    pub(super) rp_id_hash: &'a [u8; 32],
    flags: u8,
    pub(super) credential: Option<Credential<'a>>,
}

/// A new credential.
pub(super) struct Credential<'a> {
    pub(super) id: &'a [u8],
    /// COSE algorithm.
    pub(super) alg: i64,
    /// The key, when it is ES256.
    pub(super) key: Option<PublicKey>,
}

impl<'a> AuthData<'a> {
    /// `None` when it is cut short or its key is no COSE key.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (_counter, rest) = rest.split_first_chunk::<4>()?;
        let credential = if flags & HAS_CREDENTIAL == 0 {
            None
        } else {
            Some(Credential::read(rest)?)
        };
        Some(Self {
            rp_id_hash,
            flags: *flags,
            credential,
        })
    }

    pub(super) const fn user_present(&self) -> bool {
        self.flags & USER_PRESENT != 0
    }

    pub(super) const fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }
}

impl<'a> Credential<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (_aaguid, rest) = bytes.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let (Value::Map(key), _extensions) = cbor::read_prefix(rest).ok()? else {
            return None;
        };
        let alg = signed(&key, 3)?;
        Some(Self {
            id,
            alg,
            key: es256_key(&key),
        })
    }
}

fn es256_key(key: &[(Value, Value)]) -> Option<PublicKey> {
    let coordinate = |label| {
        key.iter()
            .find(|(k, _)| *k == Value::from(label))
            .and_then(|(_, value)| value.as_bytes())
    };
    let point = [&[4], coordinate(-2)?.as_slice(), coordinate(-3)?.as_slice()].concat();
    PublicKey::from_uncompressed(&point).ok()
}

fn signed(key: &[(Value, Value)], label: u64) -> Option<i64> {
    cbor::entry(key, label)?.as_integer()?.try_into().ok()
}

/// The SubjectPublicKeyInfo of a P-256 key, DER: a fixed head and the point.
pub(super) fn spki(key: &PublicKey) -> Vec<u8> {
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    [HEAD.as_slice(), &key.uncompressed()].concat()
}
