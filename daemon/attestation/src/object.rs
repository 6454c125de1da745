//! The attestation object (WebAuthn Level 3 section 6.5.4), also as a phone replies with it (CTAP2,
//! with numbers for names).

use crate::doubled;
use crate::flaw::Flaw;
use hybrid_protocol::cbor::{self, CborError, Value};
use hybrid_protocol::ctap::parameter::attestation as attested;

/// An attestation object, taken apart.
pub(crate) struct AttestationObject {
    pub(crate) format: String,
    pub(crate) statement: Vec<(Value, Value)>,
    pub(crate) auth_data: Vec<u8>,
    /// Whether it has a member twice, also once by its name and once by its number.
    doubled: bool,
    /// Why it is not in the one form that CTAP2 has for it, if it is not.
    pub(crate) unusual: Option<CborError>,
}

impl AttestationObject {
    /// Reads either form.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NoAttestationObject> {
        let map = cbor::read_lenient(bytes).map_err(NoAttestationObject::Cbor)?;
        let doubled = doubled::is_in(&map);
        let Value::Map(map) = map else {
            return Err(NoAttestationObject::NoMap);
        };
        let part = |name: &str, number: u64| {
            cbor::text_entry(&map, name).or_else(|| cbor::entry(&map, number))
        };
        let both = |name: &str, number: u64| {
            cbor::text_entry(&map, name).is_some() && cbor::entry(&map, number).is_some()
        };
        let both = both("fmt", attested::FMT)
            || both("attStmt", attested::ATT_STMT)
            || both("authData", attested::AUTH_DATA);
        let missing = NoAttestationObject::Missing;
        let format = part("fmt", attested::FMT).and_then(Value::as_text);
        let statement = part("attStmt", attested::ATT_STMT).and_then(Value::as_map);
        let auth_data = part("authData", attested::AUTH_DATA).and_then(Value::as_bytes);
        Ok(Self {
            format: format.ok_or(missing("fmt"))?.to_owned(),
            statement: statement.ok_or(missing("attStmt"))?.clone(),
            auth_data: auth_data.ok_or(missing("authData"))?.clone(),
            doubled: doubled || both,
            unusual: cbor::read(bytes).err(),
        })
    }

    /// Whether all readers read the same in it.
    pub(crate) const fn check(&self) -> Result<(), Flaw> {
        if self.doubled {
            return Err(Flaw::Doubled("the attestation object"));
        }
        Ok(())
    }
}

/// Why bytes are no attestation object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoAttestationObject {
    Cbor(CborError),
    NoMap,
    Missing(&'static str),
}

impl std::fmt::Display for NoAttestationObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cbor(error) => error.fmt(f),
            Self::NoMap => f.write_str("expected a CBOR map, got another CBOR value"),
            Self::Missing(part) => {
                write!(f, "expected {part} in the map, got none of its type")
            }
        }
    }
}

impl std::error::Error for NoAttestationObject {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Cbor(error) => Some(error),
            Self::NoMap | Self::Missing(_) => None,
        }
    }
}
