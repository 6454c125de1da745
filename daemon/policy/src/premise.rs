//! What the files add to a question before it is asked, and what is doubtful about them.

use crate::catalogue::DOUBTFUL_INPUT;
use crate::doubt::Why;
use crate::exports::Exports;
use crate::import::{ImportError, ImportFault};
use crate::inquiry::Inquiry;
use crate::limits::FRESH_DAYS;
use crate::model::UserMethods;
use crate::pointer::Pointer;
use crate::ruling::Ruling;

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
