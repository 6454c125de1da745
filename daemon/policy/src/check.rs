//! Asks the exports about one passkey of one person.

use crate::bootstrap;
use crate::capability;
use crate::catalogue::{DOUBTFUL_INPUT, GENERIC_SITE, Layer, MFA_NOT_FRESH};
use crate::confidence::Confidence;
use crate::doubt::Why;
use crate::enforcement;
use crate::exports::Exports;
use crate::import::{self, ExportFile, ImportError, ImportFault};
use crate::inquiry::Inquiry;
use crate::judgement::Judgement;
use crate::limits::FRESH_DAYS;
use crate::lint;
use crate::model::UserMethods;
use crate::pointer::Pointer;
use crate::provider;
use crate::ruling::{Effect, Ruling};
use hybrid_protocol::printable;

/// Reads the files and asks them. Files that cannot be used are the answer
/// [`Input`](crate::Admission::Input), by name and place.
pub fn check_files(files: &[ExportFile<'_>], inquiry: &Inquiry) -> Judgement {
    match import::read(files, inquiry.now) {
        Ok(exports) => check(&exports, inquiry),
        Err(errors) => Judgement::unreadable(errors, inquiry.occasion),
    }
}

/// Asks exports that were read.
pub fn check(exports: &Exports, inquiry: &Inquiry) -> Judgement {
    let mut rulings = provider::judge(exports, inquiry);
    if !inquiry.site.is_entra() {
        let saw = format!("the site is {}", printable(&inquiry.site.rp_id));
        let ruling = Ruling::new(&GENERIC_SITE, Effect::Withholds, Confidence::Certain, &saw);
        rulings.push(ruling);
        return Judgement::new(rulings, false, inquiry);
    }
    let inquiry = match completed(exports, inquiry) {
        Ok(inquiry) => inquiry,
        Err(errors) => return Judgement::unreadable(errors, inquiry.occasion),
    };
    rulings.extend(bootstrap::judge(exports, &inquiry));
    rulings.extend(capability::judge(exports, &inquiry));
    let enforcement = enforcement::judge(exports, &inquiry);
    rulings.extend(enforcement.rulings);
    if !inquiry.is_sign_in() {
        rulings.extend(lint::loops(exports, &inquiry.holder));
    }
    for ruling in &mut rulings {
        ruling.cap(exports.doubts());
    }
    let in_vain = |ruling: &Ruling| {
        ruling.effect == Effect::Refuses
            && ruling.confidence == Confidence::Certain
            && ruling.layer() != Layer::Enforcement
    };
    if rulings.iter().any(in_vain) {
        // Nobody has to hurry to a registration that is refused.
        rulings.retain(|ruling| ruling.code() != MFA_NOT_FRESH.code);
    }
    rulings.extend(doubts(exports));
    let judgement = Judgement::new(rulings, exports.access().is_some(), &inquiry);
    judgement.requiring(enforcement.requirements)
}

/// With the groups and the id that files tell.
///
/// # Errors
/// Each of the files, when the question tells others, or when they are of several users.
pub(crate) fn completed(exports: &Exports, inquiry: &Inquiry) -> Result<Inquiry, Vec<ImportError>> {
    if let [first, others @ ..] = exports.users()
        && !others.is_empty()
    {
        let other = |user: &UserMethods| {
            let fault = ImportFault::OtherUser(first.place.clone());
            ImportError::new(user.place.clone(), fault)
        };
        return Err(others.iter().map(other).collect());
    }
    let Some(groups) = inquiry.holder.groups.beside(&exports.groups) else {
        let wrong = |place: &Pointer| ImportError::new(place.clone(), ImportFault::OtherGroups);
        return Err(exports.group_places.iter().map(wrong).collect());
    };
    let mut inquiry = inquiry.clone();
    if inquiry.holder.groups != groups {
        inquiry.holder.groups_from = exports.group_places.clone();
        inquiry.holder.unread_roles = exports.unread_roles.clone();
    }
    inquiry.holder.groups = groups;
    let id = || exports.user().and_then(UserMethods::id);
    inquiry.holder.id = inquiry.holder.id.or_else(id);
    Ok(inquiry)
}

/// What is doubtful about the files themselves: the age of all in one ruling, and one for each other
/// doubt.
pub(crate) fn doubts(exports: &Exports) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    let mut old = Vec::new();
    for doubt in exports.doubts() {
        if let Why::Old(days) = doubt.why {
            old.push((&doubt.place, days));
            continue;
        }
        let ruling = Ruling::notes(&DOUBTFUL_INPUT, &doubt.to_string());
        rulings.push(ruling.on(&doubt.place).advising(doubt.why.remedy()));
    }
    if !old.is_empty() {
        let each: Vec<String> = { old.iter() }
            .map(|(place, days)| format!("{place} was written {days} days ago"))
            .collect();
        let ruling = Ruling::notes(&DOUBTFUL_INPUT, &each.join(", "))
            .meaning("A policy may have changed since, so nothing that rests on an old export is certain.")
            .advising("Export these files again, the same way.")
            .turned_by(&format!("Give exports that are at most {FRESH_DAYS} days old."));
        let places = old.iter().map(|(place, _)| *place);
        rulings.push(places.fold(ruling, Ruling::on));
    }
    rulings
}
