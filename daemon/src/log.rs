//! Logging to standard error, as `RUST_LOG` asks. Of our own crates alone: what libraries log at
//! their lower levels can hold request lines and frames, and with them secrets.

use crate::output;
use std::env;
use std::io::{self, IsTerminal as _};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

const OURS: [&str; 6] = [
    "hybridd",
    "hybrid_diagnosis",
    "hybrid_dial",
    "hybrid_protocol",
    "hybrid_radio",
    "hybrid_webauthn",
];

/// Starts logging, at this level where `RUST_LOG` asks for nothing. Records of the `log` crate are
/// not bridged.
pub fn init(usual: &str) {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(output::stderr)
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
