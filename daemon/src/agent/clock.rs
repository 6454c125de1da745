//! A clock that nobody sets and that goes on while the computer is suspended, and an alarm by it.

use super::switch::Moment;
use rustix::fd::OwnedFd;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use std::fs;
use std::io;
use std::time::Duration;
use tokio::io::unix::AsyncFd;

/// Now.
pub fn moment() -> Moment {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::Boottime);
    let part = |number: i64| u64::try_from(number).unwrap_or_default();
    Moment {
        boot: boot.trim().to_owned(),
        since: Duration::from_secs(part(tv_sec)) + Duration::from_nanos(part(tv_nsec)),
    }
}

/// Rings after a time of this clock.
pub struct Alarm(AsyncFd<OwnedFd>);

impl Alarm {
    /// One that does not ring yet.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Boottime, flags)?;
        #[expect(
            deprecated,
            reason = "an owned descriptor is open as long as its owner is"
        )]
        let timer = AsyncFd::new(timer)?;
        Ok(Self(timer))
    }

    /// Rings after this long, and never with `None`.
    ///
    /// # Errors
    /// What the system says.
    pub fn set(&self, after: Option<Duration>) -> io::Result<()> {
        // Zero would switch it off.
        let after = after.map(|after| after.max(Duration::from_millis(1)));
        let after = after.unwrap_or_default();
        let zero = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let timer = Itimerspec {
            it_interval: zero,
            it_value: Timespec {
                tv_sec: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(after.subsec_nanos()),
            },
        };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &timer)?;
        Ok(())
    }

    /// Waits until it rings, once. Cancel-safe.
    pub async fn rings(&self) {
        let mut count = [0; 8];
        while let Ok(mut ready) = self.0.readable().await {
            let read = ready.try_io(|timer| Ok(rustix::io::read(timer.get_ref(), &mut count)?));
            if let Ok(Ok(_)) = read {
                return;
            }
        }
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_alarm_rings_once_after_its_time() {
        let (alarm, before) = (Alarm::new().unwrap(), moment());
        let wait = Duration::from_millis(20);
        alarm.set(Some(wait)).unwrap();
        alarm.rings().await;
        let after = moment();
        assert_eq!(before.boot, after.boot);
        assert!(after.since - before.since >= wait);
        let again = tokio::time::timeout(wait, alarm.rings()).await;
        assert!(again.is_err());
    }
}
