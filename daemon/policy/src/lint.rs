//! What is odd about a tenant's exports, without a question about a passkey.

mod access;
mod campaign;
mod passes;
mod profiles;
mod recovery;
mod strengths;
mod user;

use crate::catalogue::Layer;
use crate::exports::Exports;
use crate::moment::Moment;
use crate::premise::doubts;
use crate::ruling::Ruling;
use std::cmp::Reverse;

pub(crate) use access::loops;

/// Everything odd: first what keeps users out, then what contradicts itself or is a risk, then what is
/// good to know, and the files last; in each the surest first.
pub fn lint(exports: &Exports, now: Moment) -> Vec<Ruling> {
    let mut rulings = Vec::new();
    if let Some(fido2) = exports.fido2() {
        rulings.extend(profiles::lint(fido2));
        rulings.extend(campaign::lint(exports, fido2));
        rulings.extend(strengths::lint(exports, fido2));
    }
    rulings.extend(passes::lint(exports));
    rulings.extend(access::lint(exports));
    rulings.extend(user::lint(exports, now));
    for ruling in &mut rulings {
        ruling.cap(exports.doubts());
    }
    rulings.extend(doubts(exports));
    rulings.sort();
    rulings.dedup();
    rulings.sort_by_key(|ruling| (rank(ruling), Reverse(ruling.confidence)));
    rulings
}

/// How much it weighs, the most first.
fn rank(ruling: &Ruling) -> u8 {
    const KEEPS_OUT: [&str; 16] = [
        "PK010", "PK011", "PK012", "PK014", "PK020", "PK041", "PK100", "PK101", "PK102", "PK103",
        "PK104", "PK106", "PK210", "PK211", "PK212", "PK220",
    ];
    const TO_KNOW: [&str; 6] = ["PK200", "PK203", "PK204", "PK206", "PK230", "PK231"];
    let code = ruling.code();
    if ruling.layer() == Layer::Input {
        return 3;
    }
    match (KEEPS_OUT.contains(&code), TO_KNOW.contains(&code)) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    }
}
