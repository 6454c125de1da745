//! CborFlaw is read, what is refused, and that writing and reading agree.

use super::*;
use proptest::prelude::*;

fn refused(hex: &str) -> CborFlaw {
    read(&hex::decode(hex).unwrap()).unwrap_err().what
}

#[test]
fn each_departure_from_canonical_form_is_named() {
    assert_eq!(refused(""), CborFlaw::Truncated);
    assert_eq!(refused("a20102"), CborFlaw::Truncated);
    assert_eq!(refused("0000"), CborFlaw::Trailing);
    assert_eq!(refused("1817"), CborFlaw::LongHead);
    assert_eq!(refused("9fff"), CborFlaw::Indefinite);
    assert_eq!(refused("f7"), CborFlaw::Unsupported);
    assert_eq!(refused("f93c00"), CborFlaw::Unsupported);
    assert_eq!(refused("c000"), CborFlaw::Unsupported);
    assert_eq!(refused("a202000100"), CborFlaw::Unsorted);
    assert_eq!(refused("a201000100"), CborFlaw::Duplicate);
    assert_eq!(refused("61ff"), CborFlaw::Utf8);
    assert_eq!(refused(&"81".repeat(17)), CborFlaw::Depth);
}

#[test]
fn a_huge_claimed_length_allocates_nothing() {
    assert_eq!(refused("5bffffffffffffffff"), CborFlaw::Truncated);
    assert_eq!(refused("9bffffffffffffffff"), CborFlaw::Truncated);
    assert_eq!(refused("bbffffffffffffffff"), CborFlaw::Truncated);
}

#[test]
fn the_unordered_reader_still_refuses_duplicates() {
    assert!(read_unordered(&[0xa2, 2, 0, 1, 0]).is_ok());
    assert_eq!(
        read_unordered(&[0xa3, 2, 0, 1, 0, 2, 0]).unwrap_err().what,
        CborFlaw::Duplicate
    );
}

#[test]
fn keys_are_sorted_by_major_type_before_length() {
    // ciborium's own canonical order would put -1 (one byte) before 24 (two bytes).
    let map = Value::Map(vec![
        (Value::from(-1), Value::Null),
        (Value::from(24), Value::Null),
        (Value::from(3), Value::Null),
    ]);
    assert_eq!(hex::encode(write(&map)), "a303f61818f620f6");
}

#[test]
fn long_byte_strings_are_read_whole() {
    let value = Value::Bytes(vec![7; 100_000]);
    assert_eq!(read(&write(&value)), Ok(value));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        ".{0,12}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::btree_map(any::<u16>(), inner, 0..6).prop_map(|map| Value::Map(
                map.into_iter().map(|(k, v)| (Value::from(k), v)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read_unordered(&bytes);
        let _ = read_lenient(&bytes);
    }

    #[test]
    fn what_is_written_is_read_strictly_and_alike(value in any_value()) {
        let bytes = write(&value);
        let again = read(&bytes).unwrap();
        prop_assert_eq!(write(&again), bytes);
    }

    #[test]
    fn what_is_read_is_written_to_the_same_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(value) = read(&bytes) {
            prop_assert_eq!(write(&value), bytes);
        }
    }
}
