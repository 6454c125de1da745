//! What PowerShell or Graph left out, wherever it stands: a list whose items are mere names of types looks
//! like one of unknown methods, and must not.

use crate::doubt::{Doubt, Why};
use crate::json_node::is_cut_off;
use crate::pointer::Pointer;
use serde_json::Value;

/// Follows the name of a list that has more pages.
const NEXT: &str = "@odata.nextLink";

/// Members whose text a person chose.
const NAMES: [&str; 3] = ["displayName", "name", "description"];

/// A doubt for each place where something is left out.
pub(super) fn doubts(value: &Value, place: &Pointer, found: &mut Vec<Doubt>) {
    if value.as_str().is_some_and(is_cut_off) {
        found.push(Doubt::new(place.clone(), Why::CutOff));
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        // Of the lists inside an object; the one of the whole answer is told elsewhere.
        if name.len() > NEXT.len() && name.ends_with(NEXT) && !inner.is_null() {
            found.push(Doubt::new(place.member(name), Why::Incomplete));
        }
        if !NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            doubts(inner, &place.member(name), found);
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        doubts(inner, &place.item(index), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_place_is_found_and_names_that_look_alike_are_not() {
        let document = json!({
            "displayName": "System.Object[]",
            "list": ["System.Collections.Hashtable", {"inner": "@{a=System.Object[]}"}],
            "text": "System. Administrators", "note": "@{ open",
        });
        let mut found = Vec::new();
        doubts(&document, &Pointer::to_file("f"), &mut found);
        let places: Vec<&str> = found.iter().map(|doubt| doubt.place.path()).collect();
        assert_eq!(places, ["/list/0", "/list/1/inner"]);
    }
}
