//! The log, to standard error: of our own crates alone, because what libraries write can be chosen
//! by whoever connects; and of each kind of record no more than an operator can read, because
//! clients without any authentication cause some of them.

use super::output::{Missing, Output};
use core::time::Duration;
use hybrid_process::log_filter;
use hybrid_tunnel_server::LogFormat;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tracing::callsite::Identifier;
use tracing::{Dispatch, Metadata, Subscriber, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

/// Whose records are written. Those of the `log` crate, with which rustls and tungstenite write,
/// are not even collected.
const OURS: [&str; 3] = ["hybrid_tunnel_server", "tunnel_server", "hybrid_protocol"];

/// In the long run there is a record of one kind each so often, 20 a second.
const EACH: Duration = Duration::from_millis(50);
/// So many may come at once.
const BURST: u32 = 200;

/// Starts the log. Until then nothing is logged.
pub(crate) fn start(format: LogFormat) -> io::Result<Output> {
    // Not through `io::stderr`, on whose lock others would wait while nobody reads.
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let output = Output::start("log", stderr, move |missing| notice(format, missing))?;
    let asked = std::env::var("RUST_LOG").ok();
    let asked = asked.and_then(|text| log_filter(&text));
    let asked = asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let ours = filter_fn(|metadata| OURS.iter().any(|name| metadata.target().starts_with(name)));
    let measure = Measure {
        kinds: Mutex::default(),
        output: output.clone(),
    };
    let lines = lines(format, measure).with_filter(asked.and(ours));
    // A second call in one process (tests) keeps the first log.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
    Ok(output)
}

fn lines<S>(
    format: LogFormat,
    to: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    // What the layer has to say about itself would go to standard error without us.
    let lines = fmt::layer()
        .with_writer(to)
        .with_target(false)
        .with_ansi(false)
        .log_internal_errors(false);
    match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

/// The line that says what is not in the log.
fn notice(format: LogFormat, missing: Missing) -> Vec<u8> {
    let line = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&line);
    let lines = lines(format, move || MemorySink(Arc::clone(&to))).with_filter(LevelFilter::WARN);
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(lines));
    tracing::dispatcher::with_default(&dispatch, || {
        warn!(
            too_many = missing.too_many,
            unwritten = missing.unwritten,
            "log lines were dropped"
        );
    });
    let line = line.lock().unwrap_or_else(PoisonError::into_inner);
    line.clone()
}

/// A line of the log, which the layer writes at once; nothing takes those that are too many.
struct LogLine<'a>(Option<&'a Output>);

impl Write for LogLine<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Some(output) = self.0 {
            output.push(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct MemorySink(Arc<Mutex<Vec<u8>>>);

impl Write for MemorySink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lets through so many records of each kind (each place in the source), at every level. Where
/// lines are written and not as a filter: those of this library must not refuse an event that they
/// enabled.
struct Measure {
    kinds: Mutex<HashMap<Identifier, RecordKind>>,
    output: Output,
}

impl<'a> MakeWriter<'a> for Measure {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine(Some(&self.output))
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> LogLine<'a> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let kind = kinds
            .entry(metadata.callsite())
            .or_insert(RecordKind { paid: now });
        if kind.take(now) {
            self.make_writer()
        } else {
            self.output.leave_out();
            LogLine(None)
        }
    }
}

/// One kind of record.
struct RecordKind {
    /// Until when its records have used up their share.
    paid: Instant,
}

impl RecordKind {
    fn take(&mut self, now: Instant) -> bool {
        let paid = self.paid.max(now);
        let fits = paid + EACH <= now + EACH * BURST;
        if fits {
            self.paid = paid + EACH;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_kind_a_burst_is_let_through_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut kind = RecordKind { paid: start };
        let mut taken =
            |at: Duration, tries: usize| (0..tries).filter(|_| kind.take(start + at)).count();
        assert_eq!(taken(Duration::ZERO, 100_000), 200);
        assert_eq!(taken(Duration::from_secs(1), 100_000), 20);
        assert_eq!(taken(Duration::from_secs(1), 100_000), 0);
        assert_eq!(taken(Duration::from_secs(3600), 100_000), 200);
    }

    #[test]
    fn the_line_that_says_what_is_missing_has_the_form_of_all_lines() {
        let missing = Missing {
            unwritten: 3,
            too_many: 5,
        };
        let text = String::from_utf8(notice(LogFormat::Text, missing)).unwrap();
        assert!(
            text.ends_with("WARN log lines were dropped too_many=5 unwritten=3\n"),
            "{text}"
        );
        let json: serde_json::Value =
            serde_json::from_slice(&notice(LogFormat::Json, missing)).unwrap();
        assert_eq!(
            (&json["level"], &json["too_many"], &json["unwritten"]),
            (&"WARN".into(), &5.into(), &3.into())
        );
    }
}
