//! Phones that listen to be contacted, and the contact ids that are revoked.

pub(crate) mod contacts;
pub(crate) mod registry;
pub(crate) mod revocations;
