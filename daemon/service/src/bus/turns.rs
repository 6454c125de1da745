//! So much at once for each, so that nobody takes what others need.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who has how many turns now.
pub(super) struct Turns<K> {
    most: usize,
    taken: Mutex<BTreeMap<K, usize>>,
}

/// One turn, until it is dropped.
pub(super) struct Turn<'a, K: Ord> {
    turns: &'a Turns<K>,
    who: K,
}

impl<K: Ord + Clone> Turns<K> {
    /// So many for each.
    pub(super) const fn new(most: usize) -> Self {
        Self {
            most,
            taken: Mutex::new(BTreeMap::new()),
        }
    }

    /// A turn; `None` when this one has all of theirs.
    pub(super) fn take(&self, who: &K) -> Option<Turn<'_, K>> {
        let mut taken = self.taken();
        let count = taken.entry(who.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Turn {
            turns: self,
            who: who.clone(),
        })
    }
}

impl<K> Turns<K> {
    fn taken(&self) -> MutexGuard<'_, BTreeMap<K, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        let mut taken = self.turns.taken();
        if let Some(count) = taken.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_all_of_theirs_takes_nothing_of_others_and_nothing_is_kept() {
        let turns = Turns::new(2);
        let greedy: Vec<_> = (0..100).map_while(|_| turns.take(&1)).collect();
        assert_eq!(greedy.len(), 2);
        let other = turns.take(&2);
        assert!(other.is_some());
        drop((greedy, other));
        assert!(turns.taken().is_empty());
        assert!(turns.take(&1).is_some());
    }
}
