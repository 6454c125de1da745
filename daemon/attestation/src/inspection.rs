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
    /// What of the input was not looked at.
    cut: Vec<String>,
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
        let found = intake::find(input)?;
        // A sign-in may stand before the registration whose key it takes.
        let keys: Vec<_> = found.materials.iter().filter_map(views::key).collect();
        let around = Surrounding {
            metadata,
            now,
            keys: &keys,
        };
        let sheets = found.materials.iter();
        Ok(Self {
            sheets: sheets
                .map(|material| views::sheet(material, &around))
                .collect(),
            cut: found.cut.iter().map(ToString::to_string).collect(),
            metadata: metadata.map(told),
            metadata_json: metadata.map_or(Value::Null, to_json),
        })
    }

    /// One for each thing.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// What of the input was not looked at, each as a fragment of a sentence.
    pub fn cut(&self) -> &[String] {
        &self.cut
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
            "cut": self.cut,
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
        "Metadata: number {} of the FIDO Alliance, {} models, signature verified; the next was to follow on {}{stale}. Whether its signer's certificate was revoked is not checked: hybridd asks nobody over the network",
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
        "signer_revocation": "not-checked",
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
        if !self.cut.is_empty() {
            writeln!(f, "\nNot looked at: {}", self.cut.join("; "))?;
        }
        match &self.metadata {
            Some(metadata) => writeln!(f, "\n{metadata}"),
            None => Ok(()),
        }
    }
}
