//! The parsers of hybrid-diagnosis, and its rules over what they read.

use hybrid_diagnosis::catalogue as others;
use hybrid_diagnosis::chromium_log;
use hybrid_diagnosis::explain::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::lookup::look_up;
use hybrid_diagnosis::timeline::Timeline;
use std::collections::BTreeSet;

/// A finding for a person: its own code, once, and nothing that steers a terminal.
fn told(findings: &[Finding]) {
    let codes: BTreeSet<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes.len(), findings.len(), "{findings:?}");
    for Finding { saw, .. } in findings {
        assert!(!saw.chars().any(char::is_control), "{saw:?}");
    }
}

/// Another browser's log.
pub fn chromium_log(data: &[u8]) {
    let Ok(attempts) = chromium_log::read(data) else {
        return;
    };
    for attempt in attempts {
        told(&attempt.findings);
        for step in attempt.steps {
            assert!(!step.saw.chars().any(char::is_control), "{:?}", step.saw);
        }
    }
}

/// A saved timeline: what is understood of it is saved and loaded alike.
pub fn timeline(data: &[u8]) {
    let _ = Timeline::version(data);
    let Ok(loaded) = Timeline::load(data) else {
        return;
    };
    let mut saved = Vec::new();
    loaded.timeline.save(&mut saved).unwrap();
    let again = Timeline::load(saved.as_slice()).unwrap();
    assert_eq!((again.skipped, again.cut), (0, false));
    assert_eq!(again.timeline, loaded.timeline);
}

/// Why a session does not advance, or did not.
pub fn explanation(data: &[u8]) {
    if let Ok(loaded) = Timeline::load(data) {
        told(&explain(&loaded.timeline, &[]));
    }
}

/// What other programs show, as people type it.
pub fn message(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(found) = look_up(&text) {
        assert!(!found.causes.is_empty());
    }
    if let Some((_, message)) = others::message(&text) {
        assert!(!message.causes.is_empty());
    }
    if let Some((_, entries)) = others::about(&text) {
        assert!(!entries.is_empty());
    }
}
