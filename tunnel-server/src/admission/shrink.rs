//! Tables that give memory back: after a burst they would otherwise stay as large as they ever
//! were.

use core::hash::Hash;
use std::collections::HashMap;

/// Tables up to this size are left alone.
const SMALL: usize = 64;

/// Gives back what a table no longer needs; cheap enough to follow every removal.
pub(crate) fn shrink<K: Eq + Hash, V>(table: &mut HashMap<K, V>) {
    if table.capacity() > SMALL && table.len() < table.capacity() / 8 {
        table.shrink_to(table.len() * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shrinks_as_it_empties_and_loses_nothing() {
        let mut table: HashMap<u32, u32> = (0..10_000).map(|n| (n, n)).collect();
        for n in 0..9_990 {
            assert_eq!(table.remove(&n), Some(n));
            shrink(&mut table);
            assert!(
                table.capacity() <= (table.len() * 16).max(SMALL * 2),
                "{}",
                table.capacity()
            );
        }
        assert_eq!(table.values().sum::<u32>(), (9_990..10_000).sum::<u32>());
    }
}
