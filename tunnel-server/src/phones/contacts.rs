//! Contacts without IO: which phone listens under which contact id, who may ring it, and which ids
//! are dead.
//!
//! Whoever is handed to [`Contacts::listen`] has proven that the contact id is its own, so the
//! newest listener takes over from an older one: that is the phone itself, on another network. A
//! call that was made and not answered is told to the next listener too, because the connection
//! that it went to may have been dead without anybody knowing. Nothing is removed by contact id
//! alone: a ticket removes what it stands for, or nothing.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use core::time::Duration;
use hybrid_protocol::ContactId;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::time::Instant;

/// The time over which [`Limits::contact_rate`] counts.
const MINUTE: Duration = Duration::from_secs(60);

/// All phones of this node. `W` is how a listening phone is reached.
pub(crate) struct Contacts<W> {
    phones: HashMap<ContactId, PhoneEntry<W>>,
    listeners: Counted,
    next: u64,
    revoked: HashSet<Mark>,
    /// Revocations since the start, per address block.
    revoked_by: HashMap<Block, u32>,
}

/// A phone that listens, or whose desktops still wait for it.
struct PhoneEntry<W> {
    listener: Option<(Registration, Block, W)>,
    calls: Vec<(Registration, ContactMessage)>,
    /// When the bell is as quiet as if nobody had ever rung.
    quiet: Option<Instant>,
}

/// What a listening phone is told of a contact.
pub(crate) type ContactMessage = Arc<[u8]>;

/// The identity of one listening, or of one call: no two are ever equal, whatever ids their clients
/// sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Registration(u64);

/// Stands for one listening connection; whoever holds it gives it back with [`Contacts::leave`].
#[derive(Debug)]
pub(crate) struct Watch(Registration, ContactId);

/// Stands for one call, until the phone joins or the desktop leaves: [`Contacts::hang_up`].
#[derive(Debug)]
pub(crate) struct Call(Registration, ContactId);

/// What the relay keeps of a revoked contact id: its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Mark(pub(crate) [u8; 32]);

impl Mark {
    pub(crate) fn of(contact: &ContactId) -> Self {
        Self(Sha256::digest(contact.as_bytes()).into())
    }
}

impl<W> Contacts<W> {
    pub(crate) fn new(revoked: impl IntoIterator<Item = Mark>) -> Self {
        Self {
            phones: HashMap::new(),
            listeners: Counted::default(),
            next: 0,
            revoked: revoked.into_iter().collect(),
            revoked_by: HashMap::new(),
        }
    }

    /// Whether a phone at `block` may listen under this contact id, should it prove to be its own.
    ///
    /// # Errors
    /// [`Refusal::Revoked`], [`Refusal::Listeners`] or [`Refusal::ListenersAddress`].
    pub(crate) fn admit(
        &self,
        contact: &ContactId,
        block: Block,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        self.alive(contact)?;
        let before = { self.phones.get(contact) }
            .and_then(|phone| phone.listener.as_ref().map(|(_, block, _)| *block));
        // Taking over from oneself needs no further place.
        if before.is_none() && self.listeners.all >= limits.listeners {
            return Err(Refusal::Listeners);
        }
        if before != Some(block) && self.listeners.at(block) >= limits.listeners_per_address {
            return Err(Refusal::ListenersAddress);
        }
        Ok(())
    }

    /// Lets a phone listen. Returns its ticket, how an older listener of the same phone is reached,
    /// and the calls that are not answered yet.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(crate) fn listen(
        &mut self,
        contact: ContactId,
        block: Block,
        listener: W,
        limits: &Limits,
    ) -> Result<(Watch, Option<W>, Vec<ContactMessage>), Refusal> {
        self.admit(&contact, block, limits)?;
        let identity = self.identity();
        let phone = self.phones.entry(contact.clone()).or_default();
        let before = phone.listener.replace((identity, block, listener));
        let calls = phone
            .calls
            .iter()
            .map(|(_, message)| Arc::clone(message))
            .collect();
        let before = before.map(|(_, block, listener)| {
            self.listeners.sub(block);
            listener
        });
        self.listeners.add(block);
        Ok((Watch(identity, contact), before, calls))
    }

    /// Rings the phone that listens under this contact id. `open` opens the room in which the
    /// desktop waits and makes the message. Returns a ticket, and the listener to be told.
    ///
    /// # Errors
    /// [`Refusal::Revoked`], [`Refusal::NoRoom`] when nobody listens, [`Refusal::ContactsPending`],
    /// [`Refusal::ContactRate`], or what `open` returns.
    pub(crate) fn ring<T>(
        &mut self,
        contact: &ContactId,
        now: Instant,
        limits: &Limits,
        open: impl FnOnce() -> Result<(T, ContactMessage), Refusal>,
    ) -> Result<(Call, T, ContactMessage, &W), Refusal> {
        self.alive(contact)?;
        let identity = self.identity();
        let phone = self.phones.get_mut(contact).ok_or(Refusal::NoRoom)?;
        let (_, _, listener) = phone.listener.as_ref().ok_or(Refusal::NoRoom)?;
        if phone.calls.len() >= usize::try_from(limits.contacts_pending).unwrap_or(usize::MAX) {
            return Err(Refusal::ContactsPending);
        }
        let quiet =
            phone.quiet.map_or(now, |quiet| quiet.max(now)) + MINUTE / limits.contact_rate.max(1);
        if quiet > now + MINUTE {
            return Err(Refusal::ContactRate);
        }
        let (room, message) = open()?;
        phone.quiet = Some(quiet);
        phone.calls.push((identity, Arc::clone(&message)));
        Ok((Call(identity, contact.clone()), room, message, listener))
    }

    /// Ends a call: the phone joined, or the desktop left.
    pub(crate) fn hang_up(&mut self, Call(identity, contact): &Call) {
        if let Some(phone) = self.phones.get_mut(contact) {
            phone.calls.retain(|(call, _)| call != identity);
            self.forget_if_empty(contact);
        }
    }

    /// Ends a listening, unless a newer one took over.
    pub(crate) fn leave(&mut self, Watch(identity, contact): &Watch) {
        let Some(phone) = self.phones.get_mut(contact) else {
            return;
        };
        if let Some((_, block, _)) = phone
            .listener
            .take_if(|(listening, _, _)| listening == identity)
        {
            self.listeners.sub(block);
            self.forget_if_empty(contact);
        }
    }

    /// Whether somebody at `block` may revoke one more contact id.
    ///
    /// # Errors
    /// [`Refusal::Revocations`].
    pub(crate) fn may_revoke(&self, block: Block, limits: &Limits) -> Result<(), Refusal> {
        let by = self.revoked_by.get(&block).copied().unwrap_or_default();
        if self.revoked.len() as u64 >= u64::from(limits.revocations)
            || by >= limits.revocations_per_address
        {
            return Err(Refusal::Revocations);
        }
        Ok(())
    }

    /// Whether a contact id is dead.
    pub(crate) fn is_revoked(&self, contact: &ContactId) -> bool {
        self.revoked.contains(&Mark::of(contact))
    }

    /// Makes a contact id dead for good; returns how its listener is reached.
    pub(crate) fn revoke(&mut self, contact: &ContactId, block: Block) -> Option<W> {
        if self.revoked.insert(Mark::of(contact)) {
            *self.revoked_by.entry(block).or_default() += 1;
        }
        self.take_listener(contact)
    }

    /// Learns what was revoked elsewhere; returns how many contact ids that were new, and how their
    /// listeners are reached.
    pub(crate) fn learn(&mut self, marks: impl IntoIterator<Item = Mark>) -> (usize, Vec<W>) {
        let before = self.revoked.len();
        self.revoked.extend(marks);
        let new = self.revoked.len() - before;
        if new == 0 {
            return (0, Vec::new());
        }
        let dead =
            { self.phones.keys() }.filter(|contact| self.revoked.contains(&Mark::of(contact)));
        let dead: Vec<ContactId> = dead.cloned().collect();
        let listeners = dead
            .iter()
            .filter_map(|contact| self.take_listener(contact));
        (new, listeners.collect())
    }

    /// Phones that listen.
    pub(crate) fn listeners(&self) -> u32 {
        self.listeners.all
    }

    fn take_listener(&mut self, contact: &ContactId) -> Option<W> {
        let (_, at, listener) = self.phones.get_mut(contact)?.listener.take()?;
        self.listeners.sub(at);
        self.forget_if_empty(contact);
        Some(listener)
    }

    fn alive(&self, contact: &ContactId) -> Result<(), Refusal> {
        if self.is_revoked(contact) {
            return Err(Refusal::Revoked);
        }
        Ok(())
    }

    fn identity(&mut self) -> Registration {
        self.next += 1;
        Registration(self.next)
    }

    fn forget_if_empty(&mut self, contact: &ContactId) {
        let empty = |phone: &PhoneEntry<W>| phone.listener.is_none() && phone.calls.is_empty();
        if self.phones.get(contact).is_some_and(empty) {
            self.phones.remove(contact);
        }
    }
}

impl<W> Default for PhoneEntry<W> {
    fn default() -> Self {
        Self {
            listener: None,
            calls: Vec::new(),
            quiet: None,
        }
    }
}

/// A count in all and per address block.
#[derive(Default)]
struct Counted {
    all: u32,
    per_block: HashMap<Block, u32>,
}

impl Counted {
    fn at(&self, block: Block) -> u32 {
        self.per_block.get(&block).copied().unwrap_or_default()
    }

    fn add(&mut self, block: Block) {
        self.all += 1;
        *self.per_block.entry(block).or_default() += 1;
    }

    fn sub(&mut self, block: Block) {
        self.all = self.all.saturating_sub(1);
        if let Some(n) = self.per_block.get_mut(&block) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                self.per_block.remove(&block);
            }
        }
    }
}

#[cfg(test)]
mod tests;
