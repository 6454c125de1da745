//! The ticker that tells a program that its request is still worked on.

use crate::limits::KEEPALIVE_INTERVAL;
use std::time::Instant;

/// What a keepalive says (CTAP 2.2 §11.2.9.1.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Nothing is on the screen yet.
    Processing,
    /// A person is waited for.
    UserPresenceNeeded,
}

impl Progress {
    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Processing => 1,
            Self::UserPresenceNeeded => 2,
        }
    }
}

/// One request's ticker.
pub struct Keepalive {
    progress: Progress,
    due: Instant,
}

impl Keepalive {
    /// Starts ticking.
    pub fn new(now: Instant) -> Self {
        Self {
            progress: Progress::Processing,
            due: now + KEEPALIVE_INTERVAL,
        }
    }

    /// When the next tick is due.
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// The prompt is on the screen. Heard with the next tick.
    pub const fn shown(&mut self) {
        self.progress = Progress::UserPresenceNeeded;
    }

    /// The tick that is due, if one is. After a stall there is one and not all that were missed:
    /// the next is counted from now.
    pub fn tick(&mut self, now: Instant) -> Option<Progress> {
        if now < self.due {
            return None;
        }
        self.due = now + KEEPALIVE_INTERVAL;
        Some(self.progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_stall_is_followed_by_one_tick_and_no_burst() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut keepalive = Keepalive::new(start);
        assert_eq!(keepalive.tick(at(99)), None);
        assert_eq!(keepalive.tick(at(100)), Some(Progress::Processing));
        keepalive.shown();
        assert_eq!(keepalive.tick(at(5000)), Some(Progress::UserPresenceNeeded));
        assert_eq!(keepalive.tick(at(5001)), None);
        assert_eq!(keepalive.due(), at(5100));
    }
}
