//! The steps of opening a tunnel: each has a name, a deadline of its own, and is told when it is
//! over.

use crate::clock::now;
use crate::error::DialError;
use crate::fact::Fact;
use hybrid_diagnosis::observation::network::{NetStep, Step};
use hybrid_protocol::{Stage, printable};
use std::time::{Duration, Instant};

/// For all steps together: a little less than the stage has, so that the step at fault is known
/// when the stage ends.
pub const ALL: Duration = Stage::Tunnel
    .budget()
    .saturating_sub(Duration::from_millis(250));

/// For resolving a name.
pub const DNS: Duration = Duration::from_secs(5);
/// For a TCP connection, over all addresses.
pub const TCP: Duration = Duration::from_secs(5);
/// For a proxy: its name, its connection and its answer.
pub const PROXY: Duration = Duration::from_secs(6);
/// For the TLS handshake.
pub const TLS: Duration = Duration::from_secs(5);
/// For the answer to the WebSocket request.
pub const HTTP: Duration = Duration::from_secs(5);

/// Runs steps and tells them.
pub(crate) struct StepRunner<'s> {
    host: &'s str,
    /// When all of them must be over.
    by: Instant,
    tell: &'s mut (dyn FnMut(NetStep) + Send),
}

impl<'s> StepRunner<'s> {
    pub(crate) fn new(
        host: &'s str,
        by: Instant,
        tell: &'s mut (dyn FnMut(NetStep) + Send),
    ) -> Self {
        Self { host, by, tell }
    }

    /// The relay.
    pub(crate) const fn host(&self) -> &'s str {
        self.host
    }

    /// When a step must be over that begins now and has this long.
    pub(crate) fn until(&self, own: Duration) -> Instant {
        self.by.min(now() + own)
    }

    /// Runs a step that keeps its deadline itself, to say what it was waiting for.
    pub(crate) async fn run<T: Fact>(
        &mut self,
        step: Step,
        work: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        let started = now();
        let result = work.await;
        self.told(step, now().duration_since(started), result)
    }

    /// Tells a step that ran by itself.
    pub(crate) fn told<T: Fact>(
        &mut self,
        step: Step,
        took: Duration,
        result: Result<T, DialError>,
    ) -> Result<T, DialError> {
        // Both may quote what a certificate, a proxy or a relay says.
        let (outcome, addr, code) = match &result {
            Ok(done) => (Ok(printable(&done.fact())), done.addr(), done.oddity()),
            Err(error) => (
                Err(printable(&error.to_string())),
                None,
                Some(error.entry().code),
            ),
        };
        (self.tell)(NetStep {
            step,
            host: self.host.to_owned(),
            took,
            outcome,
            addr,
            code,
        });
        result
    }

    /// Runs a step that knows of no deadline.
    pub(crate) async fn run_within<T: Fact>(
        &mut self,
        step: Step,
        own: Duration,
        work: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        let (started, until) = (now(), self.until(own));
        self.run(step, async {
            tokio::time::timeout_at(until.into(), work)
                .await
                .unwrap_or_else(|_| {
                    Err(DialError::TimedOut {
                        step,
                        after: now().duration_since(started),
                    })
                })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Interruption;

    #[test]
    fn what_others_say_cannot_steer_a_terminal() {
        let mut told = Vec::new();
        let mut tell = |step| told.push(step);
        let mut steps = StepRunner::new("cable.ua5v.com", Instant::now(), &mut tell);
        let gone = std::io::Error::other("\u{1b}[2Jgone\u{9b}");
        let broken: Result<Vec<std::net::SocketAddr>, _> =
            Err(DialError::Broken(Interruption::Io(gone)));
        let _ = steps.told(Step::Http, Duration::ZERO, broken);
        let why = told[0].outcome.clone().unwrap_err();
        assert!(
            why.contains("gone") && !why.chars().any(char::is_control),
            "{why:?}"
        );
    }

    /// How long a step without end takes, when all steps have so long and it has so long of its
    /// own.
    async fn ends_after(all: u64, own: u64) -> u64 {
        let mut told = Vec::new();
        let mut tell = |step| told.push(step);
        let begun = tokio::time::Instant::now();
        let by = begun.into_std() + Duration::from_secs(all);
        let mut steps = StepRunner::new("cable.ua5v.com", by, &mut tell);
        let never = std::future::pending::<Result<Vec<std::net::SocketAddr>, _>>();
        let result = steps
            .run_within(Step::Tls, Duration::from_secs(own), never)
            .await;
        assert!(matches!(
            result,
            Err(DialError::TimedOut {
                step: Step::Tls,
                ..
            })
        ));
        assert_eq!(told[0].code, Some("NW07"));
        begun.elapsed().as_secs_f64().round() as u64
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_ends_at_its_own_deadline() {
        assert_eq!(ends_after(60, 5).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_ends_when_all_of_them_must() {
        assert_eq!(ends_after(3, 5).await, 3);
    }
}
