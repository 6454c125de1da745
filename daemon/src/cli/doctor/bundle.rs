//! What goes into a report: steps, findings, versions, surroundings, and what happened in the last
//! sign-in. None of it holds an id, a key or a code; a timeline is read and written anew, so that
//! nothing else can come along.

use crate::cli::last_timeline::{self, Remembered};
use crate::doctor::system::System;
use hybrid_diagnosis::check::{Check, Conclusion};
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{LoadError, Timeline, TimelineEntry};
use hybrid_process::{READING, open, within};
use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::fmt;
use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// The timeline that a person names, or the last sign-in's if one is kept.
///
/// # Errors
/// [`TimelineUnread`], when the one that is named cannot be read.
pub(super) fn timeline(
    named: Option<&Path>,
    kept: bool,
) -> Result<Option<Timeline>, TimelineUnread> {
    let load = |path: &Path| -> Result<Timeline, LoadError> {
        let file = BufReader::new(open(path)?);
        Ok(within(READING, || Timeline::load(file))??.timeline)
    };
    match named {
        Some(path) => load(path).map(Some).map_err(|error| TimelineUnread {
            path: path.to_owned(),
            error,
        }),
        // Nobody named it, so nothing but a file is waited for.
        None => Ok(last_timeline::path()
            .filter(|path| kept && last_timeline::look(path) == Remembered::Ours)
            .and_then(|path| load(&path).ok())),
    }
}

/// The timeline that a person named cannot be read.
#[derive(Debug)]
pub(super) struct TimelineUnread {
    path: PathBuf,
    error: LoadError,
}

impl fmt::Display for TimelineUnread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for TimelineUnread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

pub(super) fn bundle(
    checks: &[Check],
    conclusion: &Conclusion,
    system: &System,
    settings: &Value,
    timeline: Option<Timeline>,
) -> String {
    let kernel = rustix::system::uname();
    let variable = |name: &str| std::env::var(name).ok().map(|value| printable(&value));
    let timeline: Option<Vec<_>> = timeline.map(|timeline| {
        timeline
            .entries()
            .iter()
            .map(TimelineEntry::to_json)
            .collect()
    });
    json!({
        "hybridd": env!("CARGO_PKG_VERSION"),
        "kernel": kernel.release().to_string_lossy(),
        "machine": kernel.machine().to_string_lossy(),
        "system": system_name(),
        "desktop": variable("XDG_CURRENT_DESKTOP"),
        "session": variable("XDG_SESSION_TYPE"),
        "sandbox": system.sandbox.as_ref().map(|sandbox| printable(&sandbox.to_string())),
        "virtual_machine": system.machine,
        "controllers": system.controllers,
        // Their values may hold passwords.
        "proxy_variables": proxy_variables(),
        "settings": settings,
        "checks": checks.iter().map(Check::to_json).collect::<Vec<Value>>(),
        "findings": conclusion.findings().map(Finding::to_json).collect::<Vec<Value>>(),
        "timeline": timeline,
    })
    .to_string()
}

fn proxy_variables() -> Vec<&'static str> {
    let names = [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "no_proxy",
        "NO_PROXY",
    ];
    names
        .into_iter()
        .filter(|name| std::env::var_os(name).is_some())
        .collect()
}

fn system_name() -> Option<String> {
    let release: io::Result<String> = fs::read_to_string("/etc/os-release");
    let release = release.ok()?;
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(printable(name.trim_matches('"')))
}
