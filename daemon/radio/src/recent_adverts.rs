//! Remembers what was heard lately: BlueZ repeats the same data with every report, and trial
//! decryption of each would be waste.

use std::collections::{HashSet, VecDeque};

/// Adverts remembered. At 500 different ones a second this is eight seconds, longer than any phone
/// repeats the same one before the desktop has joined.
const CAPACITY: usize = 4096;

/// A bounded memory of byte strings; the oldest is forgotten first.
#[derive(Default)]
pub struct RecentAdverts {
    seen: HashSet<Box<[u8]>>,
    order: VecDeque<Box<[u8]>>,
}

impl RecentAdverts {
    /// Whether these bytes are new; they are remembered.
    pub fn is_new(&mut self, bytes: &[u8]) -> bool {
        if self.seen.contains(bytes) {
            return false;
        }
        if self.order.len() >= CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        self.seen.insert(bytes.into());
        self.order.push_back(bytes.into());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repetition_is_not_new_until_it_is_forgotten() {
        let mut recent = RecentAdverts::default();
        assert!(recent.is_new(b"a"));
        assert!(!recent.is_new(b"a"));
        for number in 0..CAPACITY as u32 {
            recent.is_new(&number.to_le_bytes());
        }
        assert!(recent.is_new(b"a"));
        assert!(recent.seen.len() <= CAPACITY);
    }
}
