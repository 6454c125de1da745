//! The person's attention, without IO: one request at a time has it, and no program may insist on
//! it after the person said no.

use std::time::{Duration, Instant};

/// For so long nobody is asked again for a site that the person just declined.
pub const COOL_DOWN: Duration = Duration::from_secs(5);

/// Who has the person's attention.
///
/// Requests are numbered upwards, and the service asks one thing at a time: a cancel says that
/// nobody waits for its request any more, nor for an earlier one.
#[derive(Default, Debug)]
pub struct Attention {
    open: Option<Asked>,
    withdrawn: u64,
    declined: Option<(String, Instant)>,
}

#[derive(PartialEq, Eq, Debug)]
struct Asked {
    number: u64,
    rp_id: String,
}

/// Why a request is not shown to the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unheard {
    /// Its cancel was faster.
    Withdrawn,
    /// Another one is shown.
    Occupied,
    /// The person just declined one for the same site.
    JustDeclined,
}

/// How a request that was shown ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closed {
    /// By the person's own will.
    ByPerson,
    /// Any other way.
    Otherwise,
}

impl Attention {
    /// A request comes; a question that is no site's has an empty `rp_id`.
    ///
    /// # Errors
    /// Why it is not to be shown.
    pub fn ask(&mut self, number: u64, rp_id: &str, now: Instant) -> Result<(), Unheard> {
        if number <= self.withdrawn {
            return Err(Unheard::Withdrawn);
        }
        if self.open.is_some() {
            return Err(Unheard::Occupied);
        }
        if let Some((declined, at)) = &self.declined
            && declined == rp_id
            && now.saturating_duration_since(*at) < COOL_DOWN
        {
            return Err(Unheard::JustDeclined);
        }
        self.open = Some(Asked {
            number,
            rp_id: rp_id.to_owned(),
        });
        Ok(())
    }

    /// Nobody waits for it any more. Says whether it is the one that is shown.
    pub fn cancel(&mut self, number: u64) -> bool {
        self.withdrawn = self.withdrawn.max(number);
        self.open
            .take_if(|asked| asked.number <= self.withdrawn)
            .is_some()
    }

    /// It is over. Nothing happens when another one has the attention by now.
    pub fn end(&mut self, number: u64, closed: Closed, now: Instant) {
        let Some(asked) = self.open.take_if(|asked| asked.number == number) else {
            return;
        };
        if closed == Closed::ByPerson && !asked.rp_id.is_empty() {
            self.declined = Some((asked.rp_id, now));
        }
    }

    /// The service is another one, which counts from the start: whatever was asked is over. Says
    /// whether something was.
    pub fn forget_numbers(&mut self) -> bool {
        self.withdrawn = 0;
        self.open.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SITE: &str = "example.org";

    #[test]
    fn one_request_has_the_attention_and_the_next_one_is_refused() {
        let (mut attention, now) = (Attention::default(), Instant::now());
        assert_eq!(attention.ask(1, SITE, now), Ok(()));
        assert_eq!(attention.ask(2, "other.org", now), Err(Unheard::Occupied));
        attention.end(1, Closed::Otherwise, now);
        assert_eq!(attention.ask(2, SITE, now), Ok(()));
    }

    #[test]
    fn a_cancel_frees_the_attention_at_once_and_its_late_end_hits_nothing() {
        let (mut attention, now) = (Attention::default(), Instant::now());
        attention.ask(1, SITE, now).unwrap();
        assert!(attention.cancel(1));
        assert_eq!(attention.ask(2, SITE, now), Ok(()));
        attention.end(1, Closed::ByPerson, now);
        assert_eq!(attention.ask(3, SITE, now), Err(Unheard::Occupied));
        assert!(!attention.cancel(1), "it is over");
    }

    #[test]
    fn a_cancel_that_overtakes_its_request_holds() {
        let (mut attention, now) = (Attention::default(), Instant::now());
        assert!(!attention.cancel(4));
        assert_eq!(attention.ask(4, SITE, now), Err(Unheard::Withdrawn));
        assert_eq!(attention.ask(3, SITE, now), Err(Unheard::Withdrawn));
        assert_eq!(attention.ask(5, SITE, now), Ok(()));
        attention.cancel(5);
        assert!(!attention.forget_numbers());
        assert_eq!(attention.ask(1, SITE, now), Ok(()), "of another service");
        assert!(attention.forget_numbers());
    }

    #[test]
    fn only_the_persons_own_no_keeps_the_same_site_away_and_only_for_five_seconds() {
        let (mut attention, now) = (Attention::default(), Instant::now());
        attention.ask(1, SITE, now).unwrap();
        attention.end(1, Closed::ByPerson, now);
        assert_eq!(attention.ask(2, SITE, now), Err(Unheard::JustDeclined));
        let almost = now + COOL_DOWN - Duration::from_millis(1);
        assert_eq!(attention.ask(3, SITE, almost), Err(Unheard::JustDeclined));
        assert_eq!(attention.ask(4, "other.org", almost), Ok(()));
        attention.cancel(4);
        assert_eq!(attention.ask(5, SITE, now + COOL_DOWN), Ok(()));
        attention.end(5, Closed::Otherwise, now + COOL_DOWN);
        assert_eq!(attention.ask(6, SITE, now + COOL_DOWN), Ok(()));
    }

    #[test]
    fn who_declines_to_choose_this_key_declines_no_site() {
        let (mut attention, now) = (Attention::default(), Instant::now());
        attention.ask(1, "", now).unwrap();
        attention.end(1, Closed::ByPerson, now);
        assert_eq!(attention.ask(2, "", now), Ok(()));
    }

    proptest! {
        #[test]
        fn never_more_than_one_is_shown_and_none_after_its_cancel(
            steps in proptest::collection::vec((0_u8..4, 1_u64..8), 0..60)
        ) {
            let (mut attention, mut now) = (Attention::default(), Instant::now());
            let (mut open, mut cancelled) = (None, 0);
            for (step, number) in steps {
                now += Duration::from_secs(1);
                match step {
                    0 => if attention.ask(number, SITE, now).is_ok() {
                        prop_assert!(open.is_none() && number > cancelled);
                        open = Some(number);
                    },
                    1 => {
                        cancelled = cancelled.max(number);
                        let hit = open.is_some_and(|open| open <= cancelled);
                        prop_assert_eq!(attention.cancel(number), hit);
                        if hit {
                            open = None;
                        }
                    }
                    _ => {
                        attention.end(number, if step == 2 { Closed::ByPerson } else { Closed::Otherwise }, now);
                        open = open.filter(|open| *open != number);
                    }
                }
            }
        }
    }
}
