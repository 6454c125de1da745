//! The parameter map of a command, read with the statuses that phones answer to wrong ones.

use hybrid_protocol::cbor::{self, Value};
use hybrid_protocol::ctap::CtapStatus;

/// The CBOR map that follows a command byte.
pub(super) struct Parameters(Vec<(Value, Value)>);

impl Parameters {
    pub(super) fn read(body: &[u8]) -> Result<Self, CtapStatus> {
        match cbor::read(body) {
            Ok(Value::Map(map)) => Ok(Self(map)),
            Ok(_) => Err(CtapStatus::CBOR_UNEXPECTED_TYPE),
            Err(_) => Err(CtapStatus::INVALID_CBOR),
        }
    }

    /// The relying party's id, under `rp` in makeCredential (a map) or bare in getAssertion (a
    /// text).
    pub(super) fn rp_id(&self, key: u64) -> Option<String> {
        let value = cbor::entry(&self.0, key)?;
        let id = value
            .as_map()
            .map_or(Some(value), |rp| cbor::text_entry(rp, "id"))?;
        id.as_text().map(str::to_owned)
    }

    pub(super) fn hash(&self, key: u64) -> Result<[u8; 32], CtapStatus> {
        let bytes = self
            .required(key)?
            .as_bytes()
            .ok_or(CtapStatus::CBOR_UNEXPECTED_TYPE)?;
        bytes
            .as_slice()
            .try_into()
            .map_err(|_| CtapStatus::INVALID_LENGTH)
    }

    pub(super) fn text(&self, key: u64) -> Result<&str, CtapStatus> {
        self.required(key)?
            .as_text()
            .ok_or(CtapStatus::CBOR_UNEXPECTED_TYPE)
    }

    pub(super) fn map(&self, key: u64) -> Result<&[(Value, Value)], CtapStatus> {
        self.required(key)?
            .as_map()
            .map(Vec::as_slice)
            .ok_or(CtapStatus::CBOR_UNEXPECTED_TYPE)
    }

    /// A map that may be absent.
    pub(super) fn optional_map(&self, key: u64) -> Result<&[(Value, Value)], CtapStatus> {
        cbor::entry(&self.0, key).map_or(Ok(&[]), |_| self.map(key))
    }

    pub(super) fn array(&self, key: u64) -> Result<&[Value], CtapStatus> {
        self.required(key)?
            .as_array()
            .map(Vec::as_slice)
            .ok_or(CtapStatus::CBOR_UNEXPECTED_TYPE)
    }

    /// The credential ids of a descriptor list; an absent list is empty. Descriptors of other types
    /// are skipped.
    pub(super) fn credential_ids(&self, key: u64) -> Result<Vec<&[u8]>, CtapStatus> {
        if cbor::entry(&self.0, key).is_none() {
            return Ok(Vec::new());
        }
        let descriptors = self.array(key)?.iter().filter_map(Value::as_map);
        let known = descriptors.filter(|map| {
            cbor::text_entry(map, "type").and_then(Value::as_text) == Some("public-key")
        });
        Ok(known
            .filter_map(|map| cbor::text_entry(map, "id")?.as_bytes().map(Vec::as_slice))
            .collect())
    }

    /// An option's value; `None` when it is not named.
    pub(super) fn option(&self, key: u64, name: &str) -> Result<Option<bool>, CtapStatus> {
        let option = cbor::text_entry(self.optional_map(key)?, name);
        option
            .map(|value| value.as_bool().ok_or(CtapStatus::CBOR_UNEXPECTED_TYPE))
            .transpose()
    }

    fn required(&self, key: u64) -> Result<&Value, CtapStatus> {
        cbor::entry(&self.0, key).ok_or(CtapStatus::MISSING_PARAMETER)
    }
}

/// A text member that must be there and not be null: phones refuse makeCredential without rp.name
/// and user.displayName.
pub(super) fn text_member(map: &[(Value, Value)], name: &str) -> Result<String, CtapStatus> {
    let member = cbor::text_entry(map, name).ok_or(CtapStatus::MISSING_PARAMETER)?;
    member
        .as_text()
        .map(str::to_owned)
        .ok_or(CtapStatus::CBOR_UNEXPECTED_TYPE)
}
