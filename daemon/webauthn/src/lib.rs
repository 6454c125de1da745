//! WebAuthn JSON in, one CTAP2 command out; one CTAP2 reply in, WebAuthn JSON out. No IO.
//!
//! [`Ceremony::register`] or [`Ceremony::sign_in`] reads what a relying party wants, [`Ceremony::command`] makes the bytes for the phone
//! once its getInfo is known, and [`Ceremony::finish`] checks its reply and writes the response.

mod authenticator_data;
mod client_data;
mod command;
mod extensions;
mod options;
mod origin;
mod reply;

pub use hybrid_protocol::ctap::{CtapStatus, GetInfo};
pub use options::OptionsError;
pub use origin::{Origin, OriginError, RpId};
pub use reply::ReplyError;

use client_data::ClientData;
use hybrid_protocol::Hint;
use hybrid_protocol::{Wiped, printable};
use options::{Creation, Request, Requirement};
use reply::Asked;
use serde_json::Value;
use std::fmt;

/// What is asked of the phone, and for whom.
pub struct Ceremony {
    origin: Origin,
    rp_id: RpId,
    client_data: ClientData,
    kind: Kind,
}

enum Kind {
    Register(Box<Creation>),
    SignIn(Box<Request>),
}

impl Ceremony {
    /// Reads a `PublicKeyCredentialCreationOptionsJSON` for a page of `origin`.
    ///
    /// # Errors
    /// [`OptionsError`] says what was expected and what came.
    pub fn register(origin: Origin, json: &str) -> Result<Self, OptionsError> {
        let options = Creation::parse(json)?;
        let rp_id = origin.rp_id(options.rp.id.as_deref()).map_err(OptionsError::RpId)?;
        let client_data = ClientData::new("webauthn.create", &options.challenge, &origin);
        Ok(Self {
            origin,
            rp_id,
            client_data,
            kind: Kind::Register(Box::new(options)),
        })
    }

    /// Reads a `PublicKeyCredentialRequestOptionsJSON` for a page of `origin`.
    ///
    /// # Errors
    /// As [`Self::register`].
    pub fn sign_in(origin: Origin, json: &str) -> Result<Self, OptionsError> {
        let options = Request::parse(json)?;
        let rp_id = origin.rp_id(options.rp_id.as_deref()).map_err(OptionsError::RpId)?;
        let client_data = ClientData::new("webauthn.get", &options.challenge, &origin);
        Ok(Self {
            origin,
            rp_id,
            client_data,
            kind: Kind::SignIn(Box::new(options)),
        })
    }

    /// How the QR code names the operation.
    pub const fn hint(&self) -> Hint {
        match self.kind {
            Kind::Register(_) => Hint::Register,
            Kind::SignIn(_) => Hint::SignIn,
        }
    }

    /// The relying party, for showing.
    pub const fn rp_id(&self) -> &RpId {
        &self.rp_id
    }

    const fn user_verification(&self) -> Requirement {
        match &self.kind {
            Kind::Register(options) => options.authenticator_selection.user_verification,
            Kind::SignIn(options) => options.user_verification,
        }
    }

    /// The CTAP2 command for a phone that greeted with this getInfo.
    ///
    /// # Errors
    /// [`CannotAsk`] when the phone cannot do what the relying party requires.
    pub fn command(&self, phone: &GetInfo) -> Result<Vec<u8>, CannotAsk> {
        match &self.kind {
            Kind::Register(options) => command::make_credential(options, &self.rp_id, &self.client_data, phone),
            Kind::SignIn(options) => command::get_assertion(options, &self.rp_id, &self.client_data, phone),
        }
    }

    /// Checks the reply of the phone that was asked and writes the JSON response for the relying party.
    ///
    /// # Errors
    /// [`ReplyError`]: the phone declined (a CTAP status), or its reply does not fit what was asked.
    pub fn finish(&self, phone: &GetInfo, reply: &Wiped) -> Result<Value, ReplyError> {
        let body = reply::body(reply)?;
        let asked = Asked {
            rp_id: &self.rp_id,
            client_data: &self.client_data,
            phone,
        };
        match &self.kind {
            Kind::Register(options) => reply::registration(options, &asked, body),
            Kind::SignIn(options) => reply::authentication(options, &asked, body),
        }
    }
}

/// A site may send any name; more of it is not shown.
const LONGEST_NAME: usize = 64;

/// What would be asked, in a line; the alternate form (`{:#}`) adds what the site requires, for `--dry-run`.
impl fmt::Display for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rp_id, origin, .. } = self;
        let resident = match &self.kind {
            Kind::Register(options) => {
                let name = options.user.name.as_deref().or(options.user.display_name.as_deref());
                let user: String = printable(name.unwrap_or("(no name)"))
                    .chars()
                    .take(LONGEST_NAME)
                    .collect();
                write!(f, "register a passkey at {rp_id} for the account \"{user}\"")?;
                Some(options.resident_key())
            }
            Kind::SignIn(options) => {
                let which = match options.allow_credentials.len() {
                    0 => "any of its passkeys".to_owned(),
                    1 => "the one passkey that it names".to_owned(),
                    n => format!("one of the {n} passkeys that it names"),
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

/// Why the command cannot be made for this phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CannotAsk {
    /// User verification is required and the phone says that it has none set up.
    NoUserVerification,
    /// A passkey that needs no user name is required and the phone says that it keeps none.
    NoResidentKey,
    /// The site insists on a protection level that the phone does not offer.
    NoCredProtect,
    /// The site insists on storing data with the passkey.
    NoLargeBlob,
}

impl fmt::Display for CannotAsk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoUserVerification => {
                "the site requires user verification, and the phone says that it cannot verify its user"
            }
            Self::NoResidentKey => "the site requires a discoverable passkey, and the phone says that it keeps none",
            Self::NoCredProtect => "the site insists on credential protection, which the phone does not offer",
            Self::NoLargeBlob => {
                "the site insists on storing data with the passkey (largeBlob), which the phone does not offer"
            }
        })
    }
}

impl std::error::Error for CannotAsk {}

#[cfg(test)]
mod tests;
