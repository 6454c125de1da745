//! Asks the exports about one passkey of one person.

use crate::bootstrap;
use crate::capability;
use crate::catalogue::{DOUBTFUL_INPUT, GENERIC_SITE};
use crate::confidence::Confidence;
use crate::enforcement;
use crate::exports::Exports;
use crate::import::{self, ExportFile, ImportError, ImportFault};
use crate::inquiry::Inquiry;
use crate::judgement::Judgement;
use crate::lint;
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
        return Judgement::new(rulings, false, inquiry.occasion);
    }
    let inquiry = match completed(exports, inquiry) {
        Ok(inquiry) => inquiry,
        Err(errors) => return Judgement::unreadable(errors, inquiry.occasion),
    };
    rulings.extend(bootstrap::judge(exports, &inquiry));
    rulings.extend(capability::judge(exports, &inquiry));
    rulings.extend(enforcement::judge(exports, &inquiry));
    if !inquiry.is_sign_in() {
        rulings.extend(lint::loops(exports, &inquiry.holder));
    }
    for ruling in &mut rulings {
        ruling.cap(exports.doubts());
    }
    rulings.extend(doubts(exports));
    Judgement::new(rulings, exports.access().is_some(), inquiry.occasion)
}

/// With the groups that files tell.
///
/// # Errors
/// Each of the files, when the question tells others.
pub(crate) fn completed(exports: &Exports, inquiry: &Inquiry) -> Result<Inquiry, Vec<ImportError>> {
    let Some(groups) = inquiry.holder.groups.beside(&exports.groups) else {
        let wrong = |place: &Pointer| ImportError::new(place.clone(), ImportFault::OtherGroups);
        return Err(exports.group_places.iter().map(wrong).collect());
    };
    let mut inquiry = inquiry.clone();
    if inquiry.holder.groups != groups {
        inquiry.holder.groups_from = exports.group_places.clone();
    }
    inquiry.holder.groups = groups;
    Ok(inquiry)
}

/// What is doubtful about the files themselves, one ruling for each doubt.
pub(crate) fn doubts(exports: &Exports) -> Vec<Ruling> {
    let each = exports.doubts().iter().map(|doubt| {
        let ruling = Ruling::notes(&DOUBTFUL_INPUT, &doubt.to_string());
        ruling.on(&doubt.place)
    });
    each.collect()
}
