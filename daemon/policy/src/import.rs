//! From the bytes of the person's files to [`Exports`]: every file is understood whole or refused
//! by name and place, and nothing is guessed.

mod cut;
mod error;
mod json;
mod provenance;
mod recognise;
mod secret;
mod text;
mod unwrap;

pub use error::{ImportError, ImportFault};

use crate::confidence::Confidence;
use crate::doubt::{Doubt, Why};
use crate::export_kind::ExportKind;
use crate::exports::Exports;
use crate::json_node::JsonNode;
use crate::limits::{FRESH_DAYS, MAX_DOUBTS, MAX_FILE, MAX_FILES};
use crate::model::{
    AccessPolicy, Fido2, Listed, Memberships, MethodsPolicy, PassPolicy, Strength, UserMethods,
};
use crate::moment::Moment;
use crate::pointer::Pointer;
use provenance::Provenance;
use unwrap::Document;

/// One file of the person's.
#[derive(Clone, Copy, Debug)]
pub struct ExportFile<'a> {
    /// As the person named it; findings repeat it.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
    /// When it was written, if that is known: old exports make nothing certain.
    pub written: Option<Moment>,
}

/// Reads all files, in any order.
///
/// # Errors
/// One [`ImportError`] for each file that cannot be used, and for each pair that contradicts each
/// other.
pub fn read(files: &[ExportFile<'_>], now: Moment) -> Result<Exports, Vec<ImportError>> {
    if files.len() > MAX_FILES {
        let place = Pointer::to_file("(all files)");
        return Err(vec![ImportError::new(place, ImportFault::TooManyFiles)]);
    }
    let mut files: Vec<&ExportFile<'_>> = files.iter().collect();
    files.sort_by_key(|file| (file.name, file.bytes));
    let mut exports = Exports::default();
    let mut errors = Vec::new();
    let mut origins = Vec::new();
    for file in files {
        match read_file(file, now, &mut exports) {
            Ok(origin) => origins.push(origin),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(provenance::contradictions(&origins));
    errors.extend(
        exports
            .contradictions()
            .map(|(one, other)| ImportError::new(one, ImportFault::Contradicts(other))),
    );
    if !errors.is_empty() {
        errors.sort();
        return Err(errors);
    }
    let versions = provenance::mixed_versions(&origins);
    exports.doubts.extend(versions);
    exports.cloud = provenance::cloud(&origins);
    exports.settle();
    Ok(exports)
}

/// Whether JSON of any kind holds the value of a Temporary Access Pass or a password, which nobody
/// may keep in a file.
pub fn holds_secret(bytes: &[u8]) -> bool {
    let parsed = text::decode(bytes).map(|text| serde_json::from_str(&text));
    let Ok(Ok(document)) = parsed else {
        return false;
    };
    secret::refuse(&document, &Pointer::to_file("")).is_err()
}

fn read_file(
    file: &ExportFile<'_>,
    now: Moment,
    exports: &mut Exports,
) -> Result<Provenance, ImportError> {
    let place = Pointer::to_file(file.name);
    let fail = |fault| ImportError::new(place.clone(), fault);
    if file.bytes.len() > MAX_FILE {
        return Err(fail(ImportFault::TooLarge));
    }
    let text = text::decode(file.bytes).map_err(fail)?;
    let document = json::parse(&text).map_err(fail)?;
    secret::refuse(&document, &place)?;
    let root = JsonNode::new(&document, place.clone());
    let mut origin = Provenance::new(&place);
    origin.take_root(&root);
    let mut doubts = Vec::new();
    cut::doubts(&document, &place, &mut doubts);
    for document in unwrap::documents(&root)? {
        let kind = recognise::kind(&document)?;
        if kind == ExportKind::Access {
            exports.access_places.push(document.place.clone());
        }
        origin.take(&document)?;
        if document.incomplete || (kind == ExportKind::Access && document.is_entity()) {
            let place = document.place.clone();
            doubts.push(Doubt::new(place, Why::Incomplete));
        }
        take(kind, &document, exports, &mut doubts);
    }
    let age = file.written.map_or(0, |written| written.days_until(now));
    if age > FRESH_DAYS {
        doubts.push(Doubt::new(place, Why::Old(age)));
    }
    exports.doubts.extend(shortened(doubts, file.name));
    Ok(origin)
}

/// So many of one file that a person reads them, the gravest first.
fn shortened(mut doubts: Vec<Doubt>, file: &str) -> Vec<Doubt> {
    doubts.sort_by_cached_key(|doubt| (doubt.cap().unwrap_or(Confidence::Certain), doubt.clone()));
    doubts.dedup();
    let more = doubts.len().saturating_sub(MAX_DOUBTS);
    if more > 0 {
        doubts.truncate(MAX_DOUBTS);
        doubts.push(Doubt::new(Pointer::to_file(file), Why::More(more)));
    }
    doubts
}

fn take(kind: ExportKind, document: &Document<'_>, exports: &mut Exports, doubts: &mut Vec<Doubt>) {
    let entries = &document.entries;
    match kind {
        ExportKind::Methods => {
            for entry in entries {
                let policy = MethodsPolicy::read(entry, doubts);
                exports.fido2.extend(policy.fido2);
                exports.pass.extend(policy.pass);
                exports.campaigns.extend(policy.campaign);
                exports.others.extend(policy.others);
            }
        }
        ExportKind::Fido2 => {
            let read = entries.iter().map(|entry| Fido2::read(entry, doubts));
            exports.fido2.extend(read);
        }
        ExportKind::Pass => {
            let read = entries.iter().map(|entry| PassPolicy::read(entry, doubts));
            exports.pass.extend(read);
        }
        ExportKind::Strengths => {
            let read = entries.iter().map(|entry| Strength::read(entry, doubts));
            exports.strengths.get_or_insert_default().extend(read);
        }
        ExportKind::Access => {
            let read = entries
                .iter()
                .map(|entry| AccessPolicy::read(entry, doubts));
            exports.access.get_or_insert_default().extend(read);
        }
        ExportKind::UserMethods => {
            let listed = Listed {
                place: &document.place,
                owner: document.user(),
                of_all_kinds: document.is_of("/authentication/methods"),
                incomplete: document.incomplete,
            };
            UserMethods::read(entries, &listed, doubts).join(&mut exports.users);
        }
        ExportKind::Groups => {
            let read = Memberships::read(entries, document.incomplete, doubts);
            exports.groups = std::mem::take(&mut exports.groups).joined(read.groups);
            exports.group_places.insert(document.place.clone());
            exports.unread_roles.extend(read.unread_roles);
            exports.names.extend(read.names);
        }
    }
}
