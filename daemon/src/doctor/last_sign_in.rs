//! Which sign-in failed last, and of which kind it was: one from the command line needs no security
//! key.

use super::sign_in_account::SignInAccount;
use crate::history::CeremonyRecord;

/// What is known of it.
#[derive(Clone, Copy)]
pub enum LastSignIn<'a> {
    /// Nothing.
    Unknown,
    /// `hybridd register` or `hybridd sign-in`.
    Command(&'a SignInAccount),
    /// A program that used the security key; of it there is a line of the history alone.
    SecurityKey(&'a CeremonyRecord),
}

impl<'a> LastSignIn<'a> {
    /// Of the last ones of both kinds the one that failed last; the newer one when none failed.
    pub fn of(command: Option<&'a SignInAccount>, key: Option<&'a CeremonyRecord>) -> Self {
        match (command, key) {
            (None, None) => Self::Unknown,
            (Some(command), None) => Self::Command(command),
            (None, Some(key)) => Self::SecurityKey(key),
            (Some(command), Some(key)) => {
                let failed = (command.failed_at().is_some(), !key.is_done());
                // Both times are in UTC, and written alike.
                let newer = { command.about.as_ref() }.is_none_or(|about| about.time >= key.time);
                match (failed, newer) {
                    ((true, false), _) | ((true, true) | (false, false), true) => {
                        Self::Command(command)
                    }
                    ((false, true), _) | ((true, true) | (false, false), false) => {
                        Self::SecurityKey(key)
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::timeline::{
        AboutSignIn, EventKind, FailureKind, SessionFailure, Timeline, TimelineEntry,
    };
    use hybrid_protocol::Stage;
    use std::time::Duration;

    fn command(time: &str, failed: bool) -> SignInAccount {
        let mut timeline = Timeline::default();
        let failure = SessionFailure {
            at: Stage::Advert,
            why: FailureKind::TimedOut,
            detail: "x".to_owned(),
        };
        let failure = failed.then_some(EventKind::Failed(failure));
        for what in failure.into_iter().chain([EventKind::Done { ok: !failed }]) {
            let at = Duration::from_secs(1);
            timeline.push(TimelineEntry { at, what });
        }
        let about = AboutSignIn {
            command: "sign-in".to_owned(),
            rp_id: "example.com".to_owned(),
            time: time.to_owned(),
        };
        SignInAccount::new(Some(about), timeline)
    }

    fn key(time: &str, result: &str) -> CeremonyRecord {
        CeremonyRecord {
            time: time.to_owned(),
            by: "agent".to_owned(),
            result: result.to_owned(),
            ..CeremonyRecord::sample()
        }
    }

    #[test]
    fn the_one_that_failed_last_is_told_of() {
        let (early, late) = ("2026-11-29T01:00:00Z", "2026-11-29T02:00:00Z");
        for (command, key, of_key) in [
            (command(early, true), key(late, "AD01"), true),
            (command(late, true), key(early, "AD01"), false),
            (command(early, true), key(late, "ok"), false),
            (command(late, false), key(early, "AD01"), true),
            (command(early, false), key(late, "ok"), true),
            (command(late, false), key(early, "ok"), false),
        ] {
            let last = LastSignIn::of(Some(&command), Some(&key));
            let is_key = matches!(last, LastSignIn::SecurityKey(_));
            assert_eq!(is_key, of_key, "{:?} {key:?}", command.about);
        }
        assert!(matches!(LastSignIn::of(None, None), LastSignIn::Unknown));
    }
}
