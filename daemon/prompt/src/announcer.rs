//! What a screen reader is to say, and when: a state that passes at once is not announced, and what
//! was said is not said again.

use std::time::{Duration, Instant};

/// A state that holds for so long is announced.
const HOLDS: Duration = Duration::from_millis(400);
/// Something is said by then, even if states follow each other.
const AT_LATEST: Duration = Duration::from_millis(1500);

/// Announces one thing at a time.
#[derive(Default)]
pub(crate) struct Announcer {
    said: String,
    wanted: Option<Wanted>,
}

struct Wanted {
    text: String,
    due: Instant,
    by: Instant,
}

impl Announcer {
    /// This is how it stands now.
    pub(crate) fn wish(&mut self, text: String, now: Instant) {
        if text.is_empty() || text == self.said {
            self.wanted = None;
            return;
        }
        let by = match &self.wanted {
            Some(wanted) if wanted.text == text => return,
            Some(wanted) => wanted.by,
            None => now + AT_LATEST,
        };
        let due = (now + HOLDS).min(by);
        self.wanted = Some(Wanted { text, due, by });
    }

    /// What comes now is worth saying even in the same words: another code is another code.
    pub(crate) fn begin_again(&mut self) {
        self.said.clear();
    }

    /// What is to be said by now.
    pub(crate) fn take(&mut self, now: Instant) -> Option<String> {
        let wanted = self.wanted.take_if(|wanted| wanted.due <= now)?;
        self.said.clone_from(&wanted.text);
        Some(wanted.text)
    }

    /// When something is to be said.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.wanted.as_ref().map(|wanted| wanted.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_at_once_is_not_announced_and_what_was_said_is_not_said_again() {
        let (mut announcer, start) = (Announcer::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        announcer.wish("one".to_owned(), at(0));
        assert_eq!(announcer.take(at(399)), None);
        announcer.wish("two".to_owned(), at(399));
        assert_eq!(announcer.due(), Some(at(799)));
        assert_eq!(announcer.take(at(799)).as_deref(), Some("two"));
        announcer.wish("three".to_owned(), at(800));
        announcer.wish("two".to_owned(), at(900));
        assert_eq!(announcer.due(), None, "it is as it was");
    }

    #[test]
    fn states_that_follow_each_other_do_not_silence_it() {
        let (mut announcer, start) = (Announcer::default(), Instant::now());
        let mut said = Vec::new();
        for step in 0..20 {
            let now = start + step * Duration::from_millis(300);
            said.extend(announcer.take(now).map(|text| (step, text)));
            announcer.wish(format!("{step}"), now);
        }
        let steps: Vec<u32> = said.iter().map(|(step, _)| *step).collect();
        assert_eq!(steps, [5, 10, 15]);
    }
}
