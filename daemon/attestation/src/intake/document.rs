//! One JSON document: the objects in it, or bytes or models' ids alone.

use super::bytes;
use super::error::IntakeError;
use super::found::Found;
use super::json;
use crate::material::Material;
use crate::octets;
use hybrid_policy::parse_aaguid;
use serde_json::Value;

pub(super) fn find(text: &str) -> Result<Found, IntakeError> {
    let value = json::document(text)?;
    json::of_value(&value).or_else(|error| alone(&value).ok_or(error))
}

fn alone(value: &Value) -> Option<Found> {
    if value.is_string() {
        return None;
    }
    let items = value.as_array().filter(|items| !items.is_empty());
    let ids = items.and_then(|items| -> Option<Vec<_>> {
        let ids = items.iter().map(|item| parse_aaguid(item.as_str()?));
        ids.collect()
    });
    if let Some(ids) = ids {
        let mut found = Found::default();
        { ids.into_iter() }.for_each(|id| found.push(Material::Model(id)));
        return Some(found);
    }
    // As JavaScript writes an array of them.
    bytes::recognise(&octets::of_json(value)?).ok()
}
