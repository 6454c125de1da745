//! Logging to standard error, as `RUST_LOG` asks. Of our own crates alone: what libraries log at
//! their lower levels can hold request lines and frames, and with them secrets.

use crate::output;
use hybrid_process::log_filter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

/// Starts logging. Records of the `log` crate are not bridged.
pub fn init() {
    let asked = std::env::var("RUST_LOG").ok();
    let asked = asked.and_then(|text| log_filter(&text));
    let asked = asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(output::stderr)
        // The library would panic where standard error cannot be written.
        .log_internal_errors(false)
        .with_filter(asked.and(filter_fn(is_safe)));
    // A second call, in tests, changes nothing.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
}

fn is_safe(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    *metadata.level() <= Level::WARN
        || target.starts_with("phone_sim")
        || target.starts_with("hybrid_protocol")
}
