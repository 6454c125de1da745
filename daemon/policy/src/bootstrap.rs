//! Whether the person can get to the point of registering.

use crate::capability::is_for;
use crate::catalogue::{MFA_NOT_FRESH, NO_WAY_TO_BEGIN, ONE_TIME_WINDOW, PASS_NOT_VALID};
use crate::confidence::Confidence;
use crate::export_kind::ExportKind;
use crate::exports::Exports;
use crate::fact;
use crate::holder::Holder;
use crate::inquiry::Inquiry;
use crate::limits::{MFA_MINUTES, ONE_TIME_PASS_MINUTES};
use crate::model::UserPass;
use crate::moment::Moment;
use crate::ruling::{Effect, Ruling};
use crate::truth::{Held, Lack, Truth};

/// The rulings about beginning; there are none at sign-in.
pub(crate) fn judge(exports: &Exports, inquiry: &Inquiry) -> Vec<Ruling> {
    if inquiry.is_sign_in() {
        return Vec::new();
    }
    let mut rulings = vec![];
    rulings.extend(validity(exports, inquiry));
    rulings.extend(way_to_begin(exports, inquiry));
    let blocked = !rulings.is_empty();
    rulings.extend(window(exports, inquiry));
    // Whoever cannot begin, or has just used a pass, need not hear of a time that is not known.
    let known = inquiry.holder.last_mfa.is_some();
    if known || !(blocked || inquiry.holder.one_time_pass_used.is_some()) {
        rulings.extend(freshness(inquiry));
    }
    rulings
}

fn freshness(inquiry: &Inquiry) -> Option<Ruling> {
    let saw = match inquiry.holder.last_mfa {
        Some(last) if last.plus_minutes(MFA_MINUTES) >= inquiry.now => return None,
        Some(_) => "multi-factor authentication was done more than five minutes ago",
        None => "the time of multi-factor authentication is not known",
    };
    let mut ruling = Ruling::notes(&MFA_NOT_FRESH, saw);
    if inquiry.holder.last_mfa.is_none() {
        ruling = ruling.lacking(Lack::Fact(fact::LAST_MFA));
    }
    Some(ruling)
}

/// The clock of a one-time pass runs from signing in with it.
fn window(exports: &Exports, inquiry: &Inquiry) -> Option<Ruling> {
    if let Some(used) = inquiry.holder.one_time_pass_used {
        let end = used.plus_minutes(ONE_TIME_PASS_MINUTES);
        if end < inquiry.now {
            let saw = format!("the one-time pass was used at {used}, its window ended at {end}");
            // Another method still leads there.
            return Some(match inquiry.holder.mfa_capable {
                Some(true) => Ruling::notes(&ONE_TIME_WINDOW, &saw),
                Some(false) | None => Ruling::refuses(&ONE_TIME_WINDOW, &saw),
            });
        }
        let saw = format!("the window of the one-time pass ends at {end}");
        return Some(Ruling::notes(&ONE_TIME_WINDOW, &saw));
    }
    let passes = exports.user().into_iter().flat_map(|user| &user.passes);
    let mut one_time = passes
        .filter(|pass| pass.one_time.value == Some(true) && !is_valid(pass, inquiry.now).no());
    let pass = one_time.next()?;
    let saw = "the user has a one-time pass, and the time of its use is not known";
    let ruling = Ruling::new(&ONE_TIME_WINDOW, Effect::Notes, Confidence::Possible, saw);
    Some(
        ruling
            .on(&pass.one_time.place)
            .lacking(Lack::Fact(fact::PASS_USED)),
    )
}

fn validity(exports: &Exports, inquiry: &Inquiry) -> Option<Ruling> {
    let passes = &exports.user()?.passes;
    let first = passes
        .iter()
        .min_by(|one, other| one.place.cmp(&other.place))?;
    let each: Vec<Held> = passes
        .iter()
        .map(|pass| is_valid(pass, inquiry.now))
        .collect();
    let any = Held::any(each);
    if !any.no() {
        return None;
    }
    // Another method still leads there.
    let capable = can_begin(exports, inquiry);
    let effect = match capable.truth {
        Truth::No => Effect::Refuses,
        Truth::Yes | Truth::Unknown => Effect::Notes,
    };
    let saw = match (first.start.value, first.lifetime.value) {
        (Some(start), Some(minutes)) => {
            format!(
                "a pass holds from {start} to {}",
                start.plus_minutes(minutes)
            )
        }
        _ => "no pass can be used".to_owned(),
    };
    let ruling = Ruling::new(&PASS_NOT_VALID, effect, Confidence::Certain, &saw).because(&any);
    Some(match capable.no() {
        true => ruling.because(&capable),
        false => ruling,
    })
}

fn is_valid(pass: &UserPass, now: Moment) -> Held {
    let usable = pass.usable.held(|usable| *usable);
    let in_time = match (pass.start.value, pass.lifetime.value) {
        (Some(start), Some(minutes)) => {
            let inside = start <= now && now <= start.plus_minutes(minutes);
            Held::decided(inside, &pass.start.place).on(&pass.lifetime.place)
        }
        (None, _) => Held::unknown(pass.start.lack()),
        (Some(_), None) => Held::unknown(pass.lifetime.lack()),
    };
    usable.and(in_time)
}

/// Whether a pass can be issued to the person.
pub(crate) fn gets_pass(exports: &Exports, holder: &Holder) -> Held {
    match exports.pass() {
        Some(pass) => is_for(holder, &pass.enabled, &pass.include, &pass.exclude),
        None => Held::unknown(Lack::Export(ExportKind::Pass)),
    }
}

/// Methods other than passkeys and passes that the policy may allow to the person, with which a user
/// without any can start. A code by mail and a PIN are no second factors.
pub(crate) fn starters<'a>(exports: &'a Exports, holder: &Holder) -> Vec<&'a str> {
    const NO_SECOND_FACTORS: [&str; 2] = ["email", "qrcodepin"];
    let others = exports.others.iter().filter(|method| {
        let id = method.id.to_ascii_lowercase();
        !NO_SECOND_FACTORS.contains(&id.as_str())
    });
    let open = others
        .filter(|method| !is_for(holder, &method.enabled, &method.include, &method.exclude).no());
    open.map(|method| method.id.as_str()).collect()
}

/// What it means where nobody said that the user has no method.
pub(crate) const WITHOUT_A_METHOD: &str =
    "A user without a method could not start: the tenant issues no passes to that user.";

/// A person without any second factor needs a pass that the policy gives, or another method first.
fn way_to_begin(exports: &Exports, inquiry: &Inquiry) -> Option<Ruling> {
    let pass = gets_pass(exports, &inquiry.holder);
    let capable = can_begin(exports, inquiry);
    let user = exports.user();
    let has_pass = user.is_some_and(|user| !user.passes.is_empty());
    if !pass.no() || capable.yes() || has_pass {
        return None;
    }
    let starters = starters(exports, &inquiry.holder);
    let note =
        |confidence, saw: &str| Ruling::new(&NO_WAY_TO_BEGIN, Effect::Notes, confidence, saw);
    let ruling = match (capable.no(), starters.is_empty()) {
        (true, true) => {
            let saw = "the user has no second factor, and no pass can be issued";
            Ruling::refuses(&NO_WAY_TO_BEGIN, saw)
        }
        (true, false) => {
            let names = starters.join(", ");
            let saw = format!("the user has no second factor yet; the policy allows {names}");
            let todo = format!("Register {names} first, and then the passkey.");
            note(Confidence::Likely, &saw).advising(&todo).meaning(
                "Registering the first passkey requires another method. No Temporary Access Pass can be issued, but \
                 another method can be registered first.",
            )
        }
        (false, true) => {
            let ruling = note(Confidence::Possible, "no pass can be issued to the user");
            ruling.meaning(WITHOUT_A_METHOD)
        }
        (false, false) => return None,
    };
    Some(ruling.because(&pass).because(&capable))
}

/// Whether the person has a method that leads to registering a passkey.
fn can_begin(exports: &Exports, inquiry: &Inquiry) -> Held {
    match (inquiry.holder.mfa_capable, exports.user()) {
        (Some(capable), _) => Held::given(capable),
        (None, Some(user)) => user.can_begin(),
        (None, None) => Held::unknown(Lack::Export(ExportKind::UserMethods)),
    }
}
