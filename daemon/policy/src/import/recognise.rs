//! What an export is of: by its type, by its context, or by members that nothing else has.

use super::error::{ImportError, ImportFault};
use super::unwrap::Document;
use crate::export_kind::ExportKind;
use crate::json_node::JsonNode;
use crate::model::MethodKind;

/// The kind of a document.
///
/// # Errors
/// [`ImportError`] when its entries are of several kinds or of none that is known.
pub(super) fn kind(document: &Document<'_>) -> Result<ExportKind, ImportError> {
    let context = document
        .context
        .as_ref()
        .and_then(|(text, _)| of_context(text));
    let fail = |place, fault| Err(ImportError::new(place, fault));
    let mut found = None;
    for entry in &document.entries {
        let Some(kind) = of_entry(entry).or(context) else {
            return fail(entry.place.clone(), ImportFault::Unrecognised);
        };
        found = match found {
            None => Some(kind),
            Some(found) if found == kind => Some(found),
            // Configurations of several methods are the policy without what is around them.
            Some(found) if is_of_methods(found) && is_of_methods(kind) => Some(ExportKind::Methods),
            Some(_) => return fail(entry.place.clone(), ImportFault::MixedKinds),
        };
    }
    match found.or(context) {
        Some(kind) => Ok(kind),
        None => fail(document.place.clone(), ImportFault::EmptyList),
    }
}

fn is_of_methods(kind: ExportKind) -> bool {
    [ExportKind::Methods, ExportKind::Fido2, ExportKind::Pass].contains(&kind)
}

/// `https://graph.microsoft.com/v1.0/$metadata#identity/conditionalAccess/policies`
fn of_context(context: &str) -> Option<ExportKind> {
    let (_, path) = context.split_once('#')?;
    let path = path.to_ascii_lowercase();
    let has = |part: &str| path.contains(part);
    if has("authenticationstrength") {
        return Some(ExportKind::Strengths);
    }
    if has("conditionalaccess/policies") {
        return Some(ExportKind::Access);
    }
    if path.starts_with("users(") && has("/authentication/") {
        return Some(ExportKind::UserMethods);
    }
    if path.starts_with("directoryobjects") || path.starts_with("groups") {
        return Some(ExportKind::Groups);
    }
    if path.starts_with("authenticationmethodspolicy")
        || path.starts_with("policies/authenticationmethodspolicy/$entity")
    {
        return Some(ExportKind::Methods);
    }
    None
}

fn of_entry(entry: &JsonNode<'_>) -> Option<ExportKind> {
    let has = |name: &str| entry.get(name).is_some();
    let kind = entry.text_of("@odata.type").unwrap_or_default();
    let kind = kind.rsplit('.').next().unwrap_or_default();
    if has("authenticationMethodConfigurations") {
        return Some(ExportKind::Methods);
    }
    match MethodKind::of(entry) {
        Some(MethodKind::Fido2) => return Some(ExportKind::Fido2),
        Some(MethodKind::Pass) => return Some(ExportKind::Pass),
        Some(MethodKind::Other) => return Some(ExportKind::Methods),
        None => {}
    }
    if has("allowedCombinations") {
        return Some(ExportKind::Strengths);
    }
    if has("conditions") && (has("grantControls") || has("sessionControls")) {
        return Some(ExportKind::Access);
    }
    if kind.ends_with("AuthenticationMethod")
        || has("attestationLevel")
        || has("methodUsabilityReason")
    {
        return Some(ExportKind::UserMethods);
    }
    let directory = ["group", "directoryRole", "administrativeUnit"].contains(&kind);
    let bare = entry
        .members()
        .all(|(name, _)| name.eq_ignore_ascii_case("id") || name.starts_with("@odata."));
    (directory || (bare && has("id") && kind.is_empty())).then_some(ExportKind::Groups)
}
