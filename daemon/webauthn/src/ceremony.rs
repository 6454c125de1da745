//! One registration or sign-in: what a site wants of a phone, and what becomes of the phone's
//! reply.

use crate::client_data::ClientData;
use crate::command;
use crate::error::{CannotAsk, OptionsError};
use crate::options::{CreationOptions, RequestOptions, Requirement};
use crate::origin::{Origin, RpId};
use crate::reply::{self, Expectation, ReplyError};
use hybrid_protocol::ctap::GetInfo;
use hybrid_protocol::{Hint, Wiped};
use serde_json::Value;
use std::fmt;

/// What is asked of the phone, and for whom.
pub struct Ceremony {
    origin: Origin,
    rp_id: RpId,
    client_data: ClientData,
    kind: CeremonyKind,
}

/// Which of the two ceremonies it is, with its options.
enum CeremonyKind {
    Register(Box<CreationOptions>),
    SignIn(Box<RequestOptions>),
}

impl Ceremony {
    /// Reads a `PublicKeyCredentialCreationOptionsJSON` for a page of `origin`.
    ///
    /// # Errors
    /// [`OptionsError`] says what was expected and what came.
    pub fn register(origin: Origin, json: &str) -> Result<Self, OptionsError> {
        let options = CreationOptions::parse(json)?;
        let rp_id = origin
            .rp_id(options.rp.id.as_deref())
            .map_err(OptionsError::RpId)?;
        let client_data = ClientData::new("webauthn.create", &options.challenge, &origin);
        Ok(Self {
            origin,
            rp_id,
            client_data,
            kind: CeremonyKind::Register(Box::new(options)),
        })
    }

    /// Reads a `PublicKeyCredentialRequestOptionsJSON` for a page of `origin`.
    ///
    /// # Errors
    /// As [`Self::register`].
    pub fn sign_in(origin: Origin, json: &str) -> Result<Self, OptionsError> {
        let options = RequestOptions::parse(json)?;
        let rp_id = origin
            .rp_id(options.rp_id.as_deref())
            .map_err(OptionsError::RpId)?;
        let client_data = ClientData::new("webauthn.get", &options.challenge, &origin);
        Ok(Self {
            origin,
            rp_id,
            client_data,
            kind: CeremonyKind::SignIn(Box::new(options)),
        })
    }

    /// How the QR code names the operation.
    pub const fn hint(&self) -> Hint {
        match self.kind {
            CeremonyKind::Register(_) => Hint::Register,
            CeremonyKind::SignIn(_) => Hint::SignIn,
        }
    }

    /// The relying party, for showing.
    pub const fn rp_id(&self) -> &RpId {
        &self.rp_id
    }

    const fn user_verification(&self) -> Requirement {
        match &self.kind {
            CeremonyKind::Register(options) => options.authenticator_selection.user_verification,
            CeremonyKind::SignIn(options) => options.user_verification,
        }
    }

    /// The CTAP2 command for a phone that greeted with this getInfo.
    ///
    /// # Errors
    /// [`CannotAsk`] when the phone cannot do what the relying party requires.
    pub fn command(&self, phone: &GetInfo) -> Result<Vec<u8>, CannotAsk> {
        match &self.kind {
            CeremonyKind::Register(options) => {
                command::make_credential(options, &self.rp_id, &self.client_data, phone)
            }
            CeremonyKind::SignIn(options) => {
                command::get_assertion(options, &self.rp_id, &self.client_data, phone)
            }
        }
    }

    /// Checks the reply of the phone that was asked and writes the JSON response for the relying
    /// party.
    ///
    /// # Errors
    /// [`ReplyError`]: the phone declined (a CTAP status), or its reply does not fit what was
    /// asked.
    pub fn finish(&self, phone: &GetInfo, reply: &Wiped) -> Result<Value, ReplyError> {
        let body = reply::body(reply)?;
        let asked = Expectation {
            rp_id: &self.rp_id,
            client_data: &self.client_data,
            phone,
        };
        match &self.kind {
            CeremonyKind::Register(options) => reply::registration(options, &asked, body),
            CeremonyKind::SignIn(options) => reply::authentication(options, &asked, body),
        }
    }
}

/// A site may send any name; more of it is not shown.
const LONGEST_NAME: usize = 64;

/// What would be asked, in a line; the alternate form (`{:#}`) adds what the site requires, for
/// `--dry-run`.
impl fmt::Display for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rp_id, origin, .. } = self;
        let resident = match &self.kind {
            CeremonyKind::Register(options) => {
                let name = options.user.shown_name();
                let user: String = name
                    .as_deref()
                    .unwrap_or("(no name)")
                    .chars()
                    .take(LONGEST_NAME)
                    .collect();
                write!(
                    f,
                    "register a passkey at {rp_id} for the account \"{user}\""
                )?;
                Some(options.resident_key())
            }
            CeremonyKind::SignIn(options) => {
                let which = match options.allow_credentials.len() {
                    0 => "any of its passkeys".to_owned(),
                    1 => "the one passkey that it lists".to_owned(),
                    n => format!("one of the {n} passkeys that it lists"),
                };
                write!(f, "sign in at {rp_id} with {which}")?;
                None
            }
        };
        if origin.to_string() != format!("https://{rp_id}") {
            write!(f, ", for the page {origin}")?;
        }
        if f.alternate() {
            write!(f, "; user verification {}", self.user_verification().word())?;
            if let Some(resident) = resident {
                write!(f, ", discoverable passkey {}", resident.word())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
