//! One CBOR item as the bytes that encode it, so that what is not changed stays byte for byte.
//!
//! The check is the protocol's strict reader, with map keys in any order; after it, walking needs
//! no further error.

use core::cmp::Ordering;
use hybrid_protocol::cbor::{self, CborError};

/// An item: definite lengths, shortest heads, no duplicate keys, bounded depth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoded<'a>(&'a [u8]);

/// The entries of a map.
pub type Entries<'a> = Vec<(Encoded<'a>, Encoded<'a>)>;

impl<'a> Encoded<'a> {
    /// Takes bytes that are one item and nothing else.
    ///
    /// # Errors
    /// [`CborError`] when they are not.
    pub fn read(bytes: &'a [u8]) -> Result<Self, CborError> {
        cbor::read_unordered(bytes).map(|_| Self(bytes))
    }

    /// The encoding.
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// A text.
    pub fn as_text(self) -> Option<&'a str> {
        self.string(3)
            .and_then(|text| core::str::from_utf8(text).ok())
    }

    /// A byte string.
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        self.string(2)
    }

    /// An unsigned integer.
    pub fn as_uint(self) -> Option<u64> {
        let (major, argument, _) = head(self.0)?;
        (major == 0).then_some(argument)
    }

    /// An integer of either sign.
    pub fn as_int(self) -> Option<i64> {
        let (major, argument, _) = head(self.0)?;
        let argument = i64::try_from(argument).ok()?;
        match major {
            0 => Some(argument),
            1 => Some(-1 - argument),
            _ => None,
        }
    }

    /// True or false.
    pub const fn as_bool(self) -> Option<bool> {
        match self.0 {
            [0xf4] => Some(false),
            [0xf5] => Some(true),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn as_array(self) -> Option<Vec<Self>> {
        let (4, count, mut rest) = head(self.0)? else {
            return None;
        };
        (0..count).map(|_| take(&mut rest)).collect()
    }

    /// The entries of a map, in the order in which they stand.
    pub fn as_map(self) -> Option<Entries<'a>> {
        let (5, count, mut rest) = head(self.0)? else {
            return None;
        };
        (0..count)
            .map(|_| Some((take(&mut rest)?, take(&mut rest)?)))
            .collect()
    }

    fn string(self, wanted: u8) -> Option<&'a [u8]> {
        let (major, _, rest) = head(self.0)?;
        (major == wanted).then_some(rest)
    }
}

/// The entry of an integer key.
pub fn entry<'a>(map: &[(Encoded<'a>, Encoded<'a>)], key: u64) -> Option<Encoded<'a>> {
    map.iter()
        .find(|(k, _)| k.as_uint() == Some(key))
        .map(|(_, value)| *value)
}

/// The entry of a text key.
pub fn text_entry<'a>(map: &[(Encoded<'a>, Encoded<'a>)], key: &str) -> Option<Encoded<'a>> {
    map.iter()
        .find(|(k, _)| k.as_text() == Some(key))
        .map(|(_, value)| *value)
}

/// Writes the head of a map or an array and what follows it.
pub fn write_array(items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = write_head(4, items.len());
    items.iter().for_each(|item| bytes.extend_from_slice(item));
    bytes
}

/// Writes a map of entries that are encoded already, in the order given.
pub fn write_map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = write_head(5, entries.len());
    for (key, value) in entries {
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value);
    }
    bytes
}

/// Writes a text.
pub fn write_text(text: &str) -> Vec<u8> {
    [write_head(3, text.len()).as_slice(), text.as_bytes()].concat()
}

/// Writes a byte string.
pub fn write_bytes(bytes: &[u8]) -> Vec<u8> {
    [write_head(2, bytes.len()).as_slice(), bytes].concat()
}

/// Puts an entry at its canonical place among entries that stand in canonical order.
pub fn insert(entries: &mut Vec<(Vec<u8>, Vec<u8>)>, key: Vec<u8>, value: Vec<u8>) {
    let after = |(other, _): &(Vec<u8>, Vec<u8>)| order(other, &key) == Ordering::Greater;
    let place = entries.iter().position(after).unwrap_or(entries.len());
    entries.insert(place, (key, value));
}

/// The order of keys in CTAP2 canonical CBOR (CTAP 2.2 §8): major type, length, bytes.
fn order(a: &[u8], b: &[u8]) -> Ordering {
    let major = |key: &[u8]| key.first().map(|first| first >> 5);
    major(a)
        .cmp(&major(b))
        .then(a.len().cmp(&b.len()))
        .then_with(|| a.cmp(b))
}

fn write_head(major: u8, length: usize) -> Vec<u8> {
    let major = major << 5;
    let long = u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes();
    let [.., b3, b2, b1, b0] = long;
    match length {
        0..=23 => vec![major | b0],
        24..=0xff => vec![major | 24, b0],
        0x100..=0xffff => vec![major | 25, b1, b0],
        // Nothing here comes near a length of 4 GiB: all is made of one message.
        _ => vec![major | 26, b3, b2, b1, b0],
    }
}

/// Major type, argument and what follows the head.
fn head(bytes: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (major, low) = (first >> 5, first & 31);
    let size = match low {
        0..=23 => return Some((major, u64::from(low), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (argument, rest) = rest.split_at_checked(size)?;
    let argument = argument
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    Some((major, argument, rest))
}

/// Takes one item off the front.
fn take<'a>(bytes: &mut &'a [u8]) -> Option<Encoded<'a>> {
    let whole = *bytes;
    let (mut rest, mut open) = (whole, 1_u64);
    while open > 0 {
        let (major, argument, after) = head(rest)?;
        rest = after;
        open -= 1;
        match major {
            2 | 3 => rest = rest.get(usize::try_from(argument).ok()?..)?,
            4 => open = open.checked_add(argument)?,
            5 => open = open.checked_add(argument.checked_mul(2)?)?,
            _ => {}
        }
    }
    let item = whole.get(..whole.len() - rest.len())?;
    *bytes = rest;
    Some(Encoded(item))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_protocol::cbor::Value;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            ".{0,30}".prop_map(Value::from),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(4, 40, 8, |inner| {
            let key = prop_oneof![
                any::<u8>().prop_map(Value::from),
                "[a-z]{1,9}".prop_map(Value::from)
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..30).prop_map(Value::Array),
                proptest::collection::vec((key, inner), 0..6).prop_map(|mut entries| {
                    let mut seen = Vec::new();
                    entries.retain(|(key, _)| {
                        let new = !seen.contains(key);
                        seen.push(key.clone());
                        new
                    });
                    Value::Map(entries)
                }),
            ]
        })
    }

    /// Takes an item apart and puts it together again.
    fn rewritten(item: Encoded<'_>) -> Vec<u8> {
        if let Some(items) = item.as_array() {
            return write_array(&items.into_iter().map(rewritten).collect::<Vec<_>>());
        }
        if let Some(entries) = item.as_map() {
            let mut written = Vec::new();
            for (key, value) in entries.into_iter().rev() {
                insert(&mut written, rewritten(key), rewritten(value));
            }
            return write_map(&written);
        }
        match (item.as_text(), item.as_bytes()) {
            (Some(text), _) => write_text(text),
            (_, Some(bytes)) => write_bytes(bytes),
            _ => item.bytes().to_vec(),
        }
    }

    proptest! {
        #[test]
        fn an_item_taken_apart_and_put_together_is_the_same(value in value()) {
            let bytes = cbor::write(&value);
            prop_assert_eq!(rewritten(Encoded::read(&bytes).unwrap()), bytes);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(item) = Encoded::read(&bytes) {
                prop_assert!(rewritten(item).len() == bytes.len());
            }
        }
    }

    #[test]
    fn integers_of_both_signs_are_read() {
        let read = |bytes: &[u8]| Encoded::read(bytes).unwrap().as_int();
        assert_eq!(read(&[0x26]), Some(-7));
        assert_eq!(read(&[0x39, 0x01, 0x00]), Some(-257));
        assert_eq!(read(&[0x18, 0x64]), Some(100));
        assert_eq!(read(&[0x1b, 255, 255, 255, 255, 255, 255, 255, 255]), None);
    }
}
