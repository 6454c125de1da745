//! Misbehaviour with the Bluetooth advert.

use super::Kind;
use super::entry::{Entry, Shows, number, numbered, plain};
use hybrid_protocol::EidKey;
use hybrid_protocol::advert::Plaintext;
use hybrid_protocol::{DomainId, RoutingId, Secret, hazmat};
use std::time::Duration;

#[derive(Clone, Copy)]
pub(crate) enum Advert {
    Missing,
    Late,
    Suffix,
    Short,
    OtherCode,
    Damaged,
    OtherRelay,
    UnknownRelay,
    Reserved,
    OtherRouting,
}

/// What can be wrong with the advert.
pub(super) static TABLE: &[Entry] = &[
    plain(
        "no-advert",
        Kind::Advert(Advert::Missing),
        "AD01",
        "opens its tunnel and never advertises",
    ),
    numbered(
        "late-advert",
        number("SECONDS", 20, 0, 80),
        Kind::Advert(Advert::Late),
        Shows::WhenLong("AD01"),
        "advertises so long after its tunnel is open",
    ),
    numbered(
        "suffix",
        number("BYTES", 4, 1, 200),
        Kind::Advert(Advert::Suffix),
        Shows::Nothing,
        "adds a suffix of CTAP 2.3 to the advert, though the code offers no such channel",
    ),
    numbered(
        "short-advert",
        number("BYTES", 19, 0, 19),
        Kind::Advert(Advert::Short),
        Shows::Code("AD04"),
        "cuts the advert off",
    ),
    plain(
        "wrong-key",
        Kind::Advert(Advert::OtherCode),
        "AD02",
        "makes the advert for another code",
    ),
    plain(
        "damaged-advert",
        Kind::Advert(Advert::Damaged),
        "AD02",
        "flips a bit of the advert",
    ),
    numbered(
        "wrong-domain",
        number("ID", 1, 0, 65535),
        Kind::Advert(Advert::OtherRelay),
        Shows::Code("NW15"),
        "advertises another relay than the one where it waits",
    ),
    numbered(
        "unknown-domain",
        number("ID", 2, 2, 255),
        Kind::Advert(Advert::UnknownRelay),
        Shows::Code("AD06"),
        "advertises a relay whose id is not assigned",
    ),
    numbered(
        "reserved",
        number("BYTE", 1, 1, 255),
        Kind::Advert(Advert::Reserved),
        Shows::Code("AD06"),
        "sets the reserved byte of the advert",
    ),
    plain(
        "wrong-routing-id",
        Kind::Advert(Advert::OtherRouting),
        "NW15",
        "advertises another routing id than its relay gave",
    ),
];

/// The advert that is about to be made, which faults change one after the other.
pub(crate) struct Spoken {
    /// The key of the code that was scanned.
    pub(crate) key: EidKey,
    /// What the advert says inside.
    pub(crate) plaintext: Plaintext,
    /// What goes on the air, if anything does.
    pub(crate) data: Option<Vec<u8>>,
    /// How long after the tunnel is open.
    pub(crate) after: Option<Duration>,
}

/// The suffix of a phone that offers the direct Bluetooth channel at PSM 130; shorter and longer
/// ones are cut from its repetition.
const SUFFIX: [u8; 4] = [0xa1, 0x01, 0x18, 0x82];

impl Advert {
    pub(crate) fn spoil(self, arg: u32, spoken: &mut Spoken) {
        match self {
            Self::Missing => spoken.data = None,
            Self::Late => spoken.after = Some(Duration::from_secs(arg.into())),
            Self::Suffix => {
                let suffix = SUFFIX.iter().cycle().take(arg as usize);
                spoken.change(|data| data.extend(suffix));
            }
            Self::Short => spoken.change(|data| data.truncate(arg as usize)),
            Self::OtherCode => {
                spoken.key = EidKey::from_qr(&Secret::new([0xc0; 16]));
                spoken.seal();
            }
            Self::Damaged => spoken.change(|data| {
                if let Some(last) = data.last_mut() {
                    *last ^= 1;
                }
            }),
            Self::OtherRelay | Self::UnknownRelay => {
                let [nonce @ .., _, _, _, _, _] = spoken.random();
                spoken.plaintext =
                    Plaintext::qr(nonce, spoken.plaintext.routing(), DomainId(arg as u16));
                spoken.seal();
            }
            Self::Reserved => {
                let mut bytes = *spoken.plaintext.as_bytes();
                if let Some(reserved) = bytes.first_mut() {
                    *reserved = arg as u8;
                }
                spoken.plaintext = hazmat::plaintext(bytes);
                spoken.seal();
            }
            Self::OtherRouting => {
                let [nonce @ .., _, _, _, _, _] = spoken.random();
                let routing = spoken
                    .plaintext
                    .routing()
                    .as_bytes()
                    .map(|byte| byte ^ 0xff);
                spoken.plaintext =
                    Plaintext::qr(nonce, RoutingId::new(routing), spoken.plaintext.domain());
                spoken.seal();
            }
        }
    }
}

impl Spoken {
    fn change(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(data) = &mut self.data {
            change(data);
        }
    }

    fn seal(&mut self) {
        let sealed = self.key.seal(&self.plaintext);
        self.change(|data| *data = sealed.to_vec());
    }

    /// The fifteen bytes after the reserved one, of which the first ten are random.
    fn random(&self) -> [u8; 15] {
        let [_, random @ ..] = *self.plaintext.as_bytes();
        random
    }
}
