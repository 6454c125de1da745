//! What the pairs know that the relay has to have counted.

use std::collections::BTreeMap;

/// What the relay has to have counted afterwards.
#[derive(Default, Debug)]
pub struct Tally {
    pub connections: u64,
    pub opened: u64,
    pub joined: u64,
    pub messages: u64,
    pub bytes: u64,
    /// Tunnels of which it is not known how much was sent.
    pub unmeasured: u64,
    pub ended: BTreeMap<&'static str, u64>,
    pub refused: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.connections += other.connections;
        self.opened += other.opened;
        self.joined += other.joined;
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.unmeasured += other.unmeasured;
        for (label, count) in other.ended {
            *self.ended.entry(label).or_default() += count;
        }
        for (label, count) in other.refused {
            *self.refused.entry(label).or_default() += count;
        }
    }
}
