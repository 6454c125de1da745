//! Methods other than passkeys that are on or off: with them a registration begins.

use super::access_change::AccessChange;
use crate::exports::Exports;
use std::collections::BTreeMap;

/// By id: the name, what to tell of it, and all of it.
type Described = BTreeMap<String, (String, String, String)>;

/// Those of which both sides tell: an export of passkeys alone does not say that there is no other.
pub(super) fn changes(old: &Exports, new: &Exports) -> Vec<AccessChange> {
    let (before, after) = (described(old), described(new));
    let changes = after.into_iter().filter_map(|(id, (what, after, all))| {
        let (_, before, all_before) = before.get(&id)?;
        let said = match *before == after {
            true => format!("{after}, with other details than before"),
            false => format!("{before} before, {after} after"),
        };
        (all != *all_before).then(|| AccessChange {
            what,
            before: before.clone(),
            after,
            said,
            lockout: None,
        })
    });
    changes.collect()
}

fn described(exports: &Exports) -> Described {
    let state = |enabled: Option<bool>| match enabled {
        Some(true) => "on",
        Some(false) => "off",
        None => "in an unknown state",
    };
    let others = exports.others.iter().map(|method| {
        let told = state(method.enabled.value).to_owned();
        let name = format!("the method {}", method.id);
        (method.id.clone(), (name, told.clone(), told))
    });
    let passes = exports.pass().map(|pass| {
        let kinds = match (pass.enabled.value, pass.one_time_only.value) {
            (Some(false), _) | (_, None) => "",
            (_, Some(true)) => ", one-time alone",
            (_, Some(false)) => ", one-time and multi-use",
        };
        let told = format!("{}{kinds}", state(pass.enabled.value));
        let name = "Temporary Access Passes".to_owned();
        (
            "TemporaryAccessPass".to_owned(),
            (name, told, pass.canonical.clone()),
        )
    });
    others.chain(passes).collect()
}
