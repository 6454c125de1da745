//! Where a file comes from: the cloud and version of Graph that its context names, and its tenant.

use super::error::{ImportError, ImportFault};
use super::unwrap::Document;
use crate::doubt::{Doubt, Why};
use crate::exports::Cloud;
use crate::guid::Guid;
use crate::json_node::JsonNode;
use crate::pointer::Pointer;
use std::collections::BTreeSet;

/// What one file says of its origin.
pub(super) struct Provenance {
    file: Pointer,
    hosts: BTreeSet<String>,
    tenants: BTreeSet<Guid>,
    beta: bool,
    v1: bool,
}

impl Provenance {
    pub(super) fn new(file: &Pointer) -> Self {
        Self {
            file: file.clone(),
            hosts: BTreeSet::new(),
            tenants: BTreeSet::new(),
            beta: false,
            v1: false,
        }
    }

    /// Takes what a wrapper around documents says.
    pub(super) fn take_root(&mut self, root: &JsonNode<'_>) {
        self.take_tenant(root);
    }

    /// A member for it, or the address of an object of the directory:
    /// `https://graph.microsoft.com/v2/TENANT/directoryObjects/…`.
    fn take_tenant(&mut self, node: &JsonNode<'_>) {
        let named = ["tenantId", "organizationId"].into_iter();
        let named = named.filter_map(|name| Guid::parse(node.text_of(name)?));
        let address = node.text_of("@odata.id").and_then(|address| {
            let (_, rest) = address.split_once("/v2/")?;
            Guid::parse(rest.split('/').next()?)
        });
        self.tenants.extend(named.chain(address));
    }

    /// Takes what a document says.
    ///
    /// # Errors
    /// [`ImportFault::OtherTenant`] when one file holds answers of two tenants.
    pub(super) fn take(&mut self, document: &Document<'_>) -> Result<(), ImportError> {
        if let Some((context, _)) = &document.context {
            let rest = context.strip_prefix("https://").unwrap_or_default();
            let mut parts = rest.split('/');
            let host = parts.next().unwrap_or_default().to_ascii_lowercase();
            let version = parts.next();
            self.beta |= version == Some("beta");
            self.v1 |= version == Some("v1.0");
            if !host.is_empty() {
                self.hosts.insert(host);
            }
        }
        for entry in &document.entries {
            self.take_tenant(entry);
        }
        if self.hosts.len() > 1 || self.tenants.len() > 1 {
            let fault = ImportFault::OtherTenant(self.file.clone());
            return Err(ImportError::new(document.place.clone(), fault));
        }
        Ok(())
    }
}

/// Files of different clouds or tenants, each with the first file that it disagrees with.
pub(super) fn contradictions(origins: &[Provenance]) -> Vec<ImportError> {
    let mut errors = Vec::new();
    for (index, origin) in origins.iter().enumerate() {
        let other = origins.iter().take(index).find(|other| {
            let differ = |here: bool, there: bool, same: bool| !here && !there && !same;
            differ(
                origin.hosts.is_empty(),
                other.hosts.is_empty(),
                origin.hosts == other.hosts,
            ) || differ(
                origin.tenants.is_empty(),
                other.tenants.is_empty(),
                origin.tenants == other.tenants,
            )
        });
        if let Some(other) = other {
            let fault = ImportFault::OtherTenant(other.file.clone());
            errors.push(ImportError::new(origin.file.clone(), fault));
        }
    }
    errors
}

/// The beta files, when others are of v1.0.
pub(super) fn mixed_versions(origins: &[Provenance]) -> Vec<Doubt> {
    if !origins.iter().any(|origin| origin.v1) {
        return Vec::new();
    }
    let beta = origins.iter().filter(|origin| origin.beta);
    beta.map(|origin| Doubt::new(origin.file.clone(), Why::BetaBesideV1))
        .collect()
}

/// The cloud that the files are of, when one says so.
pub(super) fn cloud(origins: &[Provenance]) -> Option<Cloud> {
    let host = origins.iter().flat_map(|origin| &origin.hosts).next()?;
    Cloud::of_host(host)
}
