//! What is set, and by whom: a step for each key, after one for the files.

use crate::settings::{GatheredSettings, HeldSetting, Settings, SettingsFiles};
use hybrid_diagnosis::catalogue::SETTINGS_UNUSABLE;
use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::finding::Finding;
use serde_json::{Value, json};
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

/// What holds, with what keeps the settings from being used.
pub fn checks(files: &SettingsFiles, gathered: &GatheredSettings) -> Vec<Check> {
    let GatheredSettings { settings, problem } = gathered;
    let check = |name: &str, evidence: &str, verdict| {
        Check::new(
            &format!("settings: {name}"),
            Duration::ZERO,
            evidence,
            verdict,
        )
    };
    let list = |paths: &[&Path]| {
        let paths: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        paths.join(", ")
    };
    let read: Vec<_> = settings.files.iter().map(AsRef::as_ref).collect();
    let all: Vec<_> = std::iter::once(&files.system)
        .chain(&files.own)
        .map(|file| file.told.as_path())
        .collect();
    let files = match problem {
        Some(problem) => {
            let why = problem.to_string();
            let finding = Finding::certain(&SETTINGS_UNUSABLE, &why);
            let told = format!("{why} (the values below come from the other sources)");
            check("files", &told, Verdict::Fail(finding))
        }
        None if read.is_empty() => check(
            "files",
            &format!("there is no settings file ({})", list(&all)),
            Verdict::Ok,
        ),
        None => check("files", &list(&read), Verdict::Ok),
    };
    let keys = settings.held().map(|held| {
        let HeldSetting {
            name,
            value,
            source,
            locked,
        } = held;
        let locked = locked.map_or_else(String::new, |lock| format!(", locked by {lock}"));
        check(name, &format!("{value} ({source}{locked})"), Verdict::Ok)
    });
    std::iter::once(files).chain(keys).collect()
}

/// The same for programs.
pub fn to_json(settings: &Settings) -> Value {
    let text = |of: &dyn Display| Value::from(hybrid_protocol::printable(&of.to_string()));
    settings
        .held()
        .map(|held| {
            json!({
                "key": held.name,
                "value": text(&held.value),
                "source": text(&held.source),
                "locked_by": held.locked.as_ref().map(|lock| text(lock)),
            })
        })
        .collect()
}
