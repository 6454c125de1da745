//! Logging to standard error, as `RUST_LOG` asks. Of our own crates alone: what libraries log at
//! their lower levels can hold request lines and frames, and with them secrets.

use crate::output;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

/// Starts logging. Records of the `log` crate are not bridged.
pub fn init() {
    let asked = asked(std::env::var("RUST_LOG").ok().as_deref());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(output::stderr)
        // The library would panic where standard error cannot be written.
        .log_internal_errors(false)
        .with_filter(asked.and(filter_fn(is_safe)));
    // A second call, in tests, changes nothing.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
}

/// What `RUST_LOG` asks for; the usual where it is no filter. The library's reader cuts within a
/// character and panics (0.3.23: `a¡=` after a blank); nothing that is logged has such a name.
fn asked(text: Option<&str>) -> EnvFilter {
    let text = text.filter(|text| text.is_ascii());
    let asked = text.and_then(|text| EnvFilter::try_new(text).ok());
    asked.unwrap_or_else(|| EnvFilter::new("warn"))
}

fn is_safe(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    *metadata.level() <= Level::WARN
        || target.starts_with("phone_sim")
        || target.starts_with("hybrid_protocol")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_is_the_usual_one() {
        for text in [" a\u{a1}=", "\u{a1}", "a=b=c", "="] {
            assert_eq!(
                asked(Some(text)).to_string(),
                asked(None).to_string(),
                "{text}"
            );
        }
        assert_eq!(asked(Some("debug")).to_string(), "debug");
    }
}
