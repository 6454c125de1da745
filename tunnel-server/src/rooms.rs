//! The relay without IO: rooms, who may open one, who joins which.
//!
//! A room is keyed by (routing id, tunnel id). Every opening gets a routing id of its own, so that
//! nobody who learned a tunnel id can evict the phone that waits under it, and a phone that
//! reconnects never meets its stale self. The first join takes the room out of the table; from then
//! on it lives only in its [`Ticket`]. Nothing is ever removed by key alone: a ticket removes the
//! entry that it opened, or none.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::admission::shrink::shrink;
use crate::bad_value::BadValue;
use crate::shown::shown;
use hybrid_protocol::{RoutingId, TunnelId};
use std::collections::HashMap;

/// How often a routing id is drawn before the relay counts as full.
const DRAWS: u32 = 64;

/// All rooms of this node. `W` is how a joining side reaches the waiting one.
pub(crate) struct Rooms<W> {
    waiting: HashMap<RoomKey, (OpeningId, W)>,
    /// Rooms, waiting and joined, per address block of the side that opened them.
    per_block: HashMap<Block, u32>,
    rooms: u32,
    next: u64,
    node: Node,
}

type RoomKey = (RoutingId, TunnelId);

/// The identity of one opening: two tickets are never equal, whatever ids their clients sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct OpeningId(u64);

/// Stands for a room from its opening to its end; whoever holds it gives it back with
/// [`Rooms::end`].
#[derive(Debug)]
pub(crate) struct Ticket {
    opening: OpeningId,
    key: RoomKey,
    block: Block,
}

impl Ticket {
    pub(crate) fn routing_id(&self) -> RoutingId {
        self.key.0
    }
}

impl<W> Rooms<W> {
    pub(crate) fn new(node: Node) -> Self {
        Self {
            waiting: HashMap::new(),
            per_block: HashMap::new(),
            rooms: 0,
            next: 0,
            node,
        }
    }

    /// Opens a room for a side at `block`. `random` gives the routing id's bits.
    ///
    /// # Errors
    /// [`Refusal::Rooms`] or [`Refusal::RoomsAddress`] when the limit is reached.
    pub(crate) fn open(
        &mut self,
        tunnel: TunnelId,
        block: Block,
        waiter: W,
        limits: &Limits,
        mut random: impl FnMut() -> [u8; RoutingId::LEN],
    ) -> Result<Ticket, Refusal> {
        if self.rooms >= limits.rooms {
            return Err(Refusal::Rooms);
        }
        if self
            .per_block
            .get(&block)
            .is_some_and(|rooms| *rooms >= limits.rooms_per_address)
        {
            return Err(Refusal::RoomsAddress);
        }
        // A node of many has 65 536 routing ids, so somebody could use most of them up for one
        // tunnel id of his own.
        let draw = (0..DRAWS).map(|_| (self.node.routing_id(random()), tunnel));
        let key = { draw }
            .find(|key| !self.waiting.contains_key(key))
            .ok_or(Refusal::Rooms)?;
        *self.per_block.entry(block).or_default() += 1;
        self.rooms += 1;
        let opening = OpeningId(self.next);
        self.next += 1;
        self.waiting.insert(key, (opening, waiter));
        Ok(Ticket {
            opening,
            key,
            block,
        })
    }

    /// Takes the side that waits under exactly this key. The second of two joins finds nothing.
    pub(crate) fn join(&mut self, routing: RoutingId, tunnel: TunnelId) -> Option<W> {
        let (_, waiter) = self.waiting.remove(&(routing, tunnel))?;
        shrink(&mut self.waiting);
        Some(waiter)
    }

    /// Ends the room of a ticket, joined or not.
    pub(crate) fn end(&mut self, ticket: &Ticket) {
        if self
            .waiting
            .get(&ticket.key)
            .is_some_and(|(opening, _)| *opening == ticket.opening)
        {
            self.waiting.remove(&ticket.key);
            shrink(&mut self.waiting);
        }
        self.rooms = self.rooms.saturating_sub(1);
        if let Some(of_block) = self.per_block.get_mut(&ticket.block) {
            *of_block = of_block.saturating_sub(1);
            if *of_block == 0 {
                self.per_block.remove(&ticket.block);
                shrink(&mut self.per_block);
            }
        }
    }

    /// Rooms that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Rooms, waiting and joined.
    pub(crate) fn rooms(&self) -> u32 {
        self.rooms
    }
}

/// Which node of how many this is; its number is the routing id's first one or two hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    number: u8,
    of: u16,
}

impl Node {
    /// A relay of one node: all bits of the routing id are random.
    pub const ALONE: Self = Self { number: 0, of: 1 };

    /// Reads `N/M`, with N from 0 to M-1 and M up to 256.
    ///
    /// # Errors
    /// [`BadValue`] says what was expected.
    pub fn read(text: &str) -> Result<Self, BadValue> {
        let bad = || {
            BadValue::new(format!(
                "expected N/M with N below M and M at most 256, got {}",
                shown(text)
            ))
        };
        let (number, of) = text.trim().split_once('/').ok_or_else(bad)?;
        let (number, of): (u8, u16) = (
            number.parse().map_err(|_| bad())?,
            of.parse().map_err(|_| bad())?,
        );
        if of > 256 || u16::from(number) >= of {
            return Err(bad());
        }
        Ok(Self { number, of })
    }

    /// The hex digits that routing ids of this node start with, for a load balancer's rules; empty
    /// when it is alone.
    pub fn prefix(self) -> String {
        match self.of {
            ..=1 => String::new(),
            2..=16 => format!("{:X}", self.number),
            17.. => format!("{:02X}", self.number),
        }
    }

    fn routing_id(self, random: [u8; RoutingId::LEN]) -> RoutingId {
        let [high, middle, low] = random;
        let high = match self.of {
            ..=1 => high,
            2..=16 => self.number << 4 | high & 15,
            17.. => self.number,
        };
        RoutingId::new([high, middle, low])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::IpAddr;
    use proptest::prelude::*;

    const TUNNEL: TunnelId = TunnelId::new([7; 16]);

    #[test]
    fn the_second_of_two_joins_finds_nothing() {
        let mut relay = relay();
        let ticket = open(&mut relay, "phone", 1);
        assert_eq!(relay.join(ticket.routing_id(), TUNNEL), Some("phone"));
        assert_eq!(relay.join(ticket.routing_id(), TUNNEL), None);
    }

    #[test]
    fn a_wrong_routing_id_is_an_unknown_tunnel_and_leaves_the_room_alone() {
        let mut relay = relay();
        let ticket = open(&mut relay, "phone", 1);
        assert_eq!(relay.join(RoutingId::new([9; 3]), TUNNEL), None);
        assert_eq!(
            relay.join(ticket.routing_id(), TunnelId::new([8; 16])),
            None
        );
        assert_eq!(relay.waiting(), 1);
    }

    #[test]
    fn the_same_tunnel_id_twice_makes_two_rooms_even_when_the_random_bits_collide() {
        let mut relay = relay();
        let mut bits = [[1; 3], [1; 3], [2; 3]].into_iter();
        let mut draw = || bits.next().unwrap();
        let limits = Limits::default();
        let first = relay
            .open(TUNNEL, block(1), "first", &limits, &mut draw)
            .unwrap();
        let second = relay
            .open(TUNNEL, block(1), "second", &limits, &mut draw)
            .unwrap();
        assert_ne!(first.routing_id(), second.routing_id());
        assert_eq!(relay.join(first.routing_id(), TUNNEL), Some("first"));
    }

    #[test]
    fn the_end_of_an_old_room_never_removes_a_newer_one_with_the_same_key() {
        let mut relay = relay();
        let limits = Limits::default();
        let old = relay
            .open(TUNNEL, block(1), "old", &limits, || [1; 3])
            .unwrap();
        assert_eq!(relay.join(old.routing_id(), TUNNEL), Some("old"));
        let new = relay
            .open(TUNNEL, block(1), "new", &limits, || [1; 3])
            .unwrap();
        assert_eq!(old.routing_id(), new.routing_id());
        relay.end(&old);
        assert_eq!(relay.join(new.routing_id(), TUNNEL), Some("new"));
    }

    #[test]
    fn a_full_address_and_a_full_relay_are_refused_until_a_room_ends() {
        let mut relay = relay();
        let mut limits = Limits::default();
        (limits.rooms, limits.rooms_per_address) = (2, 1);
        let first = relay
            .open(TUNNEL, block(1), "", &limits, || [1; 3])
            .unwrap();
        assert_eq!(
            relay
                .open(TUNNEL, block(1), "", &limits, || [2; 3])
                .unwrap_err(),
            Refusal::RoomsAddress
        );
        relay
            .open(TUNNEL, block(2), "", &limits, || [3; 3])
            .unwrap();
        assert_eq!(
            relay
                .open(TUNNEL, block(3), "", &limits, || [4; 3])
                .unwrap_err(),
            Refusal::Rooms
        );
        relay.end(&first);
        assert!(relay.open(TUNNEL, block(1), "", &limits, || [5; 3]).is_ok());
    }

    #[test]
    fn a_node_puts_its_number_into_the_routing_ids_first_digits() {
        let digits = |node: &str| Node::read(node).unwrap().routing_id([0xff; 3]).to_hex();
        assert_eq!(digits("0/1"), "FFFFFF");
        assert_eq!(digits("2/3"), "2FFFFF");
        assert_eq!(digits("17/18"), "11FFFF");
        for bad in ["", "3/3", "1", "0/0", "0/257", "-1/3", "256/256"] {
            assert!(Node::read(bad).is_err(), "{bad}");
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Open { tunnel: u8, block: u8, routing: u8 },
        Join { tunnel: u8, routing: u8 },
        End(usize),
    }

    proptest! {
        /// The relay against the plainest possible model: a list of rooms.
        #[test]
        fn any_history_joins_only_who_belongs_together_and_forgets_nothing(steps in proptest::collection::vec(step(), 0..80)) {
            let mut relay = Rooms::new(Node::ALONE);
            let mut limits = Limits::default();
            (limits.rooms, limits.rooms_per_address) = (6, 3);
            let mut model: Vec<(Ticket, u8, usize, bool)> = Vec::new();
            for (name, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Open { tunnel, block: at, routing } => {
                        let mut bits = routing;
                        let draw = || { bits = bits.wrapping_add(1); [0, 0, bits] };
                        let expected = if model.len() >= 6 { Err(Refusal::Rooms) }
                            else if model.iter().filter(|room| room.1 == at).count() >= 3 { Err(Refusal::RoomsAddress) }
                            else { Ok(()) };
                        let opened = relay.open(TunnelId::new([tunnel; 16]), block(at), name, &limits, draw);
                        prop_assert_eq!(opened.as_ref().map(|_| ()).map_err(|refusal| *refusal), expected);
                        if let Ok(ticket) = opened {
                            let key = ticket.key;
                            prop_assert!(!model.iter().any(|room| room.3 && room.0.key == key));
                            model.push((ticket, at, name, true));
                        }
                    }
                    Step::Join { tunnel, routing } => {
                        let key = (RoutingId::new([0, 0, routing]), TunnelId::new([tunnel; 16]));
                        let expected = model.iter_mut().find(|room| room.3 && room.0.key == key).map(|room| { room.3 = false; room.2 });
                        prop_assert_eq!(relay.join(key.0, key.1), expected);
                    }
                    Step::End(at) if !model.is_empty() => {
                        let (ticket, ..) = model.remove(at % model.len());
                        relay.end(&ticket);
                    }
                    Step::End(_) => {}
                }
                prop_assert_eq!(relay.rooms() as usize, model.len());
                prop_assert_eq!(relay.waiting(), model.iter().filter(|room| room.3).count());
            }
            for (ticket, ..) in &model {
                relay.end(ticket);
            }
            prop_assert!(relay.waiting.is_empty() && relay.per_block.is_empty() && relay.rooms == 0);
        }
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..2u8, 0..3u8, 0..4u8).prop_map(|(tunnel, block, routing)| Step::Open {
                tunnel,
                block,
                routing
            }),
            (0..2u8, 0..8u8).prop_map(|(tunnel, routing)| Step::Join { tunnel, routing }),
            (0..8usize).prop_map(Step::End),
        ]
    }

    fn relay() -> Rooms<&'static str> {
        Rooms::new(Node::ALONE)
    }

    fn open(relay: &mut Rooms<&'static str>, name: &'static str, at: u8) -> Ticket {
        relay
            .open(TUNNEL, block(at), name, &Limits::default(), || [1; 3])
            .unwrap()
    }

    fn block(at: u8) -> Block {
        Block::of(IpAddr::from([192, 0, 2, at]))
    }
}
