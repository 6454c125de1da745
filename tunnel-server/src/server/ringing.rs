//! How connections use the registry of phones: a phone listens or revokes, a desktop rings, and
//! what each holds gives itself back.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::apart::apart;
use crate::http::stream::ClientStream;
use crate::phones::contacts::{Call, ContactMessage, Watch};
use crate::phones::registry::{NotRevoked, PhoneNotice, PhoneRegistry};
use crate::phones::revocations::BadState;
use crate::random::random;
use crate::server::state::{RelayState, Room};
use crate::tunnel::lifecycle::Joiner;
use crate::websocket::close::CloseReason;
use hybrid_protocol::{ContactId, TunnelId, contact};
use std::sync::Arc;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::Instant;

impl RelayState {
    /// Whether a phone may listen under this contact id, should it prove to be its own.
    pub(crate) fn admit(
        &self,
        contact: &ContactId,
        block: Block,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        self.phones.contacts().admit(contact, block, limits)
    }

    /// Lets a phone listen that has proven the contact id to be its own.
    pub(crate) fn listen(
        self: &Arc<Self>,
        contact: ContactId,
        block: Block,
        limits: &Limits,
    ) -> Result<(Watching, UnboundedReceiver<Box<PhoneNotice>>), Refusal> {
        let (bell, told) = mpsc::unbounded_channel();
        let (watch, before, calls) =
            self.phones
                .contacts()
                .listen(contact, block, bell.clone(), limits)?;
        if let Some(before) = before {
            let _ = before.send(Box::new(PhoneNotice::Over(CloseReason::Replaced)));
        }
        for message in calls {
            let _ = bell.send(Box::new(PhoneNotice::Contact(message)));
        }
        let state = Arc::clone(self);
        Ok((Watching { watch, state }, told))
    }

    /// Rings a phone for a desktop at `block` that will wait in the room.
    pub(crate) fn ring(
        self: &Arc<Self>,
        contact: &ContactId,
        payload: &[u8],
        block: Block,
        joiner: Joiner<ClientStream>,
        limits: &Limits,
    ) -> Result<(TunnelId, Room, Ringing), Refusal> {
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        let tunnel = TunnelId::new(random().ok_or(Refusal::Randomness)?);
        let mut contacts = self.phones.contacts();
        let (call, room, message, bell) = contacts.ring(contact, Instant::now(), limits, || {
            let room = self.open(tunnel, block, joiner, limits)?;
            let message = contact::contact(tunnel, room.routing_id(), payload);
            Ok((room, ContactMessage::from(message)))
        })?;
        let ringing = Ringing {
            call,
            state: Arc::clone(self),
        };
        // A listener that is about to end leaves the call to the next one.
        let _ = bell.send(Box::new(PhoneNotice::Contact(message)));
        self.metrics.contacts.add(1);
        Ok((tunnel, room, ringing))
    }

    /// Makes a contact id dead for good, on disk first: what is confirmed must survive.
    pub(crate) async fn revoke(
        &self,
        contact: &ContactId,
        block: Block,
        limits: &Limits,
    ) -> Result<(), NotRevoked> {
        if self.phones.revoke(contact, block, limits).await? {
            self.metrics.revoked.add(1);
        }
        Ok(())
    }

    /// Reads the revocations of others if their file has changed; how many were new.
    pub(crate) async fn look(self: Arc<Self>) -> Result<usize, BadState> {
        self.apart(PhoneRegistry::look).await
    }

    /// The same whether the file has changed or not.
    pub(crate) async fn learn(self: Arc<Self>) -> Result<usize, BadState> {
        self.apart(PhoneRegistry::learn).await
    }

    /// Reads apart from the loop that serves the connections: the file may be long, and a disk may
    /// be slow.
    async fn apart(
        self: Arc<Self>,
        read: impl FnOnce(&PhoneRegistry) -> Result<usize, BadState> + Send + 'static,
    ) -> Result<usize, BadState> {
        let state = Arc::clone(&self);
        let read = apart("revocations", move || read(&state.phones)).await;
        read.unwrap_or_else(|lost| Err(BadState::Io(self.phones.file().to_owned(), lost)))
    }
}

/// A phone that listens, as long as its connection lives.
pub(crate) struct Watching {
    watch: Watch,
    state: Arc<RelayState>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.state.phones.contacts().leave(&self.watch);
    }
}

/// A phone that was rung, until it joins or the desktop leaves.
pub(crate) struct Ringing {
    call: Call,
    state: Arc<RelayState>,
}

impl Drop for Ringing {
    fn drop(&mut self) {
        self.state.phones.contacts().hang_up(&self.call);
    }
}
