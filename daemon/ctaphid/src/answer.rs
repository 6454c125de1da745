//! What a phone answered, looked at before a program gets it.
//!
//! The bytes go on untouched, but for `numberOfCredentials`: a phone is asked one command, so that
//! nobody could fetch the further ones, and a program that tries gets an error in place of the
//! sign-in.

use crate::authenticator_data::AuthenticatorData;
use crate::command::{Command, Operation, Request};
use crate::descriptor::CredentialId;
use crate::encoded::{Encoded, write_map};
use crate::limits::MAX_MESSAGE;
use crate::reply::Reply;
use crate::rp_id::RpId;
use crate::status::Status;
use core::fmt;
use hybrid_protocol::cbor::{self, Value};

/// The longest `numberOfCredentials`, key included, which is left out of an answer.
const COUNT: usize = 10;

/// What is wrong with an answer that is not handed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerError {
    /// No status.
    Empty,
    /// The body is no CBOR map.
    NotAMap,
    /// A member that every answer has is missing or of another type; its key.
    Missing(u64),
    /// The authenticator data is too short for what it says it holds.
    AuthenticatorData,
    /// The authenticator data is for another relying party.
    OtherRelyingParty,
    /// The authenticator data says that nobody was there.
    NobodyPresent,
    /// A credential that is not in the request's list.
    ForeignCredential,
    /// No message can carry it.
    TooLong(usize),
}

/// What somebody should know about an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AnswerNote {
    /// It was replaced by "cancelled".
    Refused(AnswerError),
    /// It carries an extension that nobody asked for, on which Chromium refuses it. It is signed:
    /// nothing can repair it.
    UnaskedExtension(String),
    /// It was the first of several, and the only one.
    FurtherAssertionsLeftOut,
}

/// Reads a phone's answer, status and body, to this request.
pub(crate) fn judge(request: &Request, answer: &[u8]) -> (Reply, Vec<AnswerNote>) {
    let mut notes = Vec::new();
    let reply = match answer.split_first() {
        None => Err(AnswerError::Empty),
        Some((0, body)) => success(request, body, &mut notes),
        Some((status, _)) => Ok(Reply::refused(Status::of_phone(*status))),
    };
    let reply = reply.unwrap_or_else(|error| {
        notes.push(AnswerNote::Refused(error));
        Reply::refused(Status::Cancelled)
    });
    (reply, notes)
}

fn success(
    request: &Request,
    body: &[u8],
    notes: &mut Vec<AnswerNote>,
) -> Result<Reply, AnswerError> {
    // Before it is read: what is read takes more room and time than what was sent.
    if body.len() >= MAX_MESSAGE + COUNT {
        return Err(AnswerError::TooLong(body.len() + 1));
    }
    let value = cbor::read_lenient(body).map_err(|_| AnswerError::NotAMap)?;
    let map = value.as_map().ok_or(AnswerError::NotAMap)?;
    let data = member(map, 2)?.as_bytes().ok_or(AnswerError::Missing(2))?;
    let data = AuthenticatorData::parse(data).ok_or(AnswerError::AuthenticatorData)?;
    if data.rp_id_hash != request.rp_id().hash() {
        return Err(AnswerError::OtherRelyingParty);
    }
    if !data.present {
        return Err(AnswerError::NobodyPresent);
    }
    match request.operation() {
        Operation::Create => {
            member(map, 1)?.as_text().ok_or(AnswerError::Missing(1))?;
            member(map, 3)?.as_map().ok_or(AnswerError::Missing(3))?;
            if data.credential.is_none() {
                return Err(AnswerError::AuthenticatorData);
            }
        }
        Operation::Get => {
            member(map, 3)?.as_bytes().ok_or(AnswerError::Missing(3))?;
            check_credential(request, cbor::entry(map, 1))?;
        }
    }
    let unasked = data
        .extensions
        .into_iter()
        .filter(|name| !request.extensions().contains(name));
    notes.extend(unasked.map(AnswerNote::UnaskedExtension));
    let single = match request.operation() {
        Operation::Create => None,
        Operation::Get => without_count(body),
    };
    let body = match &single {
        Some(body) => {
            notes.push(AnswerNote::FurtherAssertionsLeftOut);
            body
        }
        None => body,
    };
    Reply::success(body).ok_or(AnswerError::TooLong(body.len() + 1))
}

/// The credential that a successful answer to this command was given with or made, for the memory
/// that [`Ask::Known`] asks.
///
/// [`Ask::Known`]: crate::Ask::Known
pub fn credential_of(command: &[u8], answer: &[u8]) -> Option<(RpId, CredentialId)> {
    let (Command::Create(request) | Command::Get(request)) = Command::parse(command) else {
        return None;
    };
    let body = answer.strip_prefix(&[0])?;
    // What is not handed on is not remembered.
    success(&request, body, &mut Vec::new()).ok()?;
    let value = cbor::read_lenient(body).ok()?;
    let map = value.as_map()?;
    let id = match request.operation() {
        Operation::Create => {
            let data = cbor::entry(map, 2)?.as_bytes()?;
            CredentialId::new(&AuthenticatorData::parse(data)?.credential?)
        }
        Operation::Get => match cbor::entry(map, 1) {
            Some(descriptor) => {
                let id = cbor::text_entry(descriptor.as_map()?, "id")?;
                CredentialId::new(id.as_bytes()?)
            }
            None => request.allowed().first().cloned(),
        },
    };
    Some((request.rp_id().clone(), id?))
}

/// With a list of one a phone may leave the credential out (CTAP 2.2 §6.2.2).
fn check_credential(request: &Request, descriptor: Option<&Value>) -> Result<(), AnswerError> {
    let allowed = request.allowed();
    let Some(descriptor) = descriptor else {
        return if allowed.len() == 1 {
            Ok(())
        } else {
            Err(AnswerError::Missing(1))
        };
    };
    let id = descriptor
        .as_map()
        .and_then(|map| cbor::text_entry(map, "id"));
    let id = id
        .and_then(Value::as_bytes)
        .ok_or(AnswerError::Missing(1))?;
    if allowed.is_empty() || allowed.iter().any(|allowed| allowed.bytes() == id) {
        return Ok(());
    }
    Err(AnswerError::ForeignCredential)
}

/// The body without numberOfCredentials, when that is there and more than 1.
fn without_count(body: &[u8]) -> Option<Vec<u8>> {
    let map = Encoded::read(body).ok()?.as_map()?;
    let count = |(key, value): &(Encoded<'_>, Encoded<'_>)| {
        key.as_uint() == Some(5) && value.as_uint().is_none_or(|count| count > 1)
    };
    let kept = map.iter().filter(|entry| !count(entry));
    let kept: Vec<_> = kept
        .map(|(k, v)| (k.bytes().to_vec(), v.bytes().to_vec()))
        .collect();
    (kept.len() < map.len()).then(|| write_map(&kept))
}

fn member(map: &[(Value, Value)], key: u64) -> Result<&Value, AnswerError> {
    cbor::entry(map, key).ok_or(AnswerError::Missing(key))
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the phone's answer is empty"),
            Self::NotAMap => f.write_str("the phone's answer is not a CBOR map"),
            Self::Missing(key) => write!(f, "the phone's answer lacks its member {key}"),
            Self::AuthenticatorData => f.write_str("the authenticator data cannot be read"),
            Self::OtherRelyingParty => f.write_str("the phone answered for another relying party"),
            Self::NobodyPresent => f.write_str("the phone did not confirm user presence"),
            Self::ForeignCredential => {
                f.write_str("the phone answered with a passkey that was not requested")
            }
            Self::TooLong(size) => write!(
                f,
                "the phone's answer of {size} bytes does not fit into a message"
            ),
        }
    }
}

impl core::error::Error for AnswerError {}
