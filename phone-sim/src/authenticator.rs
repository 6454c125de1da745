//! A CTAP2 authenticator in software: ES256, discoverable and named passkeys, user verification,
//! excludeList, prf.

mod get_assertion;
mod make_credential;
mod parameters;
mod prf;

use crate::store::{Store, StoreError};
use hybrid_protocol::Wiped;
use hybrid_protocol::cbor::{self, Value};
use parameters::Parameters;
use sha2::{Digest, Sha256};
use std::fmt;

/// What kind of phone it claims to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Model {
    /// The model id in new passkeys.
    pub aaguid: [u8; 16],
    /// The model id in getInfo, which on phones is often another one or none (zeros).
    pub info_aaguid: [u8; 16],
    /// Passkeys can be backed up (flag BE).
    pub backup_eligible: bool,
    /// Passkeys are backed up (flag BS).
    pub backed_up: bool,
    /// Offers the prf extension.
    pub prf: bool,
    /// Options in getInfo that are true.
    pub options: &'static [&'static str],
    /// CTAP versions in getInfo.
    pub versions: &'static [&'static str],
    /// Transports in getInfo.
    pub transports: &'static [&'static str],
}

impl Default for Model {
    fn default() -> Self {
        Self {
            aaguid: [0; 16],
            info_aaguid: [0; 16],
            backup_eligible: true,
            backed_up: true,
            prf: true,
            options: &["rk", "up", "uv"],
            versions: &["FIDO_2_0", "FIDO_2_1"],
            transports: &["hybrid", "internal"],
        }
    }
}

/// A command as a user would be asked about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt {
    /// The name of the command, as in the specification without "authenticator".
    pub command: &'static str,
    /// The relying party, when the command names one.
    pub rp_id: Option<String>,
}

/// What the user said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consent {
    /// Yes, and they unlocked the phone for it.
    Approved,
    /// No.
    Denied,
}

/// The authenticator of one simulated phone.
pub struct Authenticator {
    store: Store,
    model: Model,
}

const MAKE_CREDENTIAL: u8 = 1;
const GET_ASSERTION: u8 = 2;
const GET_INFO: u8 = 4;

impl Authenticator {
    /// Serves the passkeys of `store` as a phone of this model.
    pub const fn new(store: Store, model: Model) -> Self {
        Self { store, model }
    }

    /// What the user has to be asked before [`Self::answer`]; `None` when the command needs nobody.
    pub fn prompt(command: &[u8]) -> Option<Prompt> {
        let (byte, body) = command.split_first()?;
        let (name, rp_key) = match *byte {
            MAKE_CREDENTIAL => ("makeCredential", 2),
            GET_ASSERTION => ("getAssertion", 1),
            _ => return None,
        };
        let rp_id = Parameters::read(body)
            .ok()
            .and_then(|parameters| parameters.rp_id(rp_key));
        Some(Prompt {
            command: name,
            rp_id,
        })
    }

    /// The reply to authenticatorGetInfo, without status byte: what the greeting carries.
    pub fn get_info(&self) -> Vec<u8> {
        let texts =
            |list: &[&str]| Value::Array(list.iter().map(|text| Value::from(*text)).collect());
        let options = self
            .model
            .options
            .iter()
            .map(|name| (Value::from(*name), Value::from(true)));
        // No list of algorithms: phones give none, and a browser that finds none of the site's in
        // it sends a command that phones do not know.
        let mut map = vec![
            (Value::from(1), texts(self.model.versions)),
            (
                Value::from(3),
                Value::Bytes(self.model.info_aaguid.to_vec()),
            ),
            (Value::from(4), Value::Map(options.collect())),
            (Value::from(9), texts(self.model.transports)),
        ];
        if self.model.prf {
            map.push((Value::from(2), texts(&["prf"])));
        }
        cbor::write(&Value::Map(map))
    }

    /// Answers a command: status byte and canonical CBOR. `random` fills a buffer from the
    /// operating system's generator.
    ///
    /// # Errors
    /// [`StoreError`] when a new passkey could not be kept; nothing is promised to the relying
    /// party then.
    pub fn answer(
        &mut self,
        command: &[u8],
        consent: Consent,
        random: &mut dyn FnMut(&mut [u8]),
    ) -> Result<Wiped, StoreError> {
        let Some((byte, body)) = command.split_first() else {
            return Ok(Refusal::InvalidLength.reply());
        };
        let answered = match *byte {
            MAKE_CREDENTIAL => make_credential::answer(self, body, consent, random),
            GET_ASSERTION => get_assertion::answer(self, body, consent),
            GET_INFO => Ok(self.get_info()),
            _ => Err(Refused::Ctap(Refusal::InvalidCommand)),
        };
        match answered {
            Ok(body) => Ok(Wiped::new([&[0], body.as_slice()].concat())),
            Err(Refused::Ctap(refusal)) => Ok(refusal.reply()),
            Err(Refused::Store(error)) => Err(error),
        }
    }

    /// Authenticator data up to the credential: rpId hash, flags (user present and verified),
    /// counter 0 as synced passkeys have it.
    fn auth_data(&self, rp_id: &str, more_flags: u8) -> Vec<u8> {
        const PRESENT_AND_VERIFIED: u8 = 0x05;
        let backup =
            u8::from(self.model.backup_eligible) << 3 | u8::from(self.model.backed_up) << 4;
        let mut bytes = Sha256::digest(rp_id).to_vec();
        bytes.push(PRESENT_AND_VERIFIED | backup | more_flags);
        bytes.extend([0; 4]);
        bytes
    }
}

/// The CTAP statuses that this authenticator answers with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refusal {
    InvalidCommand = 0x01,
    InvalidLength = 0x03,
    UnexpectedType = 0x11,
    InvalidCbor = 0x12,
    MissingParameter = 0x14,
    CredentialExcluded = 0x19,
    UnsupportedAlgorithm = 0x26,
    OperationDenied = 0x27,
    InvalidOption = 0x2c,
    NoCredentials = 0x2e,
}

impl Refusal {
    fn reply(self) -> Wiped {
        Wiped::new(vec![self as u8])
    }
}

/// Why a command is not served: a status for the desktop, or a broken store.
#[derive(Debug)]
enum Refused {
    Ctap(Refusal),
    Store(StoreError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Ctap(refusal)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} for {}",
            self.command,
            self.rp_id.as_deref().unwrap_or("an unnamed site")
        )
    }
}

#[cfg(test)]
mod tests;
