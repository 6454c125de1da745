//! Format `android-key` (WebAuthn Level 3 section 8.4): the phone's keystore speaks.

use super::claim::{Claim, KeyPlace, Proof};
use crate::flaw::Flaw;
use crate::scheme::Scheme;
use crate::tlv::{Tag, Tlv, elements, small_number};
use x509_cert::der::asn1::ObjectIdentifier;

const KEY_DESCRIPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");
const PURPOSE: u32 = 1;
const ALL_APPLICATIONS: u32 = 600;
const ORIGIN: u32 = 702;
/// `KM_PURPOSE_SIGN`
const SIGN: u32 = 2;
/// `KM_ORIGIN_GENERATED`
const GENERATED: u32 = 0;

/// What of a key description (Android's documents on key attestation) the format looks at.
struct KeyDescription<'a> {
    /// What keeps the key, and what speaks for it: the weaker of the two.
    place: KeyPlace,
    challenge: &'a [u8],
    /// What software enforces, and what hardware does.
    lists: [Vec<Tlv<'a>>; 2],
}

pub(super) fn verify(claim: &Claim<'_>) -> Result<Proof, Flaw> {
    let scheme = Scheme::of_cose(claim.algorithm()?)?;
    let chain = claim.chain()?;
    let first = chain.first();
    let signed = claim.signed()?;
    let whose = "the certificate's key";
    first
        .key()?
        .verify(scheme, &signed, claim.signature()?, whose)?;
    claim.check_same_key(&chain)?;
    let extension = first.extension(KEY_DESCRIPTION);
    let description = extension
        .and_then(|(value, _)| KeyDescription::read(value))
        .ok_or(Flaw::Malformed("the certificate's key description"))?;
    if description.challenge != claim.client_data_hash()? {
        return Err(Flaw::Differs(
            "the certificate was made for another registration (its challenge differs)",
        ));
    }
    description.check()?;
    let place = description.place;
    Ok(Proof::Keystore(Box::new(chain), place))
}

impl<'a> KeyDescription<'a> {
    /// Version, security level, keymaster's version and level, challenge, unique id, two lists.
    fn read(extension: &'a [u8]) -> Option<Self> {
        let all = elements(Tlv::only(extension)?.of(Tag::SEQUENCE)?)?;
        let [
            version,
            level,
            kept_version,
            kept_level,
            challenge,
            _unique,
            software,
            hardware,
        ] = all.as_slice()
        else {
            return None;
        };
        version.of(Tag::INTEGER)?;
        kept_version.of(Tag::INTEGER)?;
        let place = KeyPlace::min(place_of(level)?, place_of(kept_level)?);
        let list = |element: &Tlv<'a>| elements(element.of(Tag::SEQUENCE)?);
        Some(Self {
            place,
            challenge: challenge.of(Tag::OCTET_STRING)?,
            lists: [list(software)?, list(hardware)?],
        })
    }

    fn check(&self) -> Result<(), Flaw> {
        let mut all = self.lists.iter().flatten();
        if all.any(|entry| entry.tag == Tag::context(ALL_APPLICATIONS)) {
            return Err(Flaw::Certificate(
                "the key is not bound to one site: all applications may use it",
            ));
        }
        // The standard's own vector states neither; a keystore states both. So what is stated has to
        // be right.
        if self.numbers(ORIGIN).any(|origin| origin != Some(GENERATED)) {
            return Err(Flaw::Certificate("the key was not made in the keystore"));
        }
        if self.numbers(PURPOSE).any(|purpose| purpose != Some(SIGN)) {
            return Err(Flaw::Certificate("the key is not for signing alone"));
        }
        Ok(())
    }

    /// The numbers that an entry of this number holds, alone or in a set, in either list.
    fn numbers(&self, entry: u32) -> impl Iterator<Item = Option<u32>> {
        let all = self.lists.iter().flatten();
        let values = all.filter_map(move |found| found.of(Tag::context(entry)));
        values.flat_map(|value| {
            let inner = Tlv::only(value);
            let set = inner.and_then(|inner| inner.of(Tag::SET));
            let numbers = elements(set.unwrap_or(value)).unwrap_or_default();
            let read = |number: &Tlv<'_>| small_number(number.of(Tag::INTEGER)?);
            let read: Vec<_> = numbers.iter().map(read).collect();
            if read.is_empty() { vec![None] } else { read }
        })
    }
}

fn place_of(level: &Tlv<'_>) -> Option<KeyPlace> {
    match small_number(level.of(Tag::ENUMERATED)?)? {
        0 => Some(KeyPlace::Software),
        1 => Some(KeyPlace::TrustedEnvironment),
        2 => Some(KeyPlace::StrongBox),
        _ => None,
    }
}
