//! Remembers what was heard lately: BlueZ repeats the same data with every report, and trial
//! decryption of each would be waste.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Adverts remembered. At 500 different ones a second this is eight seconds, longer than any phone
/// repeats the same one before the desktop has joined.
const CAPACITY: usize = 4096;
/// What they may take together; a passkey's advert has 20 bytes and a short suffix.
const MOST_BYTES: usize = CAPACITY * 64;

/// A bounded memory of byte strings; the oldest is forgotten first.
#[derive(Default)]
pub struct RecentAdverts {
    seen: HashSet<Arc<[u8]>>,
    order: VecDeque<Arc<[u8]>>,
    bytes: usize,
}

impl RecentAdverts {
    /// Whether these bytes are new; they are remembered.
    pub fn is_new(&mut self, bytes: &[u8]) -> bool {
        if self.seen.contains(bytes) {
            return false;
        }
        // Longer than all that is remembered: no radio sends that, and it is new each time.
        if bytes.len() > MOST_BYTES {
            return true;
        }
        while (self.order.len() >= CAPACITY || self.bytes + bytes.len() > MOST_BYTES)
            && let Some(oldest) = self.order.pop_front()
        {
            self.bytes -= oldest.len();
            self.seen.remove(&oldest);
        }
        let bytes: Arc<[u8]> = bytes.into();
        self.bytes += bytes.len();
        self.seen.insert(Arc::clone(&bytes));
        self.order.push_back(bytes);
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

    #[test]
    fn long_adverts_without_end_take_no_more_than_short_ones() {
        let mut recent = RecentAdverts::default();
        for number in 0..2 * CAPACITY as u32 {
            let mut advert = vec![0; 3000];
            advert[..4].copy_from_slice(&number.to_le_bytes());
            assert!(recent.is_new(&advert));
            assert!(!recent.is_new(&advert));
            assert!(recent.seen.iter().map(|advert| advert.len()).sum::<usize>() <= MOST_BYTES);
        }
        let absurd = vec![0; MOST_BYTES + 1];
        assert!(recent.is_new(&absurd) && recent.is_new(&absurd));
        assert_eq!(recent.seen.len(), recent.order.len());
    }
}
