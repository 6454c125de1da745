//! Logging to standard error, as the settings ask. Of our own crates alone: what libraries log at
//! their lower levels can hold request lines and frames, and with them secrets.

use crate::screen;
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

/// Whether a text says what is to be logged.
pub fn is_filter(text: &str) -> bool {
    read(text).is_some()
}

/// The library's reader cuts within a character and panics (0.3.23: `a¡=` after a blank); nothing
/// that is logged has such a name.
fn read(text: &str) -> Option<EnvFilter> {
    let text = text.is_ascii().then_some(text)?;
    EnvFilter::try_new(text).ok()
}

/// Starts logging. Records of the `log` crate are not bridged.
pub fn init(filter: &str) {
    let asked = read(filter).unwrap_or_else(|| EnvFilter::new("warn"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_to_be_logged_is_a_level_or_a_list() {
        for text in ["warn", "off", "info,hybrid_dial=debug", "hybridd"] {
            assert!(is_filter(text), "{text}");
        }
        for text in ["a=b=c", "hybridd=loud", " a\u{a1}="] {
            assert!(!is_filter(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*", ascii in "[a-z=,:\\[\\]{}\"\\\\./*+0-9 -]{0,40}") {
            let _ = is_filter(&text);
            let _ = is_filter(&ascii);
        }
    }
}
