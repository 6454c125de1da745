//! Everything that an input tells.

use crate::intake::{self, IntakeError};
use crate::metadata::Metadata;
use crate::sheet::Sheet;
use crate::views::{self, Surrounding};
use serde_json::{Value, json};
use std::fmt;

/// An input that was inspected.
#[derive(Clone, PartialEq, Debug)]
pub struct Inspection {
    sheets: Vec<Sheet>,
    /// Of the metadata that were used.
    metadata: Option<String>,
    metadata_json: Value,
}

impl Inspection {
    /// Inspects bytes as people have them. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`IntakeError`] says what was expected and what came.
    pub fn of(input: &[u8], metadata: Option<&Metadata>, now: u64) -> Result<Self, IntakeError> {
        let mut sheets = Vec::new();
        let mut keys = Vec::new();
        for material in intake::find(input)? {
            let around = Surrounding {
                metadata,
                now,
                keys: &keys,
            };
            let (sheet, key) = views::sheet(&material, &around);
            sheets.push(sheet);
            keys.extend(key);
        }
        Ok(Self {
            sheets,
            metadata: metadata.map(told),
            metadata_json: metadata.map_or(Value::Null, to_json),
        })
    }

    /// One for each thing.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        self.json_of(Sheet::to_json)
    }

    /// For whoever helps: without what names a person or an account.
    pub fn to_impersonal_json(&self) -> Value {
        self.json_of(Sheet::to_impersonal_json)
    }

    fn json_of(&self, sheet: fn(&Sheet) -> Value) -> Value {
        json!({
            "inspected": self.sheets.iter().map(sheet).collect::<Vec<_>>(),
            "metadata": self.metadata_json,
        })
    }
}

fn told(metadata: &Metadata) -> String {
    let stale = if metadata.is_stale() {
        ", which is over"
    } else {
        ""
    };
    format!(
        "Metadata: number {} of the FIDO Alliance, {} models, signature verified; the next was to follow on {}{stale}",
        metadata.number(),
        metadata.len(),
        metadata.next_update()
    )
}

fn to_json(metadata: &Metadata) -> Value {
    json!({
        "number": metadata.number(),
        "models": metadata.len(),
        "next_update": metadata.next_update().to_string(),
        "stale": metadata.is_stale(),
    })
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, sheet) in self.sheets.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            sheet.fmt(f)?;
        }
        match &self.metadata {
            Some(metadata) => writeln!(f, "\n{metadata}"),
            None => Ok(()),
        }
    }
}
