//! Time in which this program did not run: the computer was suspended, or the program stopped.

use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::Duration;

/// No wait of a session's loop is longer than a second, and a busy computer adds less than this.
const PAUSE: Duration = Duration::from_secs(5);
/// What came meanwhile is looked at before the deadlines that passed meanwhile.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// A tunnel that survived answers a ping in this time.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// [`since_start`]; in unit tests, which turn their own clock, no time passes here: else a computer
/// that is busy with other tests would be a pause.
pub(super) fn clock() -> Duration {
    if cfg!(test) {
        Duration::ZERO
    } else {
        since_start()
    }
}

/// Time since the computer was started, suspensions included, which other clocks leave out.
fn since_start() -> Duration {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Boottime);
    let part = |number: i64| u64::try_from(number).unwrap_or_default();
    Duration::from_secs(part(tv_sec)) + Duration::from_nanos(part(tv_nsec))
}

/// The pause in a wait that was to be short; nothing when there was none.
pub(super) fn between(before: Duration, after: Duration) -> Option<Duration> {
    let waited = after.saturating_sub(before);
    (waited > PAUSE).then_some(waited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wait_that_is_longer_than_a_busy_computer_makes_it_is_a_pause() {
        let second = Duration::from_secs(1);
        assert_eq!(between(second, 2 * second), None);
        assert_eq!(between(second, 6 * second), None);
        assert_eq!(between(second, 7 * second), Some(6 * second));
        assert_eq!(between(7 * second, second), None, "no clock runs backwards");
        assert!(since_start() > Duration::ZERO);
    }
}
