//! What is asked: this passkey, of this person, on this way, at this moment.

use crate::guid::Guid;
use crate::holder::{DeviceFacts, Holder};
use crate::moment::Moment;
use crate::passkey::PasskeyFacts;

/// A question to the policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inquiry {
    /// At which point.
    pub occasion: Occasion,
    /// How the passkey comes to the computer.
    pub way: Way,
    /// The program that stands between site and authenticator.
    pub client: Client,
    /// The site, and what it asks for.
    pub site: Site,
    /// The passkey.
    pub passkey: PasskeyFacts,
    /// The person.
    pub holder: Holder,
    /// The phone.
    pub device: DeviceFacts,
    /// The app to sign in to; without one, all apps that policies name are meant.
    pub app: Option<Guid>,
    /// The time of the question.
    pub now: Moment,
}

/// At which point a policy is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Occasion {
    /// Before a registration begins: no passkey was made yet.
    BeforeRegistration,
    /// The passkey was made and goes to the site.
    Registration,
    /// A passkey that is registered signs in.
    SignIn,
}

/// How a passkey comes to the computer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Way {
    /// By the QR code of a browser or of hybridd.
    Qr,
    /// By the virtual USB key, with a phone behind it.
    VirtualKey,
    /// It is on the device itself, or on a security key that is plugged in.
    SameDevice,
}

/// What a program does with the AAGUID of a USB key when the site asks for no attestation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Client {
    /// It is not known which.
    Unknown,
    /// Chromium and its kin: erased (measured with 156).
    Chromium,
    /// Firefox from 153 on: passed on (measured).
    Firefox,
    /// Firefox before 153: erased.
    OldFirefox,
}

/// A relying party, and what its creation options say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    /// The relying-party id.
    pub rp_id: String,
    /// `attestation`; it is no evidence of what the tenant enforces.
    pub attestation: Option<Conveyance>,
    /// COSE numbers of `pubKeyCredParams`.
    pub algorithms: Option<Vec<i64>>,
    /// `authenticatorAttachment` is `platform`.
    pub wants_platform: bool,
}

/// `AttestationConveyancePreference`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Conveyance {
    /// `none`
    None,
    /// `indirect`, `direct` or `enterprise`.
    Wanted,
}

/// The relying-party id of Microsoft Entra's pages, as live registrations have it.
pub const ENTRA_SITE: &str = "login.microsoft.com";

/// Hosts of Microsoft Entra, in its clouds.
pub const ENTRA_HOSTS: [&str; 5] = [
    ENTRA_SITE,
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
];

impl Inquiry {
    /// A question of which nothing is known but the point, the way and the time.
    pub fn new(occasion: Occasion, way: Way, now: Moment) -> Self {
        Self {
            occasion,
            way,
            client: Client::Unknown,
            site: Site::entra(),
            passkey: PasskeyFacts::default(),
            holder: Holder::default(),
            device: DeviceFacts::default(),
            app: None,
            now,
        }
    }

    pub(crate) fn is_sign_in(&self) -> bool {
        self.occasion == Occasion::SignIn
    }
}

impl Site {
    /// Microsoft Entra, of whose options nothing is known.
    pub fn entra() -> Self {
        Self {
            rp_id: ENTRA_SITE.to_owned(),
            attestation: None,
            algorithms: None,
            wants_platform: false,
        }
    }

    /// Whether this is Microsoft Entra, of which alone the exports speak.
    pub fn is_entra(&self) -> bool {
        ENTRA_HOSTS
            .iter()
            .any(|host| host.eq_ignore_ascii_case(&self.rp_id))
    }
}
