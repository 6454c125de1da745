//! The device as the kernel is told of it.

/// The report descriptor of a FIDO key (CTAP 2.2 §11.2.8.1). It is what makes the kernel, udev and
/// every client see a security key and nothing else: never made of anything that comes from
/// outside.
pub const REPORT_DESCRIPTOR: [u8; 34] = [
    0x06, 0xd0, 0xf1, // usage page: FIDO alliance
    0x09, 0x01, // usage: U2F HID device
    0xa1, 0x01, // collection: application
    0x09, 0x20, //   usage: data in
    0x15, 0x00, //   logical minimum: 0
    0x26, 0xff, 0x00, //   logical maximum: 255
    0x75, 0x08, //   report size: 8 bits
    0x95, 0x40, //   report count: 64
    0x81, 0x02, //   input: data, variable, absolute
    0x09, 0x21, //   usage: data out
    0x15, 0x00, //   logical minimum: 0
    0x26, 0xff, 0x00, //   logical maximum: 255
    0x75, 0x08, //   report size: 8 bits
    0x95, 0x40, //   report count: 64
    0x91, 0x02, //   output: data, variable, absolute
    0xc0, // end of collection
];

/// `BUS_USB`: libfido2 passes over keys on any other bus.
pub const BUS: u16 = 3;

/// pid.codes, who give numbers to free software.
pub const VENDOR: u32 = 0x1209;

/// To be requested from pid.codes: until [`PRODUCT_IS_OURS`], this number is only unlikely to be
/// somebody else's. Not 0001, which is for tests.
pub const PRODUCT: u32 = 0xf1d0;

/// Whether pid.codes gave us [`PRODUCT`]. A version 1.0 is not built before they did: what people
/// have installed keeps its number.
pub const PRODUCT_IS_OURS: bool = false;

const _: () = assert!(
    may_be_built(env!("CARGO_PKG_VERSION_MAJOR"), PRODUCT_IS_OURS),
    "the product number on USB is not ours yet: request it from pid.codes before version 1.0"
);

/// Whether a program of this major version may have the number.
const fn may_be_built(major: &str, is_ours: bool) -> bool {
    is_ours || matches!(major.as_bytes(), b"0")
}

/// What programs show when a person chooses among keys.
pub const NAME: &str = "hybridd phone key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_1_is_not_built_with_a_number_that_is_not_ours() {
        assert!(may_be_built("0", false));
        assert!(!may_be_built("1", false) && !may_be_built("10", false));
        assert!(may_be_built("1", true));
    }

    #[test]
    fn the_descriptor_is_a_fido_keys_and_nothing_else() {
        let golden = "06d0f10901a1010920150026ff0075089540810209211500\
                      26ff00750895409102c0";
        assert_eq!(hex::encode(REPORT_DESCRIPTOR), golden);
    }
}
