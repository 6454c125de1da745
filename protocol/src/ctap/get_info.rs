//! What a phone says it can do: the parts of authenticatorGetInfo that decide how it is asked.

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
    pub aaguid: Option<[u8; 16]>,
    /// Keeps discoverable passkeys; `None` when it does not say.
    pub rk: Option<bool>,
    /// User verification: `None` when it does not say, `Some(false)` not set up.
    pub uv: Option<bool>,
    /// Transports, as it names them.
    pub transports: Vec<String>,
}

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
        let options = cbor::entry(&map, 4).and_then(Value::as_map);
        let option = |name| {
            options
                .and_then(|options| cbor::text_entry(options, name))
                .and_then(Value::as_bool)
        };
        Self {
            versions: texts(1),
            extensions: texts(2),
            aaguid: cbor::entry(&map, 3)
                .and_then(Value::as_bytes)
                .and_then(|bytes| bytes.as_slice().try_into().ok()),
            rk: option("rk"),
            uv: option("uv"),
            transports: texts(9),
        }
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
