//! Authenticator data (WebAuthn Level 3 section 6.1): what the phone signed.

use hybrid_protocol::PublicKey;
use hybrid_protocol::cbor::{self, Value};

const USER_PRESENT: u8 = 1 << 0;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;
/// WebAuthn Level 3 section 4, credential id.
pub(super) const MAX_CREDENTIAL_ID: usize = 1023;
const COORDINATE: usize = 32;

/// The parts that a client checks.
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: &'a [u8; 32],
    flags: u8,
    pub(super) credential: Option<AttestedCredential<'a>>,
    /// A map, when the phone put any in.
    pub(super) extensions: Option<Value>,
}

/// A new credential.
pub(super) struct AttestedCredential<'a> {
    pub(super) aaguid: &'a [u8; 16],
    pub(super) id: &'a [u8],
    /// COSE algorithm.
    pub(super) alg: i64,
    /// The key, when it is one for ES256 and lies on the curve.
    pub(super) key: Option<PublicKey>,
}

impl<'a> AuthenticatorData<'a> {
    /// `None` when it is cut short or followed by anything, when its key is no COSE key, or when
    /// its flags contradict each other.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (_counter, rest) = rest.split_first_chunk::<4>()?;
        if flags & (BACKUP_ELIGIBLE | BACKED_UP) == BACKED_UP {
            return None;
        }
        let (credential, rest) = if flags & HAS_CREDENTIAL == 0 {
            (None, rest)
        } else {
            let (credential, rest) = AttestedCredential::read(rest)?;
            (Some(credential), rest)
        };
        let (extensions, rest) = if flags & HAS_EXTENSIONS == 0 {
            (None, rest)
        } else {
            let (extensions, rest) = cbor::read_prefix(rest).ok()?;
            (Some(extensions).filter(Value::is_map), rest)
        };
        rest.is_empty().then_some(Self {
            rp_id_hash,
            flags: *flags,
            credential,
            extensions,
        })
    }

    pub(super) const fn user_present(&self) -> bool {
        self.flags & USER_PRESENT != 0
    }

    pub(super) const fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }
}

impl<'a> AttestedCredential<'a> {
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (aaguid, rest) = bytes.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        if !(1..=MAX_CREDENTIAL_ID).contains(&length) {
            return None;
        }
        let (id, rest) = rest.split_at_checked(length)?;
        let (Value::Map(key), rest) = cbor::read_prefix(rest).ok()? else {
            return None;
        };
        let credential = Self {
            aaguid,
            id,
            alg: label(&key, 3)?.as_integer()?.try_into().ok()?,
            key: es256_key(&key),
        };
        Some((credential, rest))
    }
}

/// RFC 9053 section 7.1.1: key type 2 (EC2), curve 1 (P-256), coordinates x and y.
fn es256_key(key: &[(Value, Value)]) -> Option<PublicKey> {
    if label(key, 1) != Some(&Value::from(2)) || label(key, -1) != Some(&Value::from(1)) {
        return None;
    }
    let coordinate = |at| {
        label(key, at)?
            .as_bytes()
            .filter(|bytes| bytes.len() == COORDINATE)
    };
    let point = [&[4], coordinate(-2)?.as_slice(), coordinate(-3)?.as_slice()].concat();
    PublicKey::from_uncompressed(&point).ok()
}

fn label(key: &[(Value, Value)], label: i64) -> Option<&Value> {
    key.iter()
        .find(|(k, _)| *k == Value::from(label))
        .map(|(_, value)| value)
}

/// The SubjectPublicKeyInfo of a P-256 key, DER: a fixed head and the point.
pub(super) fn spki(key: &PublicKey) -> Vec<u8> {
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    [HEAD.as_slice(), &key.uncompressed()].concat()
}
