//! How connections use the table of contacts: tickets that give themselves back, and what a listening phone is told.

use crate::address::Block;
use crate::contacts::{Call, Contacts, Mark, Message, Watch};
use crate::ending::Ending;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::revoked::{BadState, Stamp, Store};
use crate::shared::{Room, Shared, lock, random};
use crate::stream::Stream;
use crate::tunnel::Joiner;
use hybrid_protocol::{ContactId, TunnelId, contact};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

/// The phones that listen here, and what is revoked.
pub(crate) struct Doorbell {
    contacts: Mutex<Contacts<Bell>>,
    store: Arc<Store>,
    /// The file of revocations as it was when it was last read.
    read: Mutex<Option<Stamp>>,
}

/// How a listening phone is reached. Boxed, because a channel begins with room for many.
type Bell = UnboundedSender<Box<Told>>;

/// What a listening phone is told. The channel is bounded by what fills it: the rate at which a phone may be rung.
pub(crate) enum Told {
    Contact(Message),
    Over(Ending),
}

impl Doorbell {
    pub(crate) fn new(store: Store, revoked: Vec<Mark>) -> Self {
        Self {
            contacts: Mutex::new(Contacts::new(revoked)),
            // Read once more at the first look: it may have changed while the relay started.
            read: Mutex::new(None),
            store: Arc::new(store),
        }
    }

    /// Reads the revocations of others if the file has changed; how many were new. Nothing that was revoked comes to life again.
    pub(crate) fn look(&self) -> Result<usize, BadState> {
        let stamp = self.store.stamp();
        if core::mem::replace(&mut *lock(&self.read), stamp.clone()) == stamp {
            return Ok(0);
        }
        self.learn()
    }

    /// The same whether the file has changed or not.
    pub(crate) fn learn(&self) -> Result<usize, BadState> {
        let marks = self.store.read()?;
        let (new, listeners) = lock(&self.contacts).learn(marks);
        for listener in listeners {
            let _ = listener.send(Box::new(Told::Over(Ending::Revoked)));
        }
        Ok(new)
    }

    /// Phones that listen.
    pub(crate) fn listeners(&self) -> u32 {
        lock(&self.contacts).listeners()
    }
}

impl Shared {
    /// Whether a phone may listen under this contact id, should it prove to be its own.
    pub(crate) fn admit(&self, contact: &ContactId, block: Block, limits: &Limits) -> Result<(), Refusal> {
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        lock(&self.doorbell.contacts).admit(contact, block, limits)
    }

    /// Lets a phone listen that has proven the contact id to be its own.
    pub(crate) fn listen(
        self: &Arc<Self>,
        contact: ContactId,
        block: Block,
        limits: &Limits,
    ) -> Result<(Watching, UnboundedReceiver<Box<Told>>), Refusal> {
        let (bell, told) = mpsc::unbounded_channel();
        let (watch, before, calls) = lock(&self.doorbell.contacts).listen(contact, block, bell.clone(), limits)?;
        if let Some(before) = before {
            let _ = before.send(Box::new(Told::Over(Ending::Replaced)));
        }
        for message in calls {
            let _ = bell.send(Box::new(Told::Contact(message)));
        }
        let shared = Arc::clone(self);
        Ok((Watching { watch, shared }, told))
    }

    /// Rings a phone for a desktop at `block` that will wait in the room.
    pub(crate) fn ring(
        self: &Arc<Self>,
        contact: &ContactId,
        payload: &[u8],
        block: Block,
        joiner: Joiner<Stream>,
        limits: &Limits,
    ) -> Result<(TunnelId, Room, Ringing), Refusal> {
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        let tunnel = TunnelId::new(random().ok_or(Refusal::Randomness)?);
        let mut contacts = lock(&self.doorbell.contacts);
        let (call, room, message, bell) = contacts.ring(contact, Instant::now(), limits, || {
            let room = self.open(tunnel, block, joiner, limits)?;
            let message = contact::contact(tunnel, room.routing_id(), payload);
            Ok((room, Message::from(message)))
        })?;
        let ringing = Ringing {
            call,
            shared: Arc::clone(self),
        };
        // A listener that is about to end leaves the call to the next one.
        let _ = bell.send(Box::new(Told::Contact(message)));
        self.metrics.contacts.add(1);
        Ok((tunnel, room, ringing))
    }

    /// Makes a contact id dead for good, on disk first: what is confirmed must survive.
    pub(crate) async fn revoke(&self, contact: &ContactId, block: Block, limits: &Limits) -> Result<(), NotRevoked> {
        lock(&self.doorbell.contacts)
            .may_revoke(block, limits)
            .map_err(NotRevoked::Refused)?;
        let (store, mark) = (Arc::clone(&self.doorbell.store), Mark::of(contact));
        let stored = tokio::task::spawn_blocking(move || store.append(mark)).await;
        stored
            .unwrap_or_else(|lost| Err(io::Error::other(lost)))
            .map_err(NotRevoked::NotStored)?;
        if let Some(listener) = lock(&self.doorbell.contacts).revoke(contact, block) {
            let _ = listener.send(Box::new(Told::Over(Ending::Revoked)));
        }
        self.metrics.revoked.add(1);
        Ok(())
    }
}

/// Why a contact id was not revoked.
pub(crate) enum NotRevoked {
    Refused(Refusal),
    NotStored(io::Error),
}

/// A phone that listens, as long as its connection lives.
pub(crate) struct Watching {
    watch: Watch,
    shared: Arc<Shared>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        lock(&self.shared.doorbell.contacts).leave(&self.watch);
    }
}

/// A phone that was rung, until it joins or the desktop leaves.
pub(crate) struct Ringing {
    call: Call,
    shared: Arc<Shared>,
}

impl Drop for Ringing {
    fn drop(&mut self) {
        lock(&self.shared.doorbell.contacts).hang_up(&self.call);
    }
}
