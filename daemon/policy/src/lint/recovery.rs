//! Whether a user who loses the device of the only passkey still gets in.

use crate::bootstrap::gets_pass;
use crate::capability::is_for;
use crate::catalogue::SINGLE_PASSKEY;
use crate::confidence::Confidence;
use crate::enforcement::requiring_passkeys;
use crate::export_kind::ExportKind;
use crate::exports::Exports;
use crate::inquiry::Inquiry;
use crate::model::{RegisteredMethod, RegisteredPasskey, UserMethods};
use crate::ruling::Ruling;
use crate::truth::{Held, Lack};
use hybrid_protocol::ctap::aaguid::{MICROSOFT_AUTHENTICATOR_ANDROID, MICROSOFT_AUTHENTICATOR_IOS};

/// Another second factor that the user has registered.
struct Other {
    name: &'static str,
    /// Whether the policy allows it to the user.
    allowed: Held,
    /// It is enough wherever a passkey is.
    resistant: bool,
}

pub(super) fn lint(
    exports: &Exports,
    user: &UserMethods,
    who: &str,
    inquiry: &Inquiry,
) -> Option<Ruling> {
    let [passkey] = user.passkeys.as_slice() else {
        return None;
    };
    let bound = passkey.synced.held(|synced| !synced);
    let held = bound.and(gets_pass(exports, &inquiry.holder).negated());
    if !held.yes() {
        return None;
    }
    let others: Vec<Other> = { user.others.iter() }
        .filter_map(|method| other(exports, method, passkey, inquiry))
        .collect();
    let allowed: Vec<&Other> = { others.iter() }
        .filter(|other| other.allowed.yes())
        .collect();
    let open: Vec<&Other> = { others.iter() }
        .filter(|other| other.allowed.open())
        .collect();
    let requiring = requiring_passkeys(exports, inquiry);
    let nothing = requiring.as_ref().is_some_and(Vec::is_empty);
    if allowed.iter().any(|other| other.resistant) || (!allowed.is_empty() && nothing) {
        return None;
    }
    let password = user.others.iter().any(|method| method.kind == "password");
    let seen = format!("{who} has one passkey, bound to its device, and gets no passes");
    let (confidence, saw) = match (allowed.is_empty(), &requiring) {
        _ if !open.is_empty() => {
            let saw = format!("whether the policy allows {} is not known", names(&open));
            (Confidence::Possible, saw)
        }
        (true, _) if password => (Confidence::Likely, "a password alone is left".to_owned()),
        (true, _) => (
            Confidence::Certain,
            "no other second factor is left".to_owned(),
        ),
        (false, None) => {
            let saw = format!(
                "whether {} is enough everywhere is not known",
                names(&allowed)
            );
            (Confidence::Possible, saw)
        }
        (false, Some(policies)) => {
            let sure = policies.iter().any(|(_, applies)| applies.yes());
            let policies: Vec<String> = { policies.iter() }
                .map(|(policy, _)| format!("\"{}\"", policy.name))
                .collect();
            let saw = format!(
                "{} is left, which does not satisfy {}",
                names(&allowed),
                policies.join(", ")
            );
            let confidence = if sure {
                Confidence::Likely
            } else {
                Confidence::Possible
            };
            (confidence, saw)
        }
    };
    let ruling = Ruling::notes(&SINGLE_PASSKEY, &format!("{seen}; {saw}"));
    let ruling = open.iter().fold(ruling.because(&held), |ruling, other| {
        ruling.because(&other.allowed)
    });
    let ruling = match (allowed.is_empty(), &requiring) {
        (true, _) => ruling,
        (false, None) => ruling.lacking(Lack::Export(ExportKind::Access)),
        (false, Some(policies)) => { policies.iter() }
            .filter(|(_, applies)| applies.open())
            .fold(ruling, |ruling, (_, applies)| ruling.because(applies)),
    };
    let ruling = ruling.at_most(confidence);
    // A list of passkeys alone does not say that there is nothing else.
    Some(match user.is_complete() {
        true => ruling,
        false => ruling
            .at_most(Confidence::Possible)
            .lacking(Lack::Export(ExportKind::UserMethods)),
    })
}

fn names(others: &[&Other]) -> String {
    let names: Vec<&str> = others.iter().map(|other| other.name).collect();
    names.join(" and ")
}

/// What a registered method is worth, when it is a second factor that is not lost with the passkey.
fn other(
    exports: &Exports,
    method: &RegisteredMethod,
    passkey: &RegisteredPasskey,
    inquiry: &Inquiry,
) -> Option<Other> {
    let in_authenticator = [MICROSOFT_AUTHENTICATOR_IOS, MICROSOFT_AUTHENTICATOR_ANDROID];
    let of_app = passkey
        .aaguid
        .value
        .is_some_and(|aaguid| in_authenticator.contains(&aaguid));
    let (name, ids, resistant): (_, &[&str], _) = match method.kind.as_str() {
        "windowsHelloForBusiness" => ("Windows Hello for Business", &[], true),
        "platformCredential" => ("a platform credential", &[], true),
        "x509Certificate" => ("a certificate", &["X509Certificate"], true),
        "phone" => ("a phone", &["Sms", "Voice"], false),
        "microsoftAuthenticator" | "passwordlessMicrosoftAuthenticator" if of_app => return None,
        "microsoftAuthenticator" | "passwordlessMicrosoftAuthenticator" => (
            "Microsoft Authenticator",
            &["MicrosoftAuthenticator"],
            false,
        ),
        "softwareOath" => ("a code app", &["SoftwareOath"], false),
        "hardwareOath" => ("a code token", &["HardwareOath"], false),
        _ => return None,
    };
    let each = ids.iter().map(|id| {
        let mut configured = exports.others.iter();
        match configured.find(|other| other.id.eq_ignore_ascii_case(id)) {
            Some(other) => is_for(
                &inquiry.holder,
                &other.enabled,
                &other.include,
                &other.exclude,
            ),
            None => Held::unknown(Lack::Export(ExportKind::Methods)),
        }
    });
    let allowed = match ids.is_empty() {
        true => Held::decided(true, &method.place),
        false => Held::any(each),
    };
    Some(Other {
        name,
        allowed,
        resistant,
    })
}
