//! The runs that `hybridd policy matrix` shows: rows that tests measure are compared with what was
//! written down, or written again with `UPDATE=1`.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a test saw of one phone with one program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measured {
    /// The imitated phone.
    pub phone: String,
    /// `completed`, or what happened in its place.
    pub result: String,
    /// What the site got to see of its AAGUID, if that was looked at.
    pub model: Option<String>,
}

/// The rows as they were written down.
///
/// # Errors
/// When the file cannot be read.
pub fn written() -> Result<Vec<Value>, String> {
    let text = fs::read_to_string(file()).map_err(|error| error.to_string())?;
    let rows = text.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

/// Compares the rows of a program with what was measured now.
///
/// # Errors
/// What differs.
pub fn settle(program: &str, measured: &[Measured]) -> Result<(), String> {
    let mut rows = written()?;
    let known: Vec<Measured> = rows
        .iter()
        .filter(|row| row["program"] == program)
        .map(read)
        .collect();
    if known == measured {
        return Ok(());
    }
    if std::env::var_os("UPDATE").is_none() {
        return Err(format!(
            "{program}: written down is {known:?}, measured was {measured:?} (UPDATE=1 writes it)"
        ));
    }
    for measured in measured {
        let row = rows
            .iter_mut()
            .find(|row| row["program"] == program && row["phone"] == measured.phone.as_str());
        let Some(row) = row else {
            return Err(format!("{program}: no row of {}", measured.phone));
        };
        row["result"] = json!(measured.result);
        row["date"] = json!(today());
        if let Some(model) = &measured.model {
            row["model"] = json!(model);
        }
    }
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    fs::write(file(), text).map_err(|error| error.to_string())
}

fn read(row: &Value) -> Measured {
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    Measured {
        phone: text("phone").unwrap_or_default(),
        result: text("result").unwrap_or_default(),
        model: text("model"),
    }
}

fn today() -> String {
    let now = hybridd::utc::utc(SystemTime::now());
    now.chars().take(10).collect()
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../daemon/src/cli/policy/runs.jsonl")
}
