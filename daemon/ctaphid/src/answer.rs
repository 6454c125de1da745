//! What a phone answered, looked at before a program gets it.
//!
//! The bytes go on untouched, but for `numberOfCredentials`: a phone is asked one command, so that
//! nobody could fetch the further ones, and a program that tries gets an error in place of the
//! sign-in.

use crate::command::{Operation, Request};
use crate::encoded::{Encoded, write_map};
use crate::reply::Reply;
use crate::status::Status;
use core::fmt;
use hybrid_protocol::cbor::{self, Value};

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
            if !data.attested {
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

/// What is read of authenticator data (WebAuthn §6.1).
struct AuthenticatorData {
    rp_id_hash: [u8; 32],
    present: bool,
    attested: bool,
    extensions: Vec<String>,
}

impl AuthenticatorData {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
        let ([flags, ..], mut rest) = rest.split_first_chunk::<5>()?;
        let attested = flags & 0x40 != 0;
        if attested {
            let ([_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, high, low], after) =
                rest.split_first_chunk::<18>()?;
            let id = usize::from(u16::from_be_bytes([*high, *low]));
            (_, rest) = cbor::read_prefix(after.get(id..)?).ok()?;
        }
        let mut extensions = Vec::new();
        if flags & 0x80 != 0 {
            let map = cbor::read_lenient(rest).ok()?.into_map().ok()?;
            let names = map.into_iter().map(|(key, _)| key.into_text().ok());
            extensions = names.collect::<Option<_>>()?;
        }
        let (rp_id_hash, present) = (*rp_id_hash, flags & 1 != 0);
        Some(Self {
            rp_id_hash,
            present,
            attested,
            extensions,
        })
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the phone's answer is empty"),
            Self::NotAMap => f.write_str("the phone's answer is no CBOR map"),
            Self::Missing(key) => write!(f, "the phone's answer lacks its member {key}"),
            Self::AuthenticatorData => f.write_str("the authenticator data cannot be read"),
            Self::OtherRelyingParty => f.write_str("the phone answered for another relying party"),
            Self::NobodyPresent => f.write_str("the phone asked nobody"),
            Self::ForeignCredential => {
                f.write_str("the phone answered with a passkey that was not asked for")
            }
            Self::TooLong(size) => write!(f, "the phone's answer of {size} bytes fits no message"),
        }
    }
}

impl core::error::Error for AnswerError {}
