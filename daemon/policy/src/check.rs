//! Asks the exports about one passkey of one person.

use crate::bootstrap;
use crate::capability;
use crate::catalogue::{GENERIC_SITE, Layer, MFA_NOT_FRESH};
use crate::confidence::Confidence;
use crate::enforcement;
use crate::exports::Exports;
use crate::import::{self, ExportFile};
use crate::inquiry::Inquiry;
use crate::judgement::Judgement;
use crate::lint;
use crate::premise::{completed, doubts};
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
