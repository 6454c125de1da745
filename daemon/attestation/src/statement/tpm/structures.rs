//! What a TPM writes (TPM 2.0 Library, part 2: TPMT_PUBLIC and TPMS_ATTEST). All numbers are big
//! endian; a sized buffer has its length in two octets before it.
//!
//! ```text
//! TPMT_PUBLIC: type 2 | name hash 2 | attributes 4 | policy, sized | parameters | unique, sized
//!   RSA: symmetric 2 | scheme 2 | bits 2 | exponent 4 | modulus, sized
//!   ECC: symmetric 2 | scheme 2 | curve 2 | kdf 2 | x, sized | y, sized
//! TPMS_ATTEST: magic 4 | type 2 | signer, sized | extra data, sized | clock 17 | firmware 8
//!   certify: name, sized | qualified name, sized
//! ```

use crate::flaw::Flaw;
use crate::key::{AnyKey, KeyKind};
use crate::scheme::HashKind;

const RSA: u16 = 0x0001;
const ECC: u16 = 0x0023;
const NULL: u16 = 0x0010;
/// TPM_GENERATED_VALUE
const GENERATED: u32 = 0xff54_4347;
/// TPM_ST_ATTEST_CERTIFY
const CERTIFY: u16 = 0x8017;
const CLOCK_AND_FIRMWARE: usize = 17 + 8;
/// What an exponent of zero stands for.
const USUAL_EXPONENT: u32 = 65537;

/// A key in the chip.
pub(super) struct PublicArea {
    pub(super) name_algorithm: u16,
    pub(super) key: AnyKey,
}

/// What the chip says of a key.
pub(super) struct CertifyInfo<'a> {
    pub(super) extra: &'a [u8],
    pub(super) name: &'a [u8],
}

impl PublicArea {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Flaw> {
        let malformed = || Flaw::Malformed("the TPM's public area (pubArea)");
        let mut rest = Octets(bytes);
        let kind = rest.u16().ok_or_else(malformed)?;
        let name_algorithm = rest.u16().ok_or_else(malformed)?;
        let _attributes = rest.u32().ok_or_else(malformed)?;
        let _policy = rest.sized().ok_or_else(malformed)?;
        let key = match kind {
            RSA => rest.rsa(),
            ECC => rest.ecc(),
            _ => return Err(Flaw::Unsupported("the kind of the TPM's key".to_owned())),
        };
        let key = key.filter(|_| rest.0.is_empty()).ok_or_else(malformed)?;
        Ok(Self {
            name_algorithm,
            key,
        })
    }

    /// The hash of the area by which the chip names the key.
    pub(super) fn hash(&self, area: &[u8]) -> Result<Vec<u8>, Flaw> {
        let kind = match self.name_algorithm {
            0x0004 => HashKind::Sha1,
            0x000b => HashKind::Sha256,
            0x000c => HashKind::Sha384,
            0x000d => HashKind::Sha512,
            _ => return Err(Flaw::Unsupported("the hash of the TPM's names".to_owned())),
        };
        Ok(kind.of(area))
    }
}

impl<'a> CertifyInfo<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Flaw> {
        let mut rest = Octets(bytes);
        let read = rest.certify();
        read.filter(|_| rest.0.is_empty())
            .ok_or(Flaw::Malformed("what the TPM certifies (certInfo)"))
    }
}

/// What is left to read.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }

    fn rsa(&mut self) -> Option<AnyKey> {
        self.no_symmetric()?;
        let _scheme = self.scheme()?;
        let _bits = self.u16()?;
        let exponent = match self.u32()? {
            0 => USUAL_EXPONENT,
            other => other,
        };
        Some(AnyKey::rsa(self.sized()?, &exponent.to_be_bytes()))
    }

    fn ecc(&mut self) -> Option<AnyKey> {
        self.no_symmetric()?;
        let _scheme = self.scheme()?;
        let (kind, length) = match self.u16()? {
            0x0003 => (KeyKind::P256, 32),
            0x0004 => (KeyKind::P384, 48),
            0x0005 => (KeyKind::P521, 66),
            _ => return None,
        };
        let _derivation = self.scheme()?;
        let mut bytes = vec![4];
        for _ in 0..2 {
            let coordinate = self.sized()?;
            // A TPM leaves leading zeros out.
            let zeros = length - usize::min(coordinate.len(), length);
            bytes.extend(std::iter::repeat_n(0, zeros));
            bytes.extend_from_slice(coordinate);
        }
        (bytes.len() == 1 + 2 * length).then_some(AnyKey { kind, bytes })
    }

    /// A key that signs protects no other key.
    fn no_symmetric(&mut self) -> Option<()> {
        (self.u16()? == NULL).then_some(())
    }

    /// A scheme is followed by its hash, unless there is none.
    fn scheme(&mut self) -> Option<u16> {
        let scheme = self.u16()?;
        if scheme != NULL {
            self.u16()?;
        }
        Some(scheme)
    }

    fn certify(&mut self) -> Option<CertifyInfo<'a>> {
        (self.u32()? == GENERATED).then_some(())?;
        (self.u16()? == CERTIFY).then_some(())?;
        let _signer = self.sized()?;
        let extra = self.sized()?;
        let _clock_and_firmware = self.take(CLOCK_AND_FIRMWARE)?;
        let name = self.sized()?;
        let _qualified = self.sized()?;
        Some(CertifyInfo { extra, name })
    }
}
