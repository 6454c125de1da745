//! A phone's misbehaviour, played through a whole session: what the site asks for, which relays
//! there are, and what is then said.

use crate::matrix::{NOTHING, Row};
use crate::relying_party::{ORIGIN, RelyingParty};
use crate::trio::{Person, Played, Trio};
use hybrid_webauthn::{Ceremony, GetInfo, Origin};
use phone_sim::authenticator::Consent;
use phone_sim::session::PhoneSettings;
use phone_sim::{Authenticator, Fault, Model, PasskeyStore};
use std::error::Error;

/// Two relays, because a phone may wait at one and name the other.
pub struct Stage {
    here: Trio,
    elsewhere: Trio,
}

impl Stage {
    /// Starts the relays.
    ///
    /// # Errors
    /// What the system says.
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            here: Trio::start().await?,
            elsewhere: Trio::start().await?,
        })
    }

    /// Plays one fault in a registration, or in a sign-in where a registration has nothing to spoil
    /// in its way.
    ///
    /// # Errors
    /// When the stage itself fails.
    pub async fn play(
        &self,
        fault: Fault,
        code: &mut dyn FnMut(&hybrid_protocol::QrText),
        entry: &mut dyn FnMut(&hybrid_diagnosis::timeline::TimelineEntry),
    ) -> Result<Played, Box<dyn Error>> {
        let site = RelyingParty::new()?;
        let registration =
            Ceremony::register(Origin::parse(ORIGIN)?, &site.begin_registration()?.options)?;
        let mut phone = Authenticator::new(PasskeyStore::in_memory(), Model::default());
        let ceremony = if fault.needs_a_sign_in() {
            register(&registration, &mut phone)?;
            Ceremony::sign_in(Origin::parse(ORIGIN)?, &site.begin_sign_in()?.options)?
        } else {
            registration
        };
        let mut settings = PhoneSettings::default();
        settings.script.faults = vec![fault];
        let relay = if fault.names_another_relay() {
            &self.elsewhere
        } else {
            &self.here
        };
        let person = Person {
            code,
            entry,
            says: Consent::Approved,
        };
        let network = relay.network();
        // The phone is put down when the desktop is done.
        let (played, _phone) = self
            .here
            .play(&ceremony, &network, phone, settings, person)
            .await?;
        Ok(played)
    }
}

/// A line of the matrix.
pub fn row(fault: Fault, played: &Played) -> Row {
    let explained = played.explained();
    let whole = played
        .entries
        .last()
        .map(|entry| entry.at)
        .unwrap_or_default();
    Row {
        fault: fault.to_string(),
        expected: fault.code().unwrap_or(NOTHING).to_owned(),
        got: explained
            .as_ref()
            .map_or(NOTHING, |(finding, _)| finding.code)
            .to_owned(),
        certainty: explained.as_ref().map(|(finding, _)| finding.certainty),
        seconds: explained.map_or(whole, |(_, since)| since),
    }
}

/// Puts a passkey of the site on the phone, without any session.
fn register(registration: &Ceremony, phone: &mut Authenticator) -> Result<(), Box<dyn Error>> {
    let info = GetInfo::read(&phone.get_info());
    let command = registration
        .command(&info)
        .map_err(|reason| format!("the phone cannot be asked: {reason}"))?;
    let mut drawn = Ok(());
    let mut random = |bytes: &mut [u8]| {
        if let Err(error) = getrandom::fill(bytes) {
            drawn = Err(error);
        }
    };
    let reply = phone.answer(&command, Consent::Approved, &mut random)?;
    drawn?;
    registration.finish(&info, &reply)?;
    Ok(())
}
