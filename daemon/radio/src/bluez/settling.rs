//! One cause at a time: what passes within a moment is not told.
//!
//! A bluetoothd that is restarted switches its adapter off, removes it and leaves the bus, all
//! within a tenth of a second; the next one brings the adapter back switched off, and switches it
//! on after about 0.6 s. Told as it happens, that would be three contradicting findings and a
//! fourth. So a trouble is held for a while: what follows replaces it, and an adapter that listens
//! again ends it.

use crate::event::RadioEvent;
use hybrid_diagnosis::explain;
use hybrid_diagnosis::observation::radio::Trouble;
use std::time::{Duration, Instant};

/// For an adapter that goes off or away: what is really going on shows within a tenth of a second,
/// and on a slow computer within one.
const MOMENT: Duration = Duration::from_secs(1);
/// For bluetoothd to be restarted, and for its adapter to be there again and switched on.
const RESTART: Duration = Duration::from_secs(2);
/// Nothing is held for longer, whatever follows what.
const LONGEST: Duration = Duration::from_secs(5);

/// What was not told yet.
#[derive(Default)]
pub(super) struct Settling {
    /// Something was told: who starts is told at once.
    begun: bool,
    /// bluetoothd or its adapter was away, and none has listened since: what comes back is off at
    /// first.
    coming_back: bool,
    held: Option<Held>,
}

struct Held {
    trouble: Trouble,
    due: Instant,
    latest: Instant,
}

impl Settling {
    /// Takes what the radio says, and gives what is to be told now.
    pub(super) fn take(&mut self, event: RadioEvent, now: Instant) -> Option<RadioEvent> {
        match event {
            RadioEvent::Trouble(trouble) => self.trouble(trouble, now).map(RadioEvent::Trouble),
            RadioEvent::Listening(_) => {
                (self.begun, self.coming_back, self.held) = (true, false, None);
                Some(event)
            }
            RadioEvent::Advert(_) | RadioEvent::Neighbour => Some(event),
        }
    }

    fn trouble(&mut self, trouble: Trouble, now: Instant) -> Option<Trouble> {
        let patience = self.patience(&trouble);
        // An adapter that was plugged in a moment ago is not reported yet: that is no word to begin
        // with.
        let first = !std::mem::replace(&mut self.begun, true);
        if (first && !matches!(trouble, Trouble::Unlisted(_))) || patience.is_zero() {
            self.held = None;
            return Some(trouble);
        }
        // What went away says more than that nothing is there.
        let code = |trouble| explain::radio(trouble).code;
        if self
            .held
            .as_ref()
            .is_some_and(|held| code(&held.trouble) == code(&trouble))
        {
            return None;
        }
        let latest = self.held.as_ref().map_or(now + LONGEST, |held| held.latest);
        self.held = Some(Held {
            trouble,
            due: latest.min(now + patience),
            latest,
        });
        None
    }

    /// How long it has to last.
    fn patience(&mut self, trouble: &Trouble) -> Duration {
        match trouble {
            Trouble::NoDbus(_)
            | Trouble::NoBluetoothd
            | Trouble::NoController
            | Trouble::Silent(_)
            | Trouble::Hidden(_)
            | Trouble::BluetoothdGone => {
                self.coming_back = true;
                RESTART
            }
            Trouble::NoAdapter | Trouble::NoSuchAdapter(_) | Trouble::AdapterGone(_) => {
                if std::mem::replace(&mut self.coming_back, true) {
                    RESTART
                } else {
                    MOMENT
                }
            }
            Trouble::Unlisted(_) => {
                self.coming_back = true;
                RESTART
            }
            Trouble::Off | Trouble::AdapterOff(_) if self.coming_back => RESTART,
            Trouble::Off | Trouble::AdapterOff(_) => MOMENT,
            // Nothing of this belongs to a restart. A scan that does not start was tried twice.
            Trouble::Blocked { .. }
            | Trouble::Denied(_)
            | Trouble::NoLowEnergy
            | Trouble::Busy(_)
            | _ => Duration::ZERO,
        }
    }

    /// When what is held has lasted long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        self.held.as_ref().map(|held| held.due)
    }

    /// What has lasted long enough.
    pub(super) fn over(&mut self, now: Instant) -> Option<RadioEvent> {
        let held = self.held.take_if(|held| held.due <= now)?;
        Some(RadioEvent::Trouble(held.trouble))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays what is said, each at so many milliseconds, up to an end; what is told, and when.
    fn told(said: Vec<(u64, RadioEvent)>, end: u64) -> Vec<(u64, RadioEvent)> {
        let start = Instant::now();
        let (mut settling, mut told) = (Settling::default(), Vec::new());
        let mut said = said.into_iter().peekable();
        for ms in 0..=end {
            let now = start + Duration::from_millis(ms);
            told.extend(settling.over(now).map(|event| (ms, event)));
            while let Some((_, event)) = said.next_if(|(at, _)| *at == ms) {
                told.extend(settling.take(event, now).map(|event| (ms, event)));
            }
        }
        assert!(said.peek().is_none());
        told
    }

    fn trouble(trouble: Trouble) -> RadioEvent {
        RadioEvent::Trouble(trouble)
    }

    fn listening() -> RadioEvent {
        RadioEvent::Listening(vec!["hci0".to_owned()])
    }

    fn gone() -> RadioEvent {
        trouble(Trouble::AdapterGone("hci0".to_owned()))
    }

    #[test]
    fn a_restart_of_bluetoothd_is_waited_for_in_silence() {
        let said = vec![
            (0, listening()),
            (100, trouble(Trouble::Off)),
            (150, gone()),
            (200, trouble(Trouble::BluetoothdGone)),
            (1200, trouble(Trouble::NoBluetoothd)),
            (1500, trouble(Trouble::NoAdapter)),
            (1600, trouble(Trouble::Off)),
            (2300, listening()),
        ];
        assert_eq!(told(said, 9000), [(0, listening()), (2300, listening())]);
    }

    #[test]
    fn a_bluetoothd_that_stays_away_is_told_by_the_first_word_for_it_alone() {
        let said = vec![
            (0, listening()),
            (100, trouble(Trouble::Off)),
            (150, gone()),
            (200, trouble(Trouble::BluetoothdGone)),
            (1200, trouble(Trouble::NoBluetoothd)),
        ];
        let stopped = trouble(Trouble::BluetoothdGone);
        assert_eq!(told(said, 9000), [(0, listening()), (2200, stopped)]);
    }

    #[test]
    fn an_adapter_that_is_left_off_by_the_next_bluetoothd_is_told() {
        let said = vec![
            (0, listening()),
            (100, trouble(Trouble::BluetoothdGone)),
            (1000, trouble(Trouble::Off)),
        ];
        let off = trouble(Trouble::Off);
        assert_eq!(told(said, 9000), [(0, listening()), (3000, off)]);
    }

    #[test]
    fn an_adapter_that_was_plugged_in_is_given_time_to_be_switched_on() {
        let said = vec![
            (0, trouble(Trouble::NoAdapter)),
            (5000, trouble(Trouble::Off)),
            (5600, listening()),
            (7000, gone()),
            (8100, trouble(Trouble::Off)),
            (8900, listening()),
        ];
        let none = trouble(Trouble::NoAdapter);
        assert_eq!(
            told(said, 9000),
            [
                (0, none),
                (5600, listening()),
                (8000, gone()),
                (8900, listening())
            ]
        );
    }

    #[test]
    fn a_person_who_switches_bluetooth_off_is_told_in_a_moment_and_airplane_mode_at_once() {
        let said = vec![
            (0, listening()),
            (100, trouble(Trouble::Off)),
            (2000, listening()),
            (3000, trouble(Trouble::Off)),
            (3100, trouble(Trouble::Blocked { hard: false })),
        ];
        assert_eq!(
            told(said, 9000),
            [
                (0, listening()),
                (1100, trouble(Trouble::Off)),
                (2000, listening()),
                (3100, trouble(Trouble::Blocked { hard: false })),
            ]
        );
    }

    #[test]
    fn an_adapter_that_bluetoothd_does_not_report_yet_is_given_time() {
        let unlisted = || trouble(Trouble::Unlisted("hci0".to_owned()));
        let soon = vec![(0, unlisted()), (700, listening())];
        assert_eq!(told(soon, 9000), [(700, listening())]);
        assert_eq!(told(vec![(0, unlisted())], 9000), [(2000, unlisted())]);
    }

    #[test]
    fn what_is_wrong_from_the_start_is_told_at_once() {
        let off = trouble(Trouble::Off);
        assert_eq!(told(vec![(0, off.clone())], 1000), [(0, off)]);
    }

    #[test]
    fn an_adapter_that_flaps_without_end_is_told_all_the_same() {
        let flapping = (0..40).map(|turn| {
            let trouble = if turn % 2 == 0 {
                Trouble::Off
            } else {
                Trouble::NoAdapter
            };
            (100 + turn * 500, RadioEvent::Trouble(trouble))
        });
        let said = std::iter::once((0, listening())).chain(flapping).collect();
        let told = told(said, 20_000);
        assert!(told.get(1).is_some_and(|(ms, _)| *ms <= 5100), "{told:?}");
    }
}
