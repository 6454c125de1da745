//! Authenticator data (WebAuthn Level 3 section 6.1): what the phone signed.

use hybrid_protocol::PublicKey;
use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::Aaguid;
use std::fmt;

const USER_PRESENT: u8 = 1 << 0;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;
/// WebAuthn Level 3 section 4, credential id.
pub(super) const MAX_CREDENTIAL_ID: usize = 1023;
const COORDINATE: usize = 32;

/// What an authenticator signs.
pub struct AuthenticatorData<'a> {
    /// SHA-256 of the relying party's id.
    pub rp_id_hash: &'a [u8; 32],
    /// All eight flags.
    pub flags: u8,
    /// The signature counter.
    pub counter: u32,
    /// A credential that was made just now.
    pub credential: Option<AttestedCredential<'a>>,
    /// A map, when the phone put any in.
    pub extensions: Option<Value>,
}

/// A new credential.
pub struct AttestedCredential<'a> {
    /// Which model made it, as that says.
    pub aaguid: Aaguid,
    /// The credential's id.
    pub id: &'a [u8],
    /// COSE algorithm.
    pub alg: i64,
    /// The whole COSE key, as its entries.
    pub cose: Vec<(Value, Value)>,
    /// The same as it was written.
    pub cose_bytes: &'a [u8],
    /// The key, when it is one for ES256 and lies on the curve.
    pub key: Option<PublicKey>,
}

/// Why bytes are no authenticator data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoAuthenticatorData {
    /// They end before the part of this name does.
    CutShort(&'static str),
    /// So many bytes follow.
    Trailing(usize),
    /// A credential id of this length.
    IdLength(usize),
    /// The key is no COSE key with an algorithm.
    Key,
    /// The extensions are no CBOR.
    Extensions,
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all of it. Whether its flags make sense together is another question
    /// ([`Self::claims_backup_of_device_bound`]).
    ///
    /// # Errors
    /// [`NoAuthenticatorData`] says where it ends, or what is wrong with its parts.
    pub fn read(bytes: &'a [u8]) -> Result<Self, NoAuthenticatorData> {
        use NoAuthenticatorData::{CutShort, Extensions, Trailing};
        let cut = || CutShort("the first 37 bytes (hash, flags, counter)");
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or_else(cut)?;
        let (flags, rest) = rest.split_first().ok_or_else(cut)?;
        let (counter, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let (credential, rest) = if flags & HAS_CREDENTIAL == 0 {
            (None, rest)
        } else {
            let (credential, rest) = AttestedCredential::read(rest)?;
            (Some(credential), rest)
        };
        let (extensions, rest) = if flags & HAS_EXTENSIONS == 0 {
            (None, rest)
        } else {
            let (extensions, rest) = cbor::read_prefix(rest).map_err(|_| Extensions)?;
            (Some(extensions).filter(Value::is_map), rest)
        };
        if !rest.is_empty() {
            return Err(Trailing(rest.len()));
        }
        Ok(Self {
            rp_id_hash,
            flags: *flags,
            counter: u32::from_be_bytes(*counter),
            credential,
            extensions,
        })
    }

    /// UP: somebody was there.
    pub const fn user_present(&self) -> bool {
        self.flags & USER_PRESENT != 0
    }

    /// UV: it was the right person.
    pub const fn user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }

    /// BE: the provider may copy the passkey to other devices.
    pub const fn backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }

    /// BS: there is a copy.
    pub const fn backed_up(&self) -> bool {
        self.flags & BACKED_UP != 0
    }

    /// ED: extensions follow. They have to be a map.
    pub const fn has_extensions(&self) -> bool {
        self.flags & HAS_EXTENSIONS != 0
    }

    /// BS without BE, which section 6.1 rules out.
    pub const fn claims_backup_of_device_bound(&self) -> bool {
        self.backed_up() && !self.backup_eligible()
    }
}

impl<'a> AttestedCredential<'a> {
    fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), NoAuthenticatorData> {
        use NoAuthenticatorData::{CutShort, IdLength, Key};
        let cut = || CutShort("the credential's AAGUID and id");
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or_else(cut)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if !(1..=MAX_CREDENTIAL_ID).contains(&length) {
            return Err(IdLength(length));
        }
        let (id, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        let (Value::Map(cose), after) = cbor::read_prefix(rest).map_err(|_| Key)? else {
            return Err(Key);
        };
        let length = rest.len().checked_sub(after.len()).ok_or(Key)?;
        let (cose_bytes, rest) = rest.split_at_checked(length).ok_or(Key)?;
        let alg = label(&cose, 3).and_then(Value::as_integer);
        let credential = Self {
            aaguid: Aaguid(*aaguid),
            id,
            alg: alg.and_then(|alg| alg.try_into().ok()).ok_or(Key)?,
            key: es256_key(&cose),
            cose,
            cose_bytes,
        };
        Ok((credential, rest))
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

/// The entry of a COSE key with this label.
pub fn label(key: &[(Value, Value)], label: i64) -> Option<&Value> {
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

impl fmt::Display for NoAuthenticatorData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort(part) => write!(f, "the bytes end before {part}"),
            Self::Trailing(bytes) => write!(f, "{bytes} bytes follow where it should end"),
            Self::IdLength(length) => {
                write!(
                    f,
                    "expected a credential id of 1 to {MAX_CREDENTIAL_ID} bytes, got {length}"
                )
            }
            Self::Key => f.write_str("expected a COSE key with an algorithm, got other bytes"),
            Self::Extensions => f.write_str("expected extensions as CBOR, got other bytes"),
        }
    }
}

impl std::error::Error for NoAuthenticatorData {}
