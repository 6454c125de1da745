//! Misbehaviour with the Bluetooth advert.

use super::entry::{FaultEntry, Shows, number, numbered, plain};
use super::kind::{AdvertFault, FaultKind};
use hybrid_protocol::EidKey;
use hybrid_protocol::Plaintext;
use hybrid_protocol::{DomainId, RoutingId, Secret, hazmat};
use std::time::Duration;

/// What can be wrong with the advert.
pub(super) static TABLE: &[FaultEntry] = &[
    plain(
        "no-advert",
        FaultKind::Advert(AdvertFault::Missing),
        "AD01",
        "opens its tunnel and never advertises",
    ),
    numbered(
        "late-advert",
        number("SECONDS", 20, 0, 80),
        FaultKind::Advert(AdvertFault::Late),
        Shows::WhenLong("AD01"),
        "advertises this long after opening its tunnel",
    ),
    numbered(
        "suffix",
        number("BYTES", 4, 1, 200),
        FaultKind::Advert(AdvertFault::Suffix),
        Shows::Nothing,
        "adds a CTAP 2.3 suffix to the advert, although the code offers no such channel",
    ),
    numbered(
        "short-advert",
        number("BYTES", 19, 0, 19),
        FaultKind::Advert(AdvertFault::Short),
        Shows::Code("AD04"),
        "truncates the advert",
    ),
    plain(
        "wrong-key",
        FaultKind::Advert(AdvertFault::OtherCode),
        "AD02",
        "makes the advert for another code",
    ),
    plain(
        "damaged-advert",
        FaultKind::Advert(AdvertFault::Damaged),
        "AD02",
        "flips a bit of the advert",
    ),
    numbered(
        "wrong-domain",
        number("ID", 1, 0, 65535),
        FaultKind::Advert(AdvertFault::OtherRelay),
        Shows::Code("NW15"),
        "advertises a different relay from the one where it waits",
    ),
    numbered(
        "unknown-domain",
        number("ID", 2, 2, 255),
        FaultKind::Advert(AdvertFault::UnknownRelay),
        Shows::Code("AD06"),
        "advertises a relay id that is not assigned",
    ),
    numbered(
        "reserved",
        number("BYTE", 1, 1, 255),
        FaultKind::Advert(AdvertFault::Reserved),
        Shows::Code("AD06"),
        "sets the reserved byte of the advert",
    ),
    plain(
        "wrong-routing-id",
        FaultKind::Advert(AdvertFault::OtherRouting),
        "NW15",
        "advertises a different routing id from the one its relay assigned",
    ),
];

/// The advert that is about to be made, which faults change one after the other.
pub(crate) struct AdvertDraft {
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

impl AdvertFault {
    pub(crate) fn spoil(self, arg: u32, draft: &mut AdvertDraft) {
        match self {
            Self::Missing => draft.data = None,
            Self::Late => draft.after = Some(Duration::from_secs(arg.into())),
            Self::Suffix => {
                let suffix = SUFFIX.iter().cycle().take(arg as usize);
                draft.change(|data| data.extend(suffix));
            }
            Self::Short => draft.change(|data| data.truncate(arg as usize)),
            Self::OtherCode => {
                draft.key = EidKey::from_qr(&Secret::new([0xc0; 16]));
                draft.seal();
            }
            Self::Damaged => draft.change(|data| {
                if let Some(last) = data.last_mut() {
                    *last ^= 1;
                }
            }),
            Self::OtherRelay | Self::UnknownRelay => {
                let [nonce @ .., _, _, _, _, _] = draft.random();
                draft.plaintext =
                    Plaintext::qr(nonce, draft.plaintext.routing(), DomainId(arg as u16));
                draft.seal();
            }
            Self::Reserved => {
                let mut bytes = *draft.plaintext.as_bytes();
                if let Some(reserved) = bytes.first_mut() {
                    *reserved = arg as u8;
                }
                draft.plaintext = hazmat::plaintext(bytes);
                draft.seal();
            }
            Self::OtherRouting => {
                let [nonce @ .., _, _, _, _, _] = draft.random();
                let routing = draft.plaintext.routing().as_bytes().map(|byte| byte ^ 0xff);
                draft.plaintext =
                    Plaintext::qr(nonce, RoutingId::new(routing), draft.plaintext.domain());
                draft.seal();
            }
        }
    }
}

impl AdvertDraft {
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
