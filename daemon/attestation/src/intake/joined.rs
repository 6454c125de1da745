//! Fields that were pasted beside each other: client data belong to the response beside them.

use super::error::IntakeError;
use super::found::Found;
use crate::material::Material;

/// What was found, with its client data where they belong.
pub(super) fn joined(mut found: Found) -> Result<Found, IntakeError> {
    let mut client_data = None;
    let mut others = Vec::new();
    for material in found.materials {
        let Material::ClientData(bytes) = material else {
            others.push(material);
            continue;
        };
        if client_data.replace(bytes).is_some() {
            return Err(IntakeError::Twice("clientDataJSON"));
        }
    }
    if let Some(bytes) = client_data {
        match others.as_mut_slice() {
            [] => others.push(Material::ClientData(bytes)),
            [Material::Registration(parts) | Material::SignIn(parts)] => {
                parts.client_data.get_or_insert(bytes);
            }
            _ => return Err(IntakeError::Twice("a field")),
        }
    }
    if others.is_empty() {
        return Err(IntakeError::NoBase64);
    }
    found.materials = others;
    Ok(found)
}
