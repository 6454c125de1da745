//! Asks the exports about one passkey of one person.

use crate::bootstrap;
use crate::capability;
use crate::catalogue::{DOUBTFUL_INPUT, GENERIC_SITE};
use crate::confidence::Confidence;
use crate::enforcement;
use crate::exports::Exports;
use crate::import::{self, ExportFile};
use crate::inquiry::Inquiry;
use crate::judgement::Judgement;
use crate::model::{Groups, UserMethods};
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
    let inquiry = &completed(exports, inquiry);
    rulings.extend(bootstrap::judge(exports, inquiry));
    rulings.extend(capability::judge(exports, inquiry));
    rulings.extend(enforcement::judge(exports, inquiry));
    for ruling in &mut rulings {
        ruling.cap(exports.doubts());
    }
    rulings.extend(doubts(exports));
    Judgement::new(rulings, exports.access().is_some(), inquiry)
}

/// With the groups and the id that a file tells, when the question does not.
pub(crate) fn completed(exports: &Exports, inquiry: &Inquiry) -> Inquiry {
    let mut inquiry = inquiry.clone();
    let told = exports.groups.clone().unwrap_or(Groups::Unknown);
    if !matches!(inquiry.holder.groups, Groups::Exactly(_)) {
        let unread = exports.unread_roles.iter().cloned();
        inquiry.holder.unread_roles.extend(unread);
    }
    inquiry.holder.groups = inquiry.holder.groups.joined(told);
    let id = || exports.user().and_then(UserMethods::id);
    inquiry.holder.id = inquiry.holder.id.or_else(id);
    inquiry
}

/// What is doubtful about the files themselves, one ruling for each doubt.
pub(crate) fn doubts(exports: &Exports) -> Vec<Ruling> {
    let each = exports.doubts().iter().map(|doubt| {
        let ruling = Ruling::notes(&DOUBTFUL_INPUT, &doubt.to_string());
        ruling.on(&doubt.place)
    });
    each.collect()
}
