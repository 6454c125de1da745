//! What a program asks for, read into types.

mod fields;
mod rewrite;

use crate::descriptor::{self, CredentialId};
use crate::encoded::{Encoded, Entries, entry};
use crate::entropy::Entropy;
use crate::rp_id::RpId;
use crate::silent::{Dialect, EMPTY_HASH, SilentProbe};
use crate::status::Status;
use core::fmt;

/// The number of getInfo, which is answered whatever else is under way.
pub(crate) const GET_INFO: u8 = 0x04;
/// The number of getNextAssertion.
pub(crate) const GET_NEXT_ASSERTION: u8 = 0x08;

/// A CTAP command.
#[derive(PartialEq, Eq, Debug)]
pub enum Command {
    /// What can you do? (0x04)
    GetInfo,
    /// Shall it be you? (0x0b)
    Selection,
    /// The same question by clients that know no selection: a registration that nobody means.
    Dummy,
    /// Is one of these yours? Nobody is to be asked.
    SilentProbe(SilentProbe),
    /// A registration (0x01).
    Create(Request),
    /// A sign-in (0x02).
    Get(Request),
    /// The next assertion of the answer before (0x08).
    NextAssertion,
    /// Anything else.
    Refused(Status),
}

/// Which of the two is relayed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// authenticatorMakeCredential
    Create,
    /// authenticatorGetAssertion
    Get,
}

/// A request that a person must see: it goes to a phone.
#[derive(PartialEq, Eq)]
pub struct Request {
    operation: Operation,
    rp_id: RpId,
    body: Vec<u8>,
    allowed: Vec<CredentialId>,
    extensions: Vec<String>,
}

impl Command {
    /// Reads a message: command byte and parameters.
    pub fn parse(message: &[u8]) -> Self {
        let Some((number, body)) = message.split_first() else {
            return Self::Refused(Status::InvalidLength);
        };
        match number {
            0x01 => create(body).unwrap_or_else(Self::Refused),
            0x02 => get(body).unwrap_or_else(Self::Refused),
            &GET_INFO => Self::bare(body, Self::GetInfo),
            &GET_NEXT_ASSERTION => Self::bare(body, Self::NextAssertion),
            0x0b => Self::bare(body, Self::Selection),
            // A phone's passkeys are not ours to erase.
            0x07 => Self::Refused(Status::NotAllowed),
            // clientPIN, bioEnrollment, credentialManagement, largeBlobs, config and vendors' ones:
            // nothing of it is listed.
            _ => Self::Refused(Status::InvalidCommand),
        }
    }

    fn bare(body: &[u8], command: Self) -> Self {
        if body.is_empty() {
            command
        } else {
            Self::Refused(Status::InvalidLength)
        }
    }
}

impl Request {
    /// Which.
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// For whom.
    pub const fn rp_id(&self) -> &RpId {
        &self.rp_id
    }

    /// The credentials that may answer; empty when any may.
    pub fn allowed(&self) -> &[CredentialId] {
        &self.allowed
    }

    /// The extensions that were relayed.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The command for a phone: as it came, but for what [`rewrite`] documents.
    pub(crate) fn relayed(&self, entropy: &mut Entropy, label: &str) -> Vec<u8> {
        let Some(map) = Encoded::read(&self.body).ok().and_then(Encoded::as_map) else {
            return Vec::new();
        };
        match self.operation {
            Operation::Create => rewrite::create(&map, &self.rp_id, entropy, label),
            Operation::Get => rewrite::get(&map),
        }
    }
}

impl fmt::Debug for Request {
    /// Without what is asked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Request({:?}, {} bytes)",
            self.operation,
            self.body.len()
        )
    }
}

/// CTAP 2.2 §6.1.
fn create(body: &[u8]) -> Result<Command, Status> {
    let map = map(body)?;
    if is_blink(&map, 8)? {
        return Ok(Command::Dummy);
    }
    let hash = fields::hash(entry(&map, 1))?;
    let rp_id = fields::rp_id_of_entity(entry(&map, 2))?;
    fields::user(entry(&map, 3))?;
    let supported = fields::lists_es256(entry(&map, 4))?;
    let excluded = entry(&map, 5).map(descriptor::read).transpose()?;
    let extensions = fields::extensions(entry(&map, 6))?;
    let options = fields::options(entry(&map, 7))?;
    // Chromium's `.dummy` and libfido2's `localhost`. The name alone says nothing: a page on
    // localhost is real.
    if hash == EMPTY_HASH {
        return Ok(Command::Dummy);
    }
    if entry(&map, 8).is_some() {
        return Err(Status::InvalidParameter);
    }
    if options.silent {
        return Err(Status::InvalidOption);
    }
    // Before anybody is asked to scan a code. No phone makes a passkey without ES256.
    if !supported {
        return Err(Status::UnsupportedAlgorithm);
    }
    // Read for its form; the phone compares.
    drop(excluded);
    let (operation, body, allowed) = (Operation::Create, body.to_vec(), Vec::new());
    Ok(Command::Create(Request {
        operation,
        rp_id,
        body,
        allowed,
        extensions,
    }))
}

/// CTAP 2.2 §6.2.
fn get(body: &[u8]) -> Result<Command, Status> {
    let map = map(body)?;
    if is_blink(&map, 6)? {
        return Ok(Command::Dummy);
    }
    let rp_id = fields::rp_id(entry(&map, 1))?;
    let hash = fields::hash(entry(&map, 2))?;
    let allowed = entry(&map, 3)
        .map(descriptor::read)
        .transpose()?
        .unwrap_or_default();
    let extensions = fields::extensions(entry(&map, 4))?;
    let options = fields::options(entry(&map, 5))?;
    if entry(&map, 6).is_some() {
        return Err(Status::InvalidParameter);
    }
    if options.silent {
        return Ok(Command::SilentProbe(SilentProbe::new(
            rp_id,
            Dialect::of(&hash),
            allowed,
        )));
    }
    let (operation, body) = (Operation::Get, body.to_vec());
    Ok(Command::Get(Request {
        operation,
        rp_id,
        body,
        allowed,
        extensions,
    }))
}

fn map(body: &[u8]) -> Result<Entries<'_>, Status> {
    let item = Encoded::read(body).map_err(|_| Status::InvalidCbor)?;
    item.as_map().ok_or(Status::UnexpectedType)
}

/// Whether pinUvAuthParam, at this key, is there without a byte: CTAP's way of asking for a touch
/// and nothing else.
fn is_blink(map: &Entries<'_>, key: u64) -> Result<bool, Status> {
    let Some(param) = entry(map, key) else {
        return Ok(false);
    };
    Ok(param.as_bytes().ok_or(Status::UnexpectedType)?.is_empty())
}
