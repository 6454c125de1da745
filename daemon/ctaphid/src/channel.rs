//! The channels that were given, and what is remembered of each (CTAP 2.2 §11.2.3).

use crate::entropy::Entropy;
use crate::frame::ChannelId;
use crate::limits::{CHOICE_HOLDS, MAX_CHANNELS, NEXT_ASSERTION_HOLDS};
use crate::reply::Reply;
use crate::silent::FurtherAssertions;
use std::time::Instant;

/// All channels, bounded: a flood of INIT displaces channels that were never used first.
pub struct Channels {
    all: Vec<Channel>,
    uses: u64,
}

/// What is remembered of one client.
pub struct Channel {
    id: ChannelId,
    last: u64,
    commanded: bool,
    further: Option<(FurtherAssertions, Instant)>,
    chosen: Option<Instant>,
    probe_refused: bool,
}

impl Channels {
    /// None given yet.
    pub const fn new() -> Self {
        Self {
            all: Vec::new(),
            uses: 0,
        }
    }

    /// Gives a new channel. `held` says which ones must stay because work is under way on them.
    pub fn allocate(
        &mut self,
        entropy: &mut Entropy,
        held: impl Fn(ChannelId) -> bool,
    ) -> ChannelId {
        if self.all.len() >= MAX_CHANNELS {
            let oldest = (self.all.iter().enumerate())
                .filter(|(_, channel)| !held(channel.id))
                .min_by_key(|(_, channel)| (channel.commanded, channel.last))
                .map(|(place, _)| place);
            // More channels than can be held at once are remembered, so that one is always free.
            if let Some(place) = oldest {
                self.all.swap_remove(place);
            }
        }
        let id = loop {
            let id = ChannelId(entropy.word());
            let free = self.all.iter().all(|channel| channel.id != id);
            if free && id != ChannelId::BROADCAST && id != ChannelId::RESERVED {
                break id;
            }
        };
        self.uses += 1;
        self.all.push(Channel {
            id,
            last: self.uses,
            commanded: false,
            further: None,
            chosen: None,
            probe_refused: false,
        });
        id
    }

    /// The channel of this id, noted as used now.
    pub fn touch(&mut self, id: ChannelId) -> Option<&mut Channel> {
        let channel = self.all.iter_mut().find(|channel| channel.id == id)?;
        self.uses += 1;
        channel.last = self.uses;
        Some(channel)
    }

    /// Forgets what clients did; their channels stay.
    pub fn forget(&mut self) {
        self.all.iter_mut().for_each(Channel::forget);
    }

    /// How many are given.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.all.len()
    }
}

impl Channel {
    /// Forgets what its client did before.
    pub fn forget(&mut self) {
        self.further = None;
        self.chosen = None;
        self.probe_refused = false;
    }

    /// A CTAP command came that is not getNextAssertion: what was left of the answer before is
    /// gone. Says whether the command before was a probe that was refused.
    pub fn commanded(&mut self) -> bool {
        self.commanded = true;
        self.further = None;
        core::mem::take(&mut self.probe_refused)
    }

    /// Keeps the rest of a silent answer.
    pub fn keep(&mut self, further: FurtherAssertions, now: Instant) {
        self.further = Some((further, now + NEXT_ASSERTION_HOLDS));
    }

    /// The next of a silent answer.
    pub fn next_assertion(&mut self, now: Instant) -> Option<Reply> {
        let (further, until) = self.further.as_mut().filter(|(_, until)| now < *until)?;
        *until = now + NEXT_ASSERTION_HOLDS;
        further.pop()
    }

    /// A probe was refused.
    pub const fn refuse_probe(&mut self) {
        self.probe_refused = true;
    }

    /// A person chose this key for this client.
    pub fn choose(&mut self, now: Instant) {
        self.chosen = Some(now + CHOICE_HOLDS);
    }

    /// Whether a person chose this key for the request that comes now; holds once.
    pub fn take_choice(&mut self, now: Instant) -> bool {
        self.chosen.take().is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_init_displaces_neither_channels_in_use_nor_those_under_work() {
        let mut entropy = Entropy::new([1; 32]);
        let mut channels = Channels::new();
        let used = channels.allocate(&mut entropy, |_| false);
        channels.touch(used).unwrap().commanded();
        let working = channels.allocate(&mut entropy, |_| false);
        let idle = channels.allocate(&mut entropy, |_| false);
        for _ in 0..1000 {
            channels.allocate(&mut entropy, |id| id == working);
        }
        assert_eq!(channels.count(), MAX_CHANNELS);
        assert!(channels.touch(used).is_some() && channels.touch(working).is_some());
        assert!(channels.touch(idle).is_none());
    }

    #[test]
    fn a_choice_holds_once_and_for_a_minute() {
        let mut entropy = Entropy::new([1; 32]);
        let mut channels = Channels::new();
        let id = channels.allocate(&mut entropy, |_| false);
        let channel = channels.touch(id).unwrap();
        let now = Instant::now();
        channel.choose(now);
        assert!(channel.take_choice(now));
        assert!(!channel.take_choice(now));
        channel.choose(now);
        assert!(!channel.take_choice(now + CHOICE_HOLDS));
    }
}
