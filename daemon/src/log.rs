//! Logging to standard error, as the settings ask. Of our own crates alone: what libraries log at
//! their lower levels can hold request lines and frames, and with them secrets.

use crate::screen;
use hybrid_process::log_filter;
use std::env;
use std::io::{self, IsTerminal as _};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

const OURS: [&str; 6] = [
    "hybridd",
    "hybrid_diagnosis",
    "hybrid_dial",
    "hybrid_protocol",
    "hybrid_radio",
    "hybrid_webauthn",
];

/// Whether a text says what is to be logged.
pub fn is_filter(text: &str) -> bool {
    log_filter(text).is_some()
}

/// Starts logging. Records of the `log` crate are not bridged.
pub fn init(filter: &str) {
    let asked =
        log_filter(filter).unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(screen::stderr)
        // A journal keeps what it is told as it is.
        .with_ansi(io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none())
        // The library would panic where standard error cannot be written.
        .log_internal_errors(false)
        .with_filter(asked.and(filter_fn(is_safe)));
    // A second call, in tests, changes nothing.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
}

fn is_safe(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN || OURS.iter().any(|name| metadata.target().starts_with(name))
}
