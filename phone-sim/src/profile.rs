//! The phones and passkey providers that can be imitated: what is known of each, as data, and how
//! well it is known.

use crate::authenticator::Model;
use crate::script::OnNo;
use hybrid_protocol::DomainId;
use hybrid_protocol::ctap::{Aaguid, aaguid};
use hybrid_protocol::{UUID_FIDO, UUID_GOOGLE};
use std::fmt;

/// A phone with a passkey provider.
pub struct Profile {
    /// As it is typed.
    pub name: &'static str,
    /// As its maker calls it.
    pub title: &'static str,
    /// What it says of itself and of its passkeys.
    pub model: Model,
    /// Under which UUID it advertises.
    pub uuid: u16,
    /// Which relay it uses.
    pub domain: DomainId,
    /// How it takes a no of its user.
    pub on_no: OnNo,
    /// What of this is published by its maker, or was seen in captures of it.
    pub documented: &'static str,
    /// What of this is a guess from others like it.
    pub assumed: &'static str,
    /// What is known of it and not imitated.
    pub missing: &'static str,
}

const GOOGLE: DomainId = DomainId(0);
const APPLE: DomainId = DomainId(1);

/// An iPhone with Apple's own provider; others on iOS differ in what is theirs.
const IOS: Model = Model {
    aaguid: aaguid::APPLE_PASSWORDS,
    info_aaguid: aaguid::IPHONE,
    backup_eligible: true,
    backed_up: true,
    prf: true,
    self_attested: false,
    options: &["jsonMessages", "rk", "uv"],
    versions: &["FIDO_2_0", "FIDO_2_1"],
    transports: &["internal", "hybrid"],
};

/// An Android phone with Google's provider; others on Android differ in what is theirs.
const ANDROID: Model = Model {
    aaguid: aaguid::GOOGLE_PASSWORD_MANAGER,
    info_aaguid: Aaguid::NONE,
    backup_eligible: true,
    backed_up: true,
    prf: true,
    self_attested: false,
    options: &["rk", "uv"],
    versions: &["FIDO_2_0", "FIDO_2_1"],
    transports: &["cable", "hybrid", "internal"],
};

/// All of them. AAGUIDs are those of the makers' documents and of the public list of passkey
/// providers.
pub static PROFILES: &[Profile] = &[
    Profile {
        name: "ios",
        title: "iPhone with Apple Passwords (iCloud Keychain)",
        model: IOS,
        uuid: UUID_GOOGLE,
        domain: APPLE,
        on_no: OnNo::Closes,
        documented: "AAGUID in passkeys and in getInfo, synced, prf, options, transports, UUID (iOS 16), relay, closes the tunnel on cancel",
        assumed: "UUID of later versions",
        missing: "largeBlob, the feature dc (digital credentials)",
    },
    Profile {
        name: "android",
        title: "Android phone with Google Password Manager",
        model: ANDROID,
        uuid: UUID_FIDO,
        domain: GOOGLE,
        on_no: OnNo::Replies,
        documented: "AAGUID in passkeys and none in getInfo, synced, prf, transports, UUID, relay",
        assumed: "versions, options, replies with a status on cancel",
        missing: "an update of 496 bytes after the greeting, linking",
    },
    Profile {
        name: "authenticator-ios",
        title: "iPhone with Microsoft Authenticator",
        model: Model {
            aaguid: aaguid::MICROSOFT_AUTHENTICATOR_IOS,
            backup_eligible: false,
            backed_up: false,
            prf: false,
            ..IOS
        },
        uuid: UUID_GOOGLE,
        domain: APPLE,
        on_no: OnNo::Closes,
        documented: "AAGUID in passkeys, device-bound, relay",
        assumed: "no prf; getInfo, UUID and cancel as on iPhones with Apple's provider",
        missing: "attestation, which is not given over this transport",
    },
    Profile {
        name: "authenticator-android",
        title: "Android phone with Microsoft Authenticator",
        model: Model {
            aaguid: aaguid::MICROSOFT_AUTHENTICATOR_ANDROID,
            backup_eligible: false,
            backed_up: false,
            prf: false,
            ..ANDROID
        },
        uuid: UUID_FIDO,
        domain: GOOGLE,
        on_no: OnNo::Replies,
        documented: "AAGUID in passkeys, device-bound, relay",
        assumed: "no prf; getInfo, UUID and cancel as on Android phones with Google's provider",
        missing: "attestation, which is not given over this transport",
    },
    Profile {
        name: "1password",
        title: "Android phone with 1Password",
        model: Model {
            aaguid: aaguid::ONE_PASSWORD,
            ..ANDROID
        },
        uuid: UUID_FIDO,
        domain: GOOGLE,
        on_no: OnNo::Replies,
        documented: "AAGUID in passkeys, the wire of Google's provider",
        assumed: "synced, prf; the rest as with Google's provider",
        missing: "nothing known",
    },
    Profile {
        name: "bitwarden",
        title: "Android phone with Bitwarden",
        model: Model {
            aaguid: aaguid::BITWARDEN,
            prf: false,
            ..ANDROID
        },
        uuid: UUID_FIDO,
        domain: GOOGLE,
        on_no: OnNo::Replies,
        documented: "AAGUID in passkeys, the wire of Google's provider",
        assumed: "synced, no prf; the rest as with Google's provider",
        missing: "nothing known",
    },
    Profile {
        name: "microg",
        title: "Android phone with microG",
        model: Model {
            aaguid: Aaguid::NONE,
            backup_eligible: false,
            backed_up: false,
            prf: false,
            ..ANDROID
        },
        uuid: UUID_FIDO,
        domain: GOOGLE,
        on_no: OnNo::Replies,
        documented: "no AAGUID (zeros), UUID, relay",
        assumed: "device-bound, no prf, getInfo, replies with a status on cancel",
        missing: "stops advertising after 10 s, refuses padding over 32 bytes",
    },
];

impl Profile {
    /// Looks a name up.
    ///
    /// # Errors
    /// A sentence that says which there are.
    pub fn find(name: &str) -> Result<&'static Self, UnknownProfile> {
        PROFILES
            .iter()
            .find(|profile| profile.name == name)
            .ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

/// Everything about it, for people.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Model {
            aaguid,
            info_aaguid,
            backup_eligible,
            backed_up,
            prf,
            self_attested,
            options,
            versions,
            transports,
        } = &self.model;
        let kept = match (backup_eligible, backed_up) {
            (true, true) => "synced (BE 1, BS 1)",
            (true, false) => "to be synced (BE 1, BS 0)",
            (false, _) => "device-bound (BE 0, BS 0)",
        };
        let relay = self.domain.host();
        let relay = relay.as_ref().map_or("none", |host| host.as_str());
        let on_no = match self.on_no {
            OnNo::Replies => "replies with a status",
            OnNo::Closes => "closes the tunnel",
        };
        writeln!(f, "{}: {}", self.name, self.title)?;
        writeln!(f, "  passkeys     AAGUID {}, {kept}, ES256", aaguid)?;
        writeln!(
            f,
            "  getInfo      AAGUID {}, {}",
            info_aaguid,
            versions.join(" ")
        )?;
        writeln!(f, "  options      {}", options.join(" "))?;
        writeln!(f, "  extensions   {}", if *prf { "prf" } else { "none" })?;
        let attests = if *self_attested {
            "packed, self-signed"
        } else {
            "none"
        };
        writeln!(f, "  attestation  {attests}")?;
        writeln!(f, "  transports   {}", transports.join(" "))?;
        writeln!(
            f,
            "  advert       UUID {:04x}, 20 bytes, relay {relay}",
            self.uuid
        )?;
        writeln!(f, "  on cancel    {on_no}")?;
        writeln!(f, "  documented   {}", self.documented)?;
        writeln!(f, "  assumed      {}", self.assumed)?;
        write!(f, "  not imitated {}", self.missing)
    }
}

/// A name that is none of a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownProfile(String);

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
        write!(
            f,
            "expected one of {}, got {}",
            names.join(", "),
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for UnknownProfile {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_profile_is_found_by_its_name_and_prints_what_it_claims() {
        let names: BTreeSet<_> = PROFILES.iter().map(|profile| profile.name).collect();
        assert_eq!(names.len(), PROFILES.len());
        for profile in PROFILES {
            assert_eq!(Profile::find(profile.name).unwrap().title, profile.title);
            let text = profile.to_string();
            assert!(
                text.contains("documented") && text.contains("assumed"),
                "{text}"
            );
        }
        assert!(Profile::find("nokia").is_err());
        assert!(
            PROFILES[0]
                .to_string()
                .contains("AAGUID fbfc3007-154e-4ecc-8c0b-6e020557d7bd, synced")
        );
    }

    #[test]
    fn what_is_not_eligible_for_backup_is_not_backed_up() {
        for profile in PROFILES {
            assert!(
                profile.model.backup_eligible || !profile.model.backed_up,
                "{}",
                profile.name
            );
        }
    }

    #[test]
    fn no_two_providers_share_an_aaguid() {
        let aaguids: BTreeSet<_> = PROFILES
            .iter()
            .map(|profile| profile.model.aaguid)
            .collect();
        assert_eq!(aaguids.len(), PROFILES.len());
    }
}
