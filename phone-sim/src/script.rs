//! What a phone is told to do differently: which faults it plays, and where it dawdles.

use crate::fault::Fault;
use hybrid_protocol::Stage;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The script of one session. The default is a phone that behaves well.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Script {
    /// Played together, each at its moment; at the same moment in this order.
    pub faults: Vec<Fault>,
    /// Waits before a stage.
    pub delays: Vec<Delay>,
    /// How it takes a no of its user.
    pub on_no: OnNo,
}

/// What a phone does when its user says no.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OnNo {
    /// It replies with a status, as the specification has it.
    #[default]
    Replies,
    /// It closes the tunnel without a word, as iPhones do.
    Closes,
}

/// A wait before the phone's part of a stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delay {
    stage: Stage,
    by: Duration,
}

/// Nothing waits longer; the desktop's own patience ends before.
const LONGEST: Duration = Duration::from_secs(600);
/// The stages in which the phone has a part: opening, advertising, answering, greeting, asking its
/// user.
const STAGES: [Stage; 5] = [
    Stage::Tunnel,
    Stage::Advert,
    Stage::Handshake,
    Stage::Greeting,
    Stage::Reply,
];

impl Script {
    /// How long to wait before the phone's part of a stage.
    pub fn delay(&self, stage: Stage) -> Duration {
        self.delays
            .iter()
            .filter(|delay| delay.stage == stage)
            .map(|delay| delay.by)
            .sum()
    }
}

impl FromStr for Delay {
    type Err = DelayError;

    fn from_str(text: &str) -> Result<Self, DelayError> {
        let wrong = || DelayError(text.to_owned());
        let (stage, ms) = text.split_once('=').ok_or_else(wrong)?;
        let stage = Stage::from_name(stage)
            .filter(|stage| STAGES.contains(stage))
            .ok_or_else(wrong)?;
        let digits = !ms.is_empty() && ms.bytes().all(|byte| byte.is_ascii_digit());
        let ms = digits
            .then(|| ms.parse().ok())
            .flatten()
            .ok_or_else(wrong)?;
        let by = Some(Duration::from_millis(ms))
            .filter(|by| *by <= LONGEST)
            .ok_or_else(wrong)?;
        Ok(Self { stage, by })
    }
}

/// As it is typed.
impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.stage, self.by.as_millis())
    }
}

/// A text that is no delay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DelayError(String);

impl fmt::Display for DelayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages: Vec<_> = STAGES.iter().map(|stage| stage.name()).collect();
        write!(
            f,
            "expected STAGE=MS with one of {} and at most {} ms, got {}",
            stages.join(", "),
            LONGEST.as_millis(),
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for DelayError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn delays_of_the_same_stage_add_up_and_others_do_not_count() {
        let delays = ["advert=300", "advert=200", "reply=7"]
            .map(|text| text.parse().unwrap())
            .to_vec();
        let script = Script {
            delays,
            ..Script::default()
        };
        assert_eq!(script.delay(Stage::Advert), Duration::from_millis(500));
        assert_eq!(script.delay(Stage::Tunnel), Duration::ZERO);
    }

    #[test]
    fn a_stage_in_which_the_phone_has_no_part_is_refused() {
        for text in [
            "linger=3",
            "advert",
            "advert=",
            "advert=+3",
            "advert=600001",
            "=3",
            "advert=99999999999999999999",
        ] {
            let error = text.parse::<Delay>().unwrap_err().to_string();
            assert!(
                error.contains("tunnel, advert, handshake, greeting, reply"),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_delay_is_read_back_from_what_it_prints(stage in proptest::sample::select(STAGES.to_vec()), ms in 0..=600_000_u64) {
            let delay = Delay { stage, by: Duration::from_millis(ms) };
            prop_assert_eq!(delay.to_string().parse(), Ok(delay));
        }

        #[test]
        fn reading_any_text_never_panics(text in ".{0,40}") {
            let _ = text.parse::<Delay>();
        }
    }
}
