//! DER one element at a time (X.690), for the parts of certificates that makers of phones defined
//! themselves. Lengths are checked before anything is taken.

/// The longest that a length or a tag number may be written.
const MOST_OCTETS: usize = 4;

/// A tag: its first octet without the number of a long one, and the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tag {
    /// Class and form, the three upper bits.
    class: u8,
    number: u32,
}

/// One element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: Tag,
    pub(crate) value: &'a [u8],
    /// The element with its tag and its length.
    pub(crate) whole: &'a [u8],
}

impl Tag {
    pub(crate) const INTEGER: Self = Self::universal(2);
    pub(crate) const OCTET_STRING: Self = Self::universal(4);
    pub(crate) const ENUMERATED: Self = Self::universal(10);
    pub(crate) const SEQUENCE: Self = Self::constructed(16);
    pub(crate) const SET: Self = Self::constructed(17);

    const fn universal(number: u32) -> Self {
        Self { class: 0, number }
    }

    const fn constructed(number: u32) -> Self {
        Self {
            class: 0x20,
            number,
        }
    }

    /// `[number]` around another element.
    pub(crate) const fn context(number: u32) -> Self {
        Self {
            class: 0xa0,
            number,
        }
    }
}

impl<'a> Tlv<'a> {
    /// The first element of these bytes, and what follows it.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (first, mut rest) = bytes.split_first()?;
        let number = match first & 0x1f {
            0x1f => long_number(&mut rest)?,
            short => u32::from(short),
        };
        let length = length(&mut rest)?;
        let (value, after) = rest.split_at_checked(length)?;
        let whole = bytes.get(..bytes.len() - after.len())?;
        let tag = Tag {
            class: first & 0xe0,
            number,
        };
        Some((Self { tag, value, whole }, after))
    }

    /// The one element that these bytes are.
    pub(crate) fn only(bytes: &'a [u8]) -> Option<Self> {
        let (element, rest) = Self::read(bytes)?;
        rest.is_empty().then_some(element)
    }

    /// What this element holds, if it has this tag.
    pub(crate) fn of(self, tag: Tag) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.value)
    }
}

/// The elements in these bytes; `None` when they are no row of elements.
pub(crate) fn elements(mut bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = Tlv::read(bytes)?;
        all.push(element);
        bytes = rest;
    }
    Some(all)
}

/// A number that is not negative and not large.
pub(crate) fn small_number(value: &[u8]) -> Option<u32> {
    let (first, _) = value.split_first()?;
    if first & 0x80 != 0 || value.len() > MOST_OCTETS {
        return None;
    }
    Some(number(value))
}

fn number(octets: &[u8]) -> u32 {
    octets
        .iter()
        .fold(0, |sum, octet| (sum << 8) | u32::from(*octet))
}

fn long_number(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for _ in 0..MOST_OCTETS {
        let (octet, after) = rest.split_first()?;
        *rest = after;
        number = (number << 7) | u32::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn length(rest: &mut &[u8]) -> Option<usize> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    if first & 0x80 == 0 {
        return Some(usize::from(*first));
    }
    let octets = usize::from(first & 0x7f);
    if !(1..=MOST_OCTETS).contains(&octets) {
        return None;
    }
    let (length, after) = rest.split_at_checked(octets)?;
    *rest = after;
    usize::try_from(number(length)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_tags_and_long_lengths_are_read() {
        let bytes = [&[0xbf, 0x85, 0x3e, 0x03, 0x02, 0x01, 0x00][..], &[5, 0]].concat();
        let all = elements(&bytes).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].tag, Tag::context(702));
        assert_eq!(
            Tlv::only(all[0].value).unwrap().of(Tag::INTEGER),
            Some(&[0][..])
        );
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(
            Tlv::only(&long).unwrap().of(Tag::OCTET_STRING),
            Some(&[7; 128][..])
        );
    }

    #[test]
    fn what_ends_early_or_has_no_length_is_none() {
        for bytes in [
            &[][..],
            &[4],
            &[4, 2, 0],
            &[4, 0x80],
            &[4, 0x85, 1, 0, 0, 0, 0],
            &[0x1f],
            &[0x1f, 0xff, 0xff, 0xff, 0xff, 1, 0],
        ] {
            assert!(Tlv::read(bytes).is_none(), "{bytes:?}");
        }
        assert!(Tlv::only(&[5, 0, 0]).is_none());
        assert_eq!(small_number(&[0x80]), None);
        assert_eq!(small_number(&[1, 0]), Some(256));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_none_and_what_is_read_is_all_of_them(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(all) = elements(&bytes) {
                let whole: Vec<u8> = all.iter().flat_map(|element| element.whole).copied().collect();
                prop_assert_eq!(whole, bytes);
            }
        }
    }
}
