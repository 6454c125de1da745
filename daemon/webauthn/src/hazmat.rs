//! The parsers by themselves, for fuzz targets.
//!
//! A [`Ceremony`](crate::Ceremony) reads the same with what belongs to it, and keeps what it found
//! to itself. Each function takes any input and is expected to return.

use crate::authenticator_data::AuthenticatorData;
use crate::client_data::ClientData;
use crate::error::OptionsError;
use crate::options_kind::OptionsKind;
use crate::origin::Origin;
use crate::webidl::Member;
use crate::wrapping::Found;
use serde_json::Value;

/// Looks for the one set of options of this kind in a server's answer; whether what was found is a
/// dictionary.
///
/// # Errors
/// [`OptionsError`] when there is none, or more than one.
pub fn wrapped(json: &str, wanted: OptionsKind) -> Result<bool, OptionsError> {
    Found::in_json(json, wanted).map(|found| found.dictionary().is_ok())
}

/// What browsers make of one JSON value, for each type that options have; `None` where they refuse
/// it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Converted {
    /// `DOMString`
    pub text: Option<String>,
    /// `Base64URLString`
    pub bytes: Option<Vec<u8>>,
    /// `long`
    pub long: Option<i32>,
    /// `boolean`
    pub boolean: bool,
    /// How many items a list has.
    pub items: Option<usize>,
    /// How many members a dictionary has.
    pub members: Option<usize>,
}

/// Converts a value into each of those types.
pub fn converted(value: &Value) -> Converted {
    let member = || Member::new(value, "here".to_owned());
    Converted {
        text: member().text().ok(),
        bytes: member().bytes().ok(),
        long: member().long(),
        boolean: member().boolean(),
        items: member().list().ok().map(|items| items.len()),
        members: { member().dictionary().ok() }.map(|members| members.entries().count()),
    }
}

/// The id of the credential that authenticator data bring along, which is empty when they bring
/// none; `None` when they are not whole.
pub fn authenticator_data(bytes: &[u8]) -> Option<&[u8]> {
    let data = AuthenticatorData::read(bytes).ok()?;
    Some(data.credential.map_or(&[], |credential| credential.id))
}

/// The client data of a sign-in.
pub fn client_data(challenge: &[u8], origin: &Origin) -> Vec<u8> {
    ClientData::new("webauthn.get", challenge, origin)
        .as_bytes()
        .to_vec()
}
