//! What authenticator, client and phone did or cannot do, whatever the policy says.

use crate::catalogue::{
    ALGORITHM, ALREADY_REGISTERED, ATTACHMENT, ELIGIBILITY_CHANGED, NAME_CHANGED, NOT_DISCOVERABLE,
    NOT_VERIFIED, VERSION_TOO_OLD,
};
use crate::confidence::Confidence;
use crate::exports::Exports;
use crate::holder::PhoneSystem;
use crate::inquiry::{Inquiry, Occasion, Way};
use crate::model::PasskeyKinds;
use crate::passkey::Transport;
use crate::ruling::{Effect, Ruling};
use hybrid_protocol::ctap::aaguid::{MICROSOFT_AUTHENTICATOR_ANDROID, MICROSOFT_AUTHENTICATOR_IOS};

/// COSE's number of ES256.
const ES256: i64 = -7;
/// Microsoft Authenticator asks for these systems.
const IOS: u16 = 17;
const ANDROID: u16 = 14;
/// The first apps that know profiles with both types.
const IOS_APP: (u32, u32, u32) = (6, 8, 37);
const ANDROID_APP: (u32, u32, u32) = (6, 2507, 4749);

/// Everything that speaks for or against the passkey itself.
pub(crate) fn judge(exports: &Exports, inquiry: &Inquiry) -> Vec<Ruling> {
    let (passkey, site) = (&inquiry.passkey, &inquiry.site);
    let mut rulings = Vec::new();
    let before = inquiry.occasion == Occasion::BeforeRegistration;
    if passkey.user_verified == Some(false) {
        rulings.push(Ruling::refuses(&NOT_VERIFIED, "the flag UV is not set"));
    }
    rulings.extend(already(exports, inquiry));
    if passkey.discoverable == Some(false) && !inquiry.is_sign_in() {
        rulings.push(Ruling::refuses(
            &NOT_DISCOVERABLE,
            "no resident key was created",
        ));
    }
    let algorithms = site.algorithms.as_ref().filter(|_| !inquiry.is_sign_in());
    if algorithms.is_some_and(|algorithms| !algorithms.contains(&ES256)) {
        let saw = "pubKeyCredParams does not contain -7";
        rulings.push(Ruling::refuses(&ALGORITHM, saw));
    }
    rulings.extend(attachment(inquiry));
    if let (Some(then), Some(now)) = (passkey.synced_at_registration, passkey.synced)
        && then != now
        && inquiry.is_sign_in()
    {
        let saw = format!(
            "flag BE was {} at registration and is {} now",
            u8::from(then),
            u8::from(now)
        );
        rulings.push(Ruling::notes(&ELIGIBILITY_CHANGED, &saw));
    }
    if let (Some(stored), Some(today)) = (&passkey.user_name, &inquiry.holder.user_name)
        && !stored.eq_ignore_ascii_case(today)
    {
        let saw = "the passkey's user name is not the user's principal name";
        rulings.push(Ruling::notes(&NAME_CHANGED, saw));
    }
    if before || inquiry.occasion == Occasion::Registration {
        rulings.extend(version(exports, inquiry));
    }
    rulings
}

/// What the phone answered, or what the directory lists: another phone with the same app may still
/// make one.
fn already(exports: &Exports, inquiry: &Inquiry) -> Option<Ruling> {
    if inquiry.is_sign_in() {
        return None;
    }
    if inquiry.passkey.already_registered {
        let saw = "the authenticator holds a passkey of this account";
        return Some(Ruling::refuses(&ALREADY_REGISTERED, saw));
    }
    let aaguid = inquiry.passkey.aaguid.filter(|aaguid| {
        [MICROSOFT_AUTHENTICATOR_IOS, MICROSOFT_AUTHENTICATOR_ANDROID].contains(aaguid)
    })?;
    let mut passkeys = exports.user().into_iter().flat_map(|user| &user.passkeys);
    let registered = passkeys.find(|registered| registered.aaguid.value == Some(aaguid))?;
    let saw = "the user has a passkey in this app, which keeps one for each account";
    let ruling = Ruling::new(
        &ALREADY_REGISTERED,
        Effect::Notes,
        Confidence::Possible,
        saw,
    );
    Some(ruling.on(&registered.aaguid.place))
}

fn attachment(inquiry: &Inquiry) -> Option<Ruling> {
    let across = match inquiry.way {
        Way::Qr | Way::VirtualKey => true,
        Way::SameDevice => false,
    };
    if across && inquiry.site.wants_platform {
        let saw = "authenticatorAttachment is platform, but the passkey is on a phone";
        return Some(Ruling::refuses(&ATTACHMENT, saw));
    }
    let transports = &inquiry.passkey.transports;
    let hybrid = transports.is_empty() || transports.contains(&Transport::Hybrid);
    (across && inquiry.is_sign_in() && !hybrid).then(|| {
        let saw = "the passkey's transports do not contain hybrid";
        Ruling::new(&ATTACHMENT, Effect::Notes, Confidence::Possible, saw)
    })
}

fn version(exports: &Exports, inquiry: &Inquiry) -> Option<Ruling> {
    let device = &inquiry.device;
    let aaguid = inquiry.passkey.aaguid;
    let of_authenticator = device.authenticator.is_some()
        || aaguid == Some(MICROSOFT_AUTHENTICATOR_IOS)
        || aaguid == Some(MICROSOFT_AUTHENTICATOR_ANDROID);
    let system = device.system.filter(|_| of_authenticator)?;
    let (name, oldest, oldest_app) = match system {
        PhoneSystem::Ios => ("iOS", IOS, IOS_APP),
        PhoneSystem::Android => ("Android", ANDROID, ANDROID_APP),
    };
    if device.version.is_some_and(|version| version < oldest) {
        let saw = format!("{name} is older than {oldest}");
        let change = format!("Update the phone to {name} {oldest} or later.");
        return Some(Ruling::refuses(&VERSION_TOO_OLD, &saw).turned_by(&change));
    }
    let app = device.authenticator.filter(|app| *app < oldest_app)?;
    let profiles = exports.fido2()?.profiles.value.as_ref()?;
    let both = |kinds: PasskeyKinds| kinds.device_bound && kinds.synced;
    let mixed = profiles
        .iter()
        .find(|profile| profile.kinds.value.is_some_and(both))?;
    let (major, minor, patch) = oldest_app;
    let saw = format!(
        "the app is {}.{}.{}, and \"{}\" has both types",
        app.0, app.1, app.2, mixed.name
    );
    let change = format!("Update the app to {major}.{minor}.{patch} or later.");
    let ruling = Ruling::new(&VERSION_TOO_OLD, Effect::Notes, Confidence::Likely, &saw);
    Some(ruling.on(&mixed.kinds.place).turned_by(&change))
}
