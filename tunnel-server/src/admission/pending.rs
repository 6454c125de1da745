//! Connections that have not finished their request, without IO: how many there may be, and how
//! fast they may come.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::admission::shrink::shrink;
use core::time::Duration;
use std::collections::HashMap;
use tokio::time::Instant;

/// The time over which the rates count.
const SECOND: Duration = Duration::from_secs(1);
/// Blocks that are remembered before the first look for those that can be forgotten.
const FEW: usize = 1024;

/// The connections of everybody, and of each address block.
#[derive(Default)]
pub(crate) struct PendingRequests {
    all: u32,
    per_block: HashMap<Block, u32>,
    /// When each block that came of late is as if it had never come.
    quiet: HashMap<Block, Instant>,
    /// How many of those there may be before the next look.
    enough: usize,
}

impl PendingRequests {
    /// Counts a connection; it counts for nobody in particular when it is a proxy's.
    ///
    /// # Errors
    /// [`Refusal::Openings`], or as [`Self::claim`].
    pub(crate) fn enter(
        &mut self,
        block: Option<Block>,
        now: Instant,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        if self.all >= limits.openings {
            return Err(Refusal::Openings);
        }
        self.claim(block, now, limits)?;
        self.all += 1;
        Ok(())
    }

    /// Counts a connection that was entered already for a block that became known.
    ///
    /// # Errors
    /// [`Refusal::AcceptRateAddress`] or [`Refusal::OpeningsAddress`].
    pub(crate) fn claim(
        &mut self,
        block: Option<Block>,
        now: Instant,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        let Some(block) = block else { return Ok(()) };
        let open = self.per_block.get(&block).copied().unwrap_or_default();
        if open >= limits.openings_per_address {
            return Err(Refusal::OpeningsAddress);
        }
        self.pace(block, now, limits)?;
        self.per_block.insert(block, open + 1);
        Ok(())
    }

    pub(crate) fn leave(&mut self, block: Option<Block>) {
        self.all = self.all.saturating_sub(1);
        let Some(block) = block else { return };
        if let Some(n) = self.per_block.get_mut(&block) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                self.per_block.remove(&block);
                shrink(&mut self.per_block);
            }
        }
    }

    /// How many there are.
    pub(crate) fn all(&self) -> u32 {
        self.all
    }

    fn pace(&mut self, block: Block, now: Instant, limits: &Limits) -> Result<(), Refusal> {
        let before = self
            .quiet
            .get(&block)
            .map_or(now, |quiet| (*quiet).max(now));
        let quiet = before + SECOND / limits.accept_rate_per_address.max(1);
        if quiet > now + SECOND {
            return Err(Refusal::AcceptRateAddress);
        }
        self.quiet.insert(block, quiet);
        // All are forgotten after a second, so what is kept is bounded by what is accepted in the
        // time between two looks.
        if self.quiet.len() > self.enough.max(FEW) {
            self.quiet.retain(|_, quiet| *quiet > now);
            shrink(&mut self.quiet);
            self.enough = self.quiet.len() * 2;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::IpAddr;

    fn block(at: u32) -> Option<Block> {
        Some(Block::of(IpAddr::from(at.to_be_bytes())))
    }

    fn limits(rate: u32) -> Limits {
        Limits {
            accept_rate_per_address: rate,
            ..Limits::default()
        }
    }

    #[test]
    fn a_block_comes_at_its_rate_and_another_is_not_held_up_by_it() {
        let (mut openings, limits, start) =
            (PendingRequests::default(), limits(10), Instant::now());
        let mut came = 0;
        for ms in 0..3000 {
            let now = start + Duration::from_millis(ms);
            if openings.enter(block(1), now, &limits).is_ok() {
                openings.leave(block(1));
                came += 1;
            }
        }
        // Ten at once, and ten in each of three seconds.
        assert_eq!(came, 10 + 29);
        assert_eq!(
            openings.enter(block(1), start, &limits),
            Err(Refusal::AcceptRateAddress)
        );
        assert_eq!(openings.enter(block(2), start, &limits), Ok(()));
        assert_eq!(
            openings.enter(None, start, &limits),
            Ok(()),
            "a proxy brings everybody"
        );
        assert_eq!(openings.all(), 2);
    }

    #[test]
    fn those_that_came_a_while_ago_are_forgotten() {
        let (mut openings, limits, start) =
            (PendingRequests::default(), limits(10), Instant::now());
        for at in 0..100_000 {
            let now = start + Duration::from_millis(u64::from(at));
            openings.enter(block(at), now, &limits).unwrap();
            openings.leave(block(at));
        }
        assert!(openings.quiet.len() <= FEW + 1, "{}", openings.quiet.len());
        assert!(openings.per_block.is_empty());
    }

    #[test]
    fn a_refused_connection_leaves_nothing_behind() {
        let mut openings = PendingRequests::default();
        let limits = Limits {
            openings: 2,
            openings_per_address: 1,
            ..Limits::default()
        };
        let now = Instant::now();
        openings.enter(block(1), now, &limits).unwrap();
        assert_eq!(
            openings.enter(block(1), now, &limits),
            Err(Refusal::OpeningsAddress)
        );
        openings.enter(block(2), now, &limits).unwrap();
        assert_eq!(
            openings.enter(block(3), now, &limits),
            Err(Refusal::Openings)
        );
        openings.leave(block(1));
        openings.leave(block(2));
        assert_eq!(openings.all(), 0);
        assert!(openings.per_block.is_empty());
    }
}
