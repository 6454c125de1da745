//! CBOR as this protocol wants it: strict canonical reading and CTAP2 canonical writing, on top of
//! ciborium.
//!
//! ciborium alone accepts duplicate keys, long heads, indefinite lengths and trailing bytes, and
//! writes maps in insertion order. [`read`] therefore walks the bytes once before ciborium sees
//! them, and [`write()`] sorts.

pub use ciborium::Value;

use core::cmp::Ordering;
use core::fmt;

/// The deepest nesting of arrays and maps that is read; the outermost container counts as 1.
pub const MAX_DEPTH: usize = 16;

/// Reads one item that is the whole input, in CTAP2 canonical form: definite lengths, shortest
/// heads, keys sorted by (major type, encoded length, bytes) without duplicates, valid UTF-8, and
/// no float, tag, `undefined` or other simple value.
///
/// # Errors
/// [`CborError`] says what was found and at which byte.
pub fn read(bytes: &[u8]) -> Result<Value, CborError> {
    read_as(bytes, Keys::Sorted)
}

/// Like [`read`], with map keys in any order but still without duplicates. For the phone's
/// greeting.
///
/// # Errors
/// As [`read`].
pub fn read_unordered(bytes: &[u8]) -> Result<Value, CborError> {
    read_as(bytes, Keys::Unordered)
}

/// Reads one item that is the whole input, leniently: whatever ciborium takes, to the same depth.
/// For inspecting opaque bodies (getInfo, CTAP replies), which come from implementations with other
/// opinions on form.
///
/// # Errors
/// [`CborError`] when it is not CBOR, too deep, or followed by further bytes.
pub fn read_lenient(bytes: &[u8]) -> Result<Value, CborError> {
    let mut rest = bytes;
    let value =
        ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH * 2).map_err(|_| {
            CborError {
                at: bytes.len() - rest.len(),
                what: CborFlaw::Invalid,
            }
        })?;
    if !rest.is_empty() {
        return Err(CborError {
            at: bytes.len() - rest.len(),
            what: CborFlaw::Trailing,
        });
    }
    Ok(value)
}

/// Reads the first item of `bytes` leniently and returns it with the bytes that follow. For
/// authenticator data, where the credential key is followed by extensions.
///
/// # Errors
/// [`CborError`] when the start is not CBOR or too deep.
pub fn read_prefix(bytes: &[u8]) -> Result<(Value, &[u8]), CborError> {
    let mut rest = bytes;
    let value =
        ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH * 2).map_err(|_| {
            CborError {
                at: bytes.len() - rest.len(),
                what: CborFlaw::Invalid,
            }
        })?;
    Ok((value, rest))
}

/// Writes an item in CTAP2 canonical form, sorting the keys of every map. Chromium refuses any
/// other order.
pub fn write(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_to(value, &mut bytes);
    bytes
}

/// Reads the entry of an integer key from a map's entries.
pub fn entry(map: &[(Value, Value)], key: u64) -> Option<&Value> {
    map.iter()
        .find(|(k, _)| *k == Value::from(key))
        .map(|(_, value)| value)
}

/// Reads the entry of a text key from a map's entries.
pub fn text_entry<'a>(map: &'a [(Value, Value)], key: &str) -> Option<&'a Value> {
    map.iter()
        .find(|(k, _)| k.as_text() == Some(key))
        .map(|(_, value)| value)
}

/// Reads an unsigned integer that fits 64 bits.
pub fn as_uint(value: &Value) -> Option<u64> {
    value
        .as_integer()
        .and_then(|integer| u64::try_from(integer).ok())
}

/// CborFlaw is wrong with an encoding, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CborError {
    /// Offset of the item that is wrong.
    pub at: usize,
    /// CborFlaw is wrong with it.
    pub what: CborFlaw,
}

/// The ways in which an encoding is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CborFlaw {
    /// The input ends inside an item.
    Truncated,
    /// Further bytes follow the item.
    Trailing,
    /// An integer or length is not written in its shortest form.
    LongHead,
    /// An indefinite length.
    Indefinite,
    /// A float, tag, `undefined` or other simple value, or a reserved head.
    Unsupported,
    /// A key is out of order.
    Unsorted,
    /// A key appears twice.
    Duplicate,
    /// A text is not UTF-8.
    Utf8,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// Not CBOR, for the lenient reader.
    Invalid,
}

impl fmt::Display for CborError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            CborFlaw::Truncated => "the input ends inside an item",
            CborFlaw::Trailing => "further bytes follow the item",
            CborFlaw::LongHead => "a number is not written in its shortest form",
            CborFlaw::Indefinite => "an indefinite length",
            CborFlaw::Unsupported => "a float, tag or unsupported simple value",
            CborFlaw::Unsorted => "map keys are not in canonical order",
            CborFlaw::Duplicate => "a map key appears twice",
            CborFlaw::Utf8 => "a text is not UTF-8",
            CborFlaw::Depth => "nested too deeply",
            CborFlaw::Invalid => "not CBOR",
        };
        write!(f, "CBOR refused at byte {}: {what}", self.at)
    }
}

impl core::error::Error for CborError {}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Sorted,
    Unordered,
}

fn read_as(bytes: &[u8], keys: Keys) -> Result<Value, CborError> {
    let mut walk = Walk { bytes, at: 0, keys };
    walk.item(0)?;
    if walk.at != bytes.len() {
        return Err(walk.refuse(walk.at, CborFlaw::Trailing));
    }
    read_lenient(bytes)
}

/// Walks an encoding without building anything, so that lengths are checked before anything is
/// allocated.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    keys: Keys,
}

impl<'a> Walk<'a> {
    fn item(&mut self, depth: usize) -> Result<(), CborError> {
        let start = self.at;
        let (major, argument) = self.head()?;
        match major {
            0 | 1 => Ok(()),
            2 => self.take(argument).map(drop),
            3 => {
                let text = self.take(argument)?;
                core::str::from_utf8(text)
                    .map(drop)
                    .map_err(|_| self.refuse(start, CborFlaw::Utf8))
            }
            4 => {
                self.container(start, depth, argument)?;
                (0..argument).try_for_each(|_| self.item(depth + 1))
            }
            5 => {
                self.container(start, depth, argument)?;
                self.map(depth + 1, argument)
            }
            // 20 false, 21 true, 22 null; the heads 24..=27 are floats and long simple values.
            7 if matches!(argument, 20..=22) && self.at == start + 1 => Ok(()),
            _ => Err(self.refuse(start, CborFlaw::Unsupported)),
        }
    }

    fn map(&mut self, depth: usize, pairs: u64) -> Result<(), CborError> {
        let mut seen: Vec<&'a [u8]> = Vec::new();
        // With sorted keys only the last one is kept: a key that is neither equal to it nor before
        // it cannot have been seen earlier. Unordered keys need them all, sorted for the search.
        for _ in 0..pairs {
            let start = self.at;
            self.item(depth)?;
            let key = self.bytes.get(start..self.at).unwrap_or_default();
            match self.keys {
                Keys::Sorted => match seen.last().map(|last| canonical_order(last, key)) {
                    Some(Ordering::Equal) => return Err(self.refuse(start, CborFlaw::Duplicate)),
                    Some(Ordering::Greater) => return Err(self.refuse(start, CborFlaw::Unsorted)),
                    Some(Ordering::Less) | None => {
                        seen.clear();
                        seen.push(key);
                    }
                },
                Keys::Unordered => match seen.binary_search_by(|other| canonical_order(other, key))
                {
                    Ok(_) => return Err(self.refuse(start, CborFlaw::Duplicate)),
                    Err(place) => seen.insert(place, key),
                },
            }
            self.item(depth)?;
        }
        Ok(())
    }

    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let start = self.at;
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, low) = (first >> 5, first & 31);
        let following = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            31 => return Err(self.refuse(start, CborFlaw::Indefinite)),
            _ => return Err(self.refuse(start, CborFlaw::Unsupported)),
        };
        let argument = self
            .take(following)?
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
        let shortest = match following {
            1 => 24,
            2 => 1 << 8,
            4 => 1 << 16,
            _ => 1 << 32,
        };
        if major == 7 {
            return Err(self.refuse(start, CborFlaw::Unsupported));
        }
        if argument < shortest {
            return Err(self.refuse(start, CborFlaw::LongHead));
        }
        Ok((major, argument))
    }

    /// Every entry takes at least one byte, which bounds the loop that follows.
    fn container(&self, start: usize, depth: usize, entries: u64) -> Result<(), CborError> {
        if depth >= MAX_DEPTH {
            return Err(self.refuse(start, CborFlaw::Depth));
        }
        if entries > (self.bytes.len() - self.at) as u64 {
            return Err(self.refuse(start, CborFlaw::Truncated));
        }
        Ok(())
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| self.at.checked_add(length));
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or(CborError {
            at: self.at,
            what: CborFlaw::Truncated,
        })?;
        self.at += taken.len();
        Ok(taken)
    }

    const fn refuse(&self, at: usize, what: CborFlaw) -> CborError {
        CborError { at, what }
    }
}

/// The order of CTAP2 canonical CBOR on encoded keys: major type, then length, then bytes.
fn canonical_order(a: &[u8], b: &[u8]) -> Ordering {
    let major = |key: &[u8]| key.first().map(|first| first >> 5);
    major(a)
        .cmp(&major(b))
        .then(a.len().cmp(&b.len()))
        .then_with(|| a.cmp(b))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "ciborium's Value is open; all that is not a container is a scalar to it"
)]
fn write_to(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            write_head(4, items.len(), bytes);
            items.iter().for_each(|item| write_to(item, bytes));
        }
        Value::Map(entries) => {
            let mut encoded: Vec<(Vec<u8>, &Value)> = entries
                .iter()
                .map(|(key, value)| (write(key), value))
                .collect();
            encoded.sort_by(|(a, _), (b, _)| canonical_order(a, b));
            write_head(5, encoded.len(), bytes);
            for (key, value) in encoded {
                bytes.extend_from_slice(&key);
                write_to(value, bytes);
            }
        }
        // Everything else ciborium already writes in its shortest form. Writing to a Vec cannot
        // fail.
        scalar => {
            let _ = ciborium::into_writer(scalar, bytes);
        }
    }
}

fn write_head(major: u8, length: usize, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    let _ = ciborium::into_writer(&Value::from(length as u64), &mut *bytes);
    if let Some(head) = bytes.get_mut(start) {
        *head |= major << 5;
    }
}

#[cfg(test)]
mod tests;
