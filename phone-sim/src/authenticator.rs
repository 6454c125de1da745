//! A CTAP2 authenticator in software: ES256, discoverable and named passkeys, user verification,
//! excludeList, prf.

mod get_assertion;
mod make_credential;
mod model;
mod parameters;
mod prf;
mod prompt;
mod refused;

pub use model::Model;
pub use prompt::{Consent, Prompt};

use crate::store::{PasskeyStore, StoreError};
use hybrid_protocol::Wiped;
use hybrid_protocol::ctap::parameter::{get_assertion as assert, make_credential as make};
use hybrid_protocol::ctap::{CtapCommand, CtapStatus};
use parameters::Parameters;
use refused::Refused;

/// The authenticator of one simulated phone.
pub struct Authenticator {
    store: PasskeyStore,
    model: Model,
}

impl Authenticator {
    /// Serves the passkeys of `store` as a phone of this model.
    pub const fn new(store: PasskeyStore, model: Model) -> Self {
        Self { store, model }
    }

    /// What the user has to be asked before [`Self::answer`]; `None` when the command needs nobody.
    pub fn prompt(command: &[u8]) -> Option<Prompt> {
        let (byte, body) = command.split_first()?;
        let command = CtapCommand::from_byte(*byte)?;
        let rp_key = match command {
            CtapCommand::MakeCredential => make::RP,
            CtapCommand::GetAssertion => assert::RP_ID,
            CtapCommand::GetInfo => return None,
        };
        let rp_id = Parameters::read(body)
            .ok()
            .and_then(|parameters| parameters.rp_id(rp_key));
        Some(Prompt {
            command: command.name(),
            rp_id,
        })
    }

    /// The reply to authenticatorGetInfo, without status byte: what the greeting carries.
    pub fn get_info(&self) -> Vec<u8> {
        self.model.get_info().write()
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
            return Ok(refusal(CtapStatus::INVALID_LENGTH));
        };
        let answered = match CtapCommand::from_byte(*byte) {
            Some(CtapCommand::MakeCredential) => {
                make_credential::answer(&mut self.store, &self.model, body, consent, random)
            }
            Some(CtapCommand::GetAssertion) => {
                get_assertion::answer(&self.store, &self.model, body, consent)
            }
            Some(CtapCommand::GetInfo) => Ok(self.get_info()),
            None => Err(Refused::Ctap(CtapStatus::INVALID_COMMAND)),
        };
        match answered {
            Ok(body) => Ok(Wiped::new([&[0], body.as_slice()].concat())),
            Err(Refused::Ctap(status)) => Ok(refusal(status)),
            Err(Refused::Store(error)) => Err(error),
        }
    }
}

/// A reply of a status alone.
fn refusal(status: CtapStatus) -> Wiped {
    Wiped::new(vec![status.0])
}

#[cfg(test)]
mod tests;
