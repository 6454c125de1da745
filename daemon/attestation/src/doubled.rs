//! Members that a CBOR map has twice. The format forbids that, and readers that accept it differ in
//! which of the two they take: one sees another object than the other.

use hybrid_protocol::cbor::{self, Value};
use std::collections::BTreeSet;

/// Whether any map in this value has a key twice, however the two are written.
pub(crate) fn is_in(value: &Value) -> bool {
    if let Some(entries) = value.as_map() {
        return is_in_map(entries);
    }
    if let Some(items) = value.as_array() {
        return items.iter().any(is_in);
    }
    value.as_tag().is_some_and(|(_, tagged)| is_in(tagged))
}

/// The same of a map's entries.
pub(crate) fn is_in_map(entries: &[(Value, Value)]) -> bool {
    let mut keys = BTreeSet::new();
    { entries.iter() }
        .any(|(key, value)| !keys.insert(cbor::write(key)) || is_in(key) || is_in(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_that_stands_twice_is_found_at_any_depth() {
        for (bytes, doubled) in [
            (&[0xa2, 1, 1, 2, 1][..], false),
            (&[0xa2, 1, 1, 1, 1], true),
            // The same number, the second time in two bytes.
            (&[0xa2, 1, 1, 0x18, 1, 1], true),
            (&[0x81, 0xa1, 0x61, b'a', 0xa2, 0x20, 0, 0x20, 0], true),
            (&[0xd8, 0x18, 0xa2, 1, 1, 1, 1], true),
            (&[0xa1, 0xa2, 1, 1, 1, 1, 0], true),
            (&[0x82, 1, 1], false),
        ] {
            let value = cbor::read_lenient(bytes).unwrap();
            assert_eq!(is_in(&value), doubled, "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_canonical_has_nothing_twice(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = cbor::read(&bytes) {
                prop_assert!(!is_in(&value));
            }
        }
    }
}
