//! What goes into a report: steps, findings, versions, surroundings, and what happened in the last
//! sign-in. None of it holds an id, a key or a code; a timeline is read and written anew, so that
//! nothing else can come along.

use crate::cli::last_timeline;
use crate::doctor::dossier::Dossier;
use crate::doctor::sign_in_account::SignInAccount;
use crate::doctor::system::System;
use crate::history::WeekSummary;
use hybrid_attestation::Inspection;
use hybrid_diagnosis::check::Check;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{AboutSignIn, LoadError, Loaded, Timeline, TimelineEntry};
use hybrid_policy::Judgement;
use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::fmt;
use std::path::{Path, PathBuf};

/// A timeline, and whose it is.
pub(in crate::cli) struct BundledTimeline {
    timeline: Timeline,
    about: Option<AboutSignIn>,
    /// Where it was read from.
    from: String,
    /// It is the last sign-in's, which nobody named.
    kept: bool,
}

/// The timeline that a person names, or the last sign-in's if one is kept.
///
/// # Errors
/// [`TimelineUnread`], when the one that is named cannot be read.
pub(in crate::cli) fn timeline(
    named: Option<&Path>,
    keep: bool,
) -> Result<Option<BundledTimeline>, TimelineUnread> {
    let bundled = |loaded: Loaded, from: String| BundledTimeline {
        timeline: loaded.timeline,
        about: loaded.about,
        from,
        kept: named.is_none(),
    };
    match named {
        Some(path) => match last_timeline::load(path) {
            Ok(loaded) => Ok(Some(bundled(loaded, path.display().to_string()))),
            Err(error) => Err(TimelineUnread {
                path: path.to_owned(),
                error,
            }),
        },
        // Nobody named it, so nothing but a file is waited for.
        None => Ok(keep
            .then(last_timeline::kept)
            .flatten()
            .map(|(loaded, from)| bundled(loaded, from))),
    }
}

/// What a person is told who has a bundle written: it goes to others.
pub(in crate::cli) fn includes(path: &Path, timeline: Option<&BundledTimeline>) -> String {
    let path = path.display();
    let Some(BundledTimeline {
        about, from, kept, ..
    }) = timeline
    else {
        return format!("{path} includes no timeline of a sign-in: none is kept.");
    };
    let about = about.as_ref().map_or_else(
        || "it does not say which one".to_owned(),
        ToString::to_string,
    );
    if *kept {
        format!(
            "{path} includes the timeline of the last sign-in ({about}) from {from}; {}.",
            last_timeline::TURNED_OFF
        )
    } else {
        format!("{path} includes the timeline {from} ({about}).")
    }
}

impl BundledTimeline {
    /// What it says.
    pub(in crate::cli) fn account(&self) -> SignInAccount {
        SignInAccount::new(self.about.clone(), self.timeline.clone())
    }

    fn to_json(&self) -> Value {
        let about = self.about.as_ref();
        json!({
            "from": self.from,
            "kept_by_hybridd": self.kept,
            "to_keep_none": self.kept.then_some(last_timeline::TURNED_OFF),
            "command": about.map(|about| &about.command),
            "rp_id": about.map(|about| &about.rp_id),
            "time": about.map(|about| &about.time),
        })
    }
}

/// The timeline that a person named cannot be read.
#[derive(Debug)]
pub(in crate::cli) struct TimelineUnread {
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

/// All of it as JSON.
pub(in crate::cli) fn bundle(
    dossier: &Dossier<'_>,
    system: &System,
    settings: &Value,
    timeline: Option<&BundledTimeline>,
) -> String {
    let sign_in = timeline.map(BundledTimeline::to_json);
    let timeline: Option<Vec<_>> = timeline.map(|bundled| {
        { bundled.timeline.entries() }
            .iter()
            .map(TimelineEntry::to_json)
            .collect()
    });
    let findings =
        |findings: &[Finding]| -> Vec<Value> { findings.iter().map(Finding::to_json).collect() };
    let mut bundle = json!({
        "hybridd": env!("CARGO_PKG_VERSION"),
        "sandbox": system.sandbox.as_ref().map(|sandbox| printable(&sandbox.to_string())),
        "virtual_machine": system.machine,
        "controllers": system.controllers,
        // Their values may hold passwords.
        "proxy_variables": proxy_variables(),
        "settings": settings,
        "policy_refuses": dossier.refusal(),
        "first_stage": dossier.first_stage().map(|first| first.to_json()),
        "security_key_kept_away": dossier.key_kept_away(),
        "checks": dossier.checks.iter().map(Check::to_json).collect::<Vec<Value>>(),
        "findings": dossier.conclusion.findings().map(Finding::to_json).collect::<Vec<Value>>(),
        "sign_in": sign_in,
        "sign_in_findings": dossier.sign_in.map(|account| findings(&account.findings)),
        "timeline": timeline,
        "inspection": dossier.inspection.map(Inspection::to_impersonal_json),
        "policy": dossier.policy.map(Judgement::to_json),
        "history_unread": dossier.history_unread,
        "weeks": dossier.weeks.iter().map(WeekSummary::to_json).collect::<Vec<Value>>(),
    });
    if let (Some(bundle), Value::Object(surroundings)) =
        (bundle.as_object_mut(), dossier.surroundings.to_json())
    {
        bundle.extend(surroundings);
    }
    bundle.to_string()
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
