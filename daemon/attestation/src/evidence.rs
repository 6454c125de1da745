//! What an input says of a passkey and a site, as facts that a policy is asked about.

mod response;
mod site;

use crate::intake::{self, IntakeError};
use crate::material::{self, Material, ResponseParts, member};
use crate::metadata::Metadata;
use hybrid_policy::{Occasion, PasskeyFacts, Site};
use hybrid_webauthn::OptionsKind;
use serde_json::{Map, Value};
use std::fmt;

/// Facts of an input; what it does not say is `None`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Evidence {
    /// The point at which such an input exists.
    pub occasion: Option<Occasion>,
    /// The site.
    pub site: Option<Site>,
    /// The passkey.
    pub passkey: PasskeyFacts,
}

impl Evidence {
    /// Reads responses, options, a directory's record or a model's id, in every form that
    /// [`Inspection::of`](crate::Inspection::of) takes.
    ///
    /// # Errors
    /// [`NoEvidence`] when the input cannot be read, or is of more than one passkey.
    pub fn of(input: &[u8], metadata: Option<&Metadata>) -> Result<Self, NoEvidence> {
        let mut evidence = Self::default();
        let mut registrations = 0;
        let mut sign_ins = 0;
        let mut others = 0;
        for material in intake::find(input).map_err(NoEvidence::Intake)? {
            match material {
                Material::Registration(parts) => {
                    registrations += 1;
                    evidence.register(&parts, metadata)?;
                }
                Material::SignIn(parts) => {
                    sign_ins += 1;
                    evidence.sign_in(&parts)?;
                }
                Material::Options(kind, members) => {
                    others += 1;
                    evidence.ask(kind, &members);
                }
                Material::Record(members) => {
                    others += 1;
                    evidence.look_up(&members);
                }
                Material::Model(aaguid) => {
                    others += 1;
                    evidence.passkey.aaguid = Some(aaguid);
                }
                Material::ClientData(_) => {}
            }
        }
        if registrations > 1 || sign_ins > 1 || others > 1 {
            return Err(NoEvidence::Several);
        }
        if registrations + sign_ins + others == 0 {
            return Err(NoEvidence::Nothing);
        }
        Ok(evidence)
    }

    fn register(
        &mut self,
        parts: &ResponseParts,
        metadata: Option<&Metadata>,
    ) -> Result<(), NoEvidence> {
        let made = response::registration(parts, metadata)?;
        // A sign-in of the same passkey may stand before or after it.
        self.passkey.synced_at_registration = made.passkey.synced;
        if self.occasion != Some(Occasion::SignIn) {
            self.occasion = Some(Occasion::Registration);
            self.passkey = PasskeyFacts {
                synced_at_registration: None,
                ..made.passkey
            };
            self.site = self.site.take().or(made.site);
        } else {
            self.passkey.aaguid = self.passkey.aaguid.or(made.passkey.aaguid);
            self.passkey.transports = made.passkey.transports;
        }
        Ok(())
    }

    fn sign_in(&mut self, parts: &ResponseParts) -> Result<(), NoEvidence> {
        let used = response::sign_in(parts)?;
        let before = self.passkey.clone();
        let registered = self.occasion == Some(Occasion::Registration);
        self.occasion = Some(Occasion::SignIn);
        self.site = used.site.or(self.site.take());
        self.passkey = used.passkey;
        self.passkey.aaguid = self.passkey.aaguid.or(before.aaguid);
        self.passkey.synced_at_registration = before.synced.filter(|_| registered);
        self.passkey.transports = before.transports;
        Ok(())
    }

    fn ask(&mut self, kind: OptionsKind, members: &Map<String, Value>) {
        self.occasion = Some(match kind {
            OptionsKind::Registration => Occasion::BeforeRegistration,
            OptionsKind::SignIn => Occasion::SignIn,
        });
        self.site = Some(site::of_options(kind, members));
    }

    /// A directory has the passkeys that are registered.
    fn look_up(&mut self, members: &Map<String, Value>) {
        self.occasion = Some(Occasion::SignIn);
        self.passkey.aaguid = material::model(members).and_then(|(_, aaguid)| aaguid);
        let kind = member(members, "passkeyType").and_then(Value::as_str);
        self.passkey.synced = match kind {
            Some("synced") => Some(true),
            Some("deviceBound") => Some(false),
            Some(_) | None => None,
        };
    }
}

/// Why an input says nothing that a policy can be asked about.
#[derive(Debug)]
pub enum NoEvidence {
    /// It cannot be read.
    Intake(IntakeError),
    /// A response whose bytes cannot be read; what was expected there.
    Broken(String),
    /// More than one passkey or site.
    Several,
    /// Neither a response nor options.
    Nothing,
}

impl fmt::Display for NoEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Intake(error) => error.fmt(f),
            Self::Broken(why) => f.write_str(why),
            Self::Several => f.write_str(
                "expected one passkey or the options of one site, got several; a policy is asked about one at a time",
            ),
            Self::Nothing => f.write_str(
                "expected a response, options, a record or a model's id (AAGUID), got only client data",
            ),
        }
    }
}

impl std::error::Error for NoEvidence {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Intake(error) => Some(error),
            Self::Broken(_) | Self::Several | Self::Nothing => None,
        }
    }
}
