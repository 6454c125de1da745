//! What the relay counts, and its text form (OpenMetrics). No address, id or name is ever a label.

use crate::admission::refusal::Refusal;
use crate::websocket::close::CloseReason;
use core::fmt::Write as _;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

/// A number that only goes up, or a gauge.
#[derive(Default, Debug)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn sub(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long things took, in buckets.
#[derive(Debug)]
pub(crate) struct Times<const N: usize> {
    bounds: [f64; N],
    buckets: [Count; N],
    count: Count,
    micros: Count,
}

impl<const N: usize> Times<N> {
    fn new(bounds: [f64; N]) -> Self {
        Self {
            bounds,
            buckets: core::array::from_fn(|_| Count::default()),
            count: Count::default(),
            micros: Count::default(),
        }
    }

    pub(crate) fn add(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        if let Some((_, bucket)) = self
            .bounds
            .iter()
            .zip(&self.buckets)
            .find(|(bound, _)| seconds <= **bound)
        {
            bucket.add(1);
        }
        self.count.add(1);
        self.micros
            .add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    fn write(&self, out: &mut String, name: &str, help: &str) {
        let _ = writeln!(
            out,
            "# TYPE {name} histogram\n# UNIT {name} seconds\n# HELP {name} {help}"
        );
        let mut sum = 0;
        for (bound, bucket) in self.bounds.iter().zip(&self.buckets) {
            sum += bucket.now();
            let _ = writeln!(out, "{name}_bucket{{le=\"{bound:?}\"}} {sum}");
        }
        let count = self.count.now().max(sum);
        #[expect(clippy::cast_precision_loss, reason = "a sum of seconds for a graph")]
        let seconds = self.micros.now() as f64 / 1e6;
        let _ = writeln!(
            out,
            "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {seconds:.6}\n{name}_count {count}"
        );
    }
}

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) accepted: Count,
    pub(crate) accept_paused: Count,
    pub(crate) accept_failed: Count,
    pub(crate) opened: Count,
    pub(crate) joined: Count,
    pub(crate) pairs: Count,
    pub(crate) early_full: Count,
    pub(crate) cut: Count,
    pub(crate) messages: Count,
    pub(crate) bytes: Count,
    pub(crate) contacts: Count,
    pub(crate) revoked: Count,
    pub(crate) reloads: Count,
    pub(crate) reloads_failed: Count,
    pub(crate) handshake: Times<8>,
    pub(crate) waited: Times<8>,
    pub(crate) lasted: Times<8>,
    refused: [Count; Refusal::ALL.len()],
    ended: [Count; CloseReason::ALL.len()],
    listening_ended: [Count; CloseReason::ALL.len()],
}

/// What is known only to others at the moment of asking.
pub(crate) struct Gauges {
    pub(crate) rooms: u64,
    pub(crate) waiting: u64,
    pub(crate) openings: u64,
    pub(crate) listeners: u64,
    pub(crate) draining: bool,
    /// Lines of the file of revocations that are none.
    pub(crate) bad_revocations: u64,
    /// When the certificate expires, counted from 1970.
    pub(crate) expires: Option<Duration>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            accepted: Count::default(),
            accept_paused: Count::default(),
            accept_failed: Count::default(),
            opened: Count::default(),
            joined: Count::default(),
            pairs: Count::default(),
            early_full: Count::default(),
            cut: Count::default(),
            messages: Count::default(),
            bytes: Count::default(),
            contacts: Count::default(),
            revoked: Count::default(),
            reloads: Count::default(),
            reloads_failed: Count::default(),
            handshake: Times::new([0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0]),
            waited: Times::new([0.1, 0.5, 1.0, 3.0, 10.0, 30.0, 90.0, 180.0]),
            lasted: Times::new([0.5, 1.0, 3.0, 10.0, 30.0, 90.0, 300.0, 900.0]),
            refused: core::array::from_fn(|_| Count::default()),
            ended: core::array::from_fn(|_| Count::default()),
            listening_ended: core::array::from_fn(|_| Count::default()),
        }
    }

    pub(crate) fn refused(&self, refusal: Refusal) {
        let counts = Refusal::ALL.iter().zip(&self.refused);
        counts
            .filter(|(which, _)| **which == refusal)
            .for_each(|(_, count)| count.add(1));
    }

    pub(crate) fn ended(&self, reason: CloseReason) {
        count_ending(&self.ended, reason);
    }

    pub(crate) fn listening_ended(&self, reason: CloseReason) {
        count_ending(&self.listening_ended, reason);
    }

    /// The OpenMetrics text.
    pub(crate) fn text(&self, gauges: &Gauges) -> String {
        let mut out = String::with_capacity(8 * 1024);
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(
            out,
            "# TYPE tunnel_build info\n# HELP tunnel_build The program.\ntunnel_build_info{{version=\"{version}\"}} 1"
        );
        for (name, help, now) in [
            ("rooms", "Open tunnels, waiting and joined.", gauges.rooms),
            (
                "rooms_waiting",
                "Tunnels in which one side waits for the other.",
                gauges.waiting,
            ),
            ("pairs", "Tunnels with both sides joined.", self.pairs.now()),
            (
                "openings",
                "Connections with an unfinished request.",
                gauges.openings,
            ),
            (
                "listeners",
                "Phones listening for contacts.",
                gauges.listeners,
            ),
            (
                "draining",
                "1 while the relay drains and accepts no new tunnels.",
                u64::from(gauges.draining),
            ),
            (
                "revocations_bad_lines",
                "Malformed lines in the revocations file when it was last read.",
                gauges.bad_revocations,
            ),
        ] {
            let _ = writeln!(
                out,
                "# TYPE tunnel_{name} gauge\n# HELP tunnel_{name} {help}\ntunnel_{name} {now}"
            );
        }
        if let Some(expires) = gauges.expires {
            let name = "tunnel_certificate_expiry_timestamp_seconds";
            let _ = writeln!(
                out,
                "# TYPE {name} gauge\n# UNIT {name} seconds\n# HELP {name} When the certificate expires, since 1970.\n{name} {}",
                expires.as_secs()
            );
        }
        for (name, help, count) in [
            (
                "connections_accepted",
                "Connections accepted.",
                &self.accepted,
            ),
            (
                "accept_paused",
                "Times that accepting paused because of accept_rate.",
                &self.accept_paused,
            ),
            (
                "accept_failed",
                "Failed attempts to accept connections, for example for lack of file descriptors.",
                &self.accept_failed,
            ),
            ("tunnels_opened", "Tunnels opened.", &self.opened),
            (
                "tunnels_joined",
                "Tunnels joined by their second side.",
                &self.joined,
            ),
            (
                "early_full",
                "Waiting sides that filled their buffer, so that reading paused until the other side joined.",
                &self.early_full,
            ),
            (
                "connections_cut",
                "Connections that were cut because the closing handshake timed out.",
                &self.cut,
            ),
            (
                "messages",
                "Messages begun, in both directions.",
                &self.messages,
            ),
            (
                "payload_bytes",
                "Payload bytes of messages, in both directions.",
                &self.bytes,
            ),
            (
                "contacts",
                "Contacts delivered to a listening phone.",
                &self.contacts,
            ),
            (
                "contacts_revoked",
                "Contact ids revoked by their phones.",
                &self.revoked,
            ),
            (
                "reloads",
                "Complete reloads of certificate, limits and revocations.",
                &self.reloads,
            ),
            (
                "reloads_failed",
                "Reloads in which a part failed, so that its previous state stays in force.",
                &self.reloads_failed,
            ),
        ] {
            let now = count.now();
            let unit = if name.ends_with("_bytes") {
                format!("# UNIT tunnel_{name} bytes\n")
            } else {
                String::new()
            };
            let _ = writeln!(
                out,
                "# TYPE tunnel_{name} counter\n{unit}# HELP tunnel_{name} {help}\ntunnel_{name}_total {now}"
            );
        }
        let _ = writeln!(
            out,
            "# TYPE tunnel_refused counter\n# HELP tunnel_refused Requests refused, by reason."
        );
        for (refusal, count) in Refusal::ALL.iter().zip(&self.refused) {
            let _ = writeln!(
                out,
                "tunnel_refused_total{{reason=\"{}\"}} {}",
                refusal.label(),
                count.now()
            );
        }
        for (name, help, counts) in [
            ("tunnels_ended", "Tunnels ended, by cause.", &self.ended),
            (
                "listeners_ended",
                "Listening phones that ended, by cause.",
                &self.listening_ended,
            ),
        ] {
            let _ = writeln!(
                out,
                "# TYPE tunnel_{name} counter\n# HELP tunnel_{name} {help}"
            );
            for (reason, count) in CloseReason::ALL.iter().zip(counts) {
                let _ = writeln!(
                    out,
                    "tunnel_{name}_total{{ended=\"{}\"}} {}",
                    reason.label(),
                    count.now()
                );
            }
        }
        self.handshake.write(
            &mut out,
            "tunnel_tls_handshake_seconds",
            "Duration of TLS handshakes.",
        );
        self.waited.write(
            &mut out,
            "tunnel_waited_seconds",
            "Time a side waited for the other.",
        );
        self.lasted.write(
            &mut out,
            "tunnel_lasted_seconds",
            "Lifetime of joined tunnels.",
        );
        out.push_str("# EOF\n");
        out
    }
}

fn count_ending(counts: &[Count; CloseReason::ALL.len()], reason: CloseReason) {
    let counts = CloseReason::ALL.iter().zip(counts);
    counts
        .filter(|(which, _)| which.label() == reason.label())
        .for_each(|(_, count)| count.add(1));
}
