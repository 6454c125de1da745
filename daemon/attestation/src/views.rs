//! A sheet for each kind of material.

mod caller;
mod client_data;
mod credential;
mod extensions;
mod model;
mod options;
mod record;
mod registration;
mod sign_in;
mod surrounding;
mod unread;
mod vouching;

pub(crate) use credential::CredentialKey;
pub(crate) use surrounding::Surrounding;

use crate::material::Material;
use crate::sheet::Sheet;

/// The key that a material brings along.
pub(crate) fn key(material: &Material) -> Option<CredentialKey> {
    match material {
        Material::Registration(parts) => registration::key(parts),
        Material::SignIn(_)
        | Material::Options(..)
        | Material::Record(_)
        | Material::ClientData(_)
        | Material::Model(_) => None,
    }
}

/// The sheet of a material.
pub(crate) fn sheet(material: &Material, around: &Surrounding<'_>) -> Sheet {
    match material {
        Material::Registration(parts) => registration::sheet(parts, around),
        Material::SignIn(parts) => sign_in::sheet(parts, around),
        Material::Options(kind, members) => options::sheet(*kind, members),
        Material::Record(members) => record::sheet(members, around),
        Material::ClientData(bytes) => {
            let mut sheet = Sheet::new("client-data", "Client data alone");
            client_data::show(&mut sheet, bytes, None, None);
            sheet
        }
        Material::Model(aaguid) => {
            let mut sheet = Sheet::new("model", "The id of a model (AAGUID)");
            model::show(&mut sheet, *aaguid, None, around);
            sheet
        }
    }
}
