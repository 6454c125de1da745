//! What an input says of a passkey and a site, as facts that a policy is asked about.

mod error;
mod response;
mod site;

pub use error::NoEvidence;

use crate::intake;
use crate::material::{self, Material, ResponseParts, member};
use crate::metadata::Metadata;
use hybrid_policy::{Occasion, PasskeyFacts, Site};
use hybrid_webauthn::OptionsKind;
use serde_json::{Map, Value};

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
        for material in intake::find(input).map_err(NoEvidence::Intake)?.materials {
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
        let (site, made) = response::registration(parts, metadata)?;
        // A sign-in of the same passkey may stand before or after it.
        self.passkey.synced_at_registration = made.synced;
        if self.occasion != Some(Occasion::SignIn) {
            self.occasion = Some(Occasion::Registration);
            self.passkey = PasskeyFacts {
                synced_at_registration: None,
                ..made
            };
            self.site = self.site.take().or(Some(site));
        } else {
            self.passkey.aaguid = self.passkey.aaguid.or(made.aaguid);
            self.passkey.transports = made.transports;
        }
        Ok(())
    }

    fn sign_in(&mut self, parts: &ResponseParts) -> Result<(), NoEvidence> {
        let (site, used) = response::sign_in(parts)?;
        let before = self.passkey.clone();
        let registered = self.occasion == Some(Occasion::Registration);
        self.occasion = Some(Occasion::SignIn);
        self.site = Some(site);
        self.passkey = used;
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
        if kind == OptionsKind::Registration {
            let user = member(members, "user").and_then(Value::as_object);
            let name = user.and_then(|user| member(user, "name"));
            self.passkey.user_name = name.and_then(Value::as_str).map(str::to_owned);
        }
    }

    /// A directory has the passkeys that are registered.
    fn look_up(&mut self, members: &Map<String, Value>) {
        self.occasion = Some(Occasion::SignIn);
        self.passkey.aaguid = material::model(members).flatten();
        let kind = member(members, "passkeyType").and_then(Value::as_str);
        self.passkey.synced = match kind {
            Some("synced") => Some(true),
            Some("deviceBound") => Some(false),
            Some(_) | None => None,
        };
        let level = member(members, "attestationLevel").and_then(Value::as_str);
        self.passkey.attested_at_registration = match level {
            Some("attested") => Some(true),
            Some("notAttested") => Some(false),
            Some(_) | None => None,
        };
    }
}
