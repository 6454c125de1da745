//! What a phone says it can do: the parts of authenticatorGetInfo that decide how it is asked.

use super::aaguid::Aaguid;
use super::parameter::get_info as key;
use crate::cbor::{self, Value};
use std::collections::BTreeSet;

/// Read leniently: a phone that writes it oddly is asked for less, not refused.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct GetInfo {
    /// CTAP versions.
    pub versions: Vec<String>,
    /// Extensions, such as `prf` or `credProtect`.
    pub extensions: Vec<String>,
    /// The model, if it says one.
    pub aaguid: Option<Aaguid>,
    /// Keeps discoverable passkeys; `None` when it does not say.
    pub rk: Option<bool>,
    /// User verification: `None` when it does not say, `Some(false)` not set up.
    pub uv: Option<bool>,
    /// Options that are neither of these two, by name.
    pub other_options: Vec<(String, bool)>,
    /// Transports, as it names them.
    pub transports: Vec<String>,
}

const RK: &str = "rk";
const UV: &str = "uv";

impl GetInfo {
    /// Reads the bytes of a greeting.
    pub fn read(bytes: &[u8]) -> Self {
        let Ok(Value::Map(map)) = cbor::read_lenient(bytes) else {
            return Self::default();
        };
        let texts = |key| {
            let list = cbor::entry(&map, key).and_then(Value::as_array);
            list.map(|list| {
                list.iter()
                    .filter_map(|text| text.as_text().map(str::to_owned))
                    .collect()
            })
            .unwrap_or_default()
        };
        let options = cbor::entry(&map, key::OPTIONS)
            .and_then(Value::as_map)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let option = |name| cbor::text_entry(options, name).and_then(Value::as_bool);
        let other = |(name, value): &(Value, Value)| {
            let name = name.as_text().filter(|name| !matches!(*name, RK | UV))?;
            Some((name.to_owned(), value.as_bool()?))
        };
        Self {
            versions: texts(key::VERSIONS),
            extensions: texts(key::EXTENSIONS),
            aaguid: cbor::entry(&map, key::AAGUID)
                .and_then(Value::as_bytes)
                .and_then(|bytes| bytes.as_slice().try_into().ok())
                .map(Aaguid),
            rk: option(RK),
            uv: option(UV),
            other_options: options.iter().filter_map(other).collect(),
            transports: texts(key::TRANSPORTS),
        }
    }

    /// Writes it in canonical CBOR, without status byte: what a greeting carries. What is not said
    /// is left out.
    pub fn write(&self) -> Vec<u8> {
        let texts = |list: &[String]| {
            Value::Array(list.iter().map(|text| Value::from(text.as_str())).collect())
        };
        let named = [(RK, self.rk), (UV, self.uv)];
        let named = named
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        let other = self
            .other_options
            .iter()
            .map(|(name, value)| (name.as_str(), *value));
        let options = named
            .chain(other)
            .map(|(name, value)| (Value::from(name), Value::from(value)));
        let mut map = vec![
            (Value::from(key::VERSIONS), texts(&self.versions)),
            (Value::from(key::OPTIONS), Value::Map(options.collect())),
        ];
        let mut put = |key: u64, list: &[String]| {
            if !list.is_empty() {
                map.push((Value::from(key), texts(list)));
            }
        };
        put(key::EXTENSIONS, &self.extensions);
        put(key::TRANSPORTS, &self.transports);
        if let Some(aaguid) = self.aaguid {
            map.push((Value::from(key::AAGUID), Value::Bytes(aaguid.0.to_vec())));
        }
        cbor::write(&Value::Map(map))
    }

    /// The transports for the relying party: what the phone names and the one that was used, in
    /// order and each once. Older Android says "cable" for "hybrid"; a phone that names none is
    /// reached by itself and over this transport.
    pub fn transports_for_response(&self) -> BTreeSet<&str> {
        let named = self.transports.iter().map(|name| match name.as_str() {
            "cable" => "hybrid",
            other => other,
        });
        let or_else = self.transports.is_empty().then_some("internal");
        named.chain(or_else).chain(["hybrid"]).collect()
    }

    /// Whether an extension is offered.
    pub fn has_extension(&self, name: &str) -> bool {
        self.extensions.iter().any(|extension| extension == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec("[a-z]{1,8}", 0..4)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            (versions, extensions, transports) in (texts(), texts(), texts()),
            aaguid in any::<Option<[u8; 16]>>(),
            (rk, uv, up) in any::<(Option<bool>, Option<bool>, Option<bool>)>(),
        ) {
            let info = GetInfo {
                versions,
                extensions,
                aaguid: aaguid.map(Aaguid),
                rk,
                uv,
                other_options: up.map(|up| ("up".to_owned(), up)).into_iter().collect(),
                transports,
            };
            prop_assert_eq!(GetInfo::read(&info.write()), info);
        }

        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = GetInfo::read(&bytes);
        }
    }
}
