//! How connections use the table of contacts: tickets that give themselves back, and what a
//! listening phone is told.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::http::stream::ClientStream;
use crate::phones::contacts::{Call, ContactMessage, Contacts, Mark, Watch};
use crate::phones::revocations::{BadLines, BadState, RevocationFile, Stamp};
use crate::server::state::{RelayState, Room, lock, random};
use crate::tunnel::lifecycle::Joiner;
use crate::websocket::close::CloseReason;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use hybrid_protocol::{ContactId, TunnelId, listen};
use std::io;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};
use tracing::warn;

/// How long a revocation may take to come to the disk, the turns of others before it included.
const STORED: Duration = Duration::from_secs(10);

/// The phones that listen here, and what is revoked.
pub(crate) struct PhoneRegistry {
    contacts: Mutex<Contacts<PhoneSender>>,
    store: Arc<RevocationFile>,
    /// Held by the one revocation that is being written: what is checked before it is so when it is
    /// there.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Held by whoever reads the file of revocations.
    seen: Mutex<LastRead>,
    /// Lines of it that are none.
    bad: AtomicU64,
}

/// The file of revocations as it was when it was last read.
struct LastRead {
    stamp: Option<Stamp>,
    bad: BadLines,
    /// Why it could not be read, if it could not: it is tried again, and told once.
    failed: Option<String>,
}

/// How a listening phone is reached. Boxed, because a channel begins with room for many.
type PhoneSender = UnboundedSender<Box<PhoneNotice>>;

/// What a listening phone is told. The channel is bounded by what fills it: the rate at which a
/// phone may be rung.
pub(crate) enum PhoneNotice {
    Contact(ContactMessage),
    Over(CloseReason),
}

impl PhoneRegistry {
    pub(crate) fn new(store: RevocationFile, revoked: Vec<Mark>, bad: BadLines) -> Self {
        warn_of(&store, &bad);
        Self {
            contacts: Mutex::new(Contacts::new(revoked)),
            turn: Arc::default(),
            bad: AtomicU64::new(bad.lines),
            seen: Mutex::new(LastRead {
                // Read once more at the first look: it may have changed while the relay started.
                stamp: None,
                bad,
                failed: None,
            }),
            store: Arc::new(store),
        }
    }

    /// Reads the revocations of others if the file has changed; how many were new. Nothing that was
    /// revoked comes to life again. Blocks.
    fn look(&self) -> Result<usize, BadState> {
        let mut seen = match self.seen.try_lock() {
            Ok(seen) => seen,
            Err(TryLockError::Poisoned(seen)) => PoisonError::into_inner(seen),
            // Somebody is at it.
            Err(TryLockError::WouldBlock) => return Ok(0),
        };
        let stamp = self.store.stamp();
        if stamp == seen.stamp && seen.failed.is_none() {
            return Ok(0);
        }
        let told = seen.failed.clone();
        match self.read(&mut seen, stamp) {
            Err(cause) if told == Some(cause.to_string()) => Ok(0),
            read => read,
        }
    }

    /// The same whether the file has changed or not, and what was told is told again. Blocks.
    fn learn(&self) -> Result<usize, BadState> {
        let mut seen = lock(&self.seen);
        seen.bad = BadLines::default();
        let stamp = self.store.stamp();
        self.read(&mut seen, stamp)
    }

    /// `stamp` is from before the reading, so that what is written meanwhile is a change for the
    /// next time.
    fn read(&self, seen: &mut LastRead, stamp: Option<Stamp>) -> Result<usize, BadState> {
        let mut all = 0;
        let read = self.store.read(|marks| {
            let (new, listeners) = lock(&self.contacts).learn(marks);
            all += new;
            for listener in listeners {
                let _ = listener.send(Box::new(PhoneNotice::Over(CloseReason::Revoked)));
            }
        });
        seen.failed = read.as_ref().err().map(ToString::to_string);
        let bad = read?;
        if bad != seen.bad {
            warn_of(&self.store, &bad);
        }
        self.bad.store(bad.lines, Ordering::Relaxed);
        (seen.stamp, seen.bad) = (stamp, bad);
        Ok(all)
    }

    /// Lines of the file of revocations that are none.
    pub(crate) fn bad_lines(&self) -> u64 {
        self.bad.load(Ordering::Relaxed)
    }

    /// Phones that listen.
    pub(crate) fn listeners(&self) -> u32 {
        lock(&self.contacts).listeners()
    }
}

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
        lock(&self.phones.contacts).admit(contact, block, limits)
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
            lock(&self.phones.contacts).listen(contact, block, bell.clone(), limits)?;
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
        let mut contacts = lock(&self.phones.contacts);
        let (call, room, message, bell) = contacts.ring(contact, Instant::now(), limits, || {
            let room = self.open(tunnel, block, joiner, limits)?;
            let message = listen::contact(tunnel, room.routing_id(), payload);
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
        let late = |_| {
            io::Error::new(
                io::ErrorKind::TimedOut,
                "the disk has not taken it within 10 s",
            )
        };
        let revoked = timeout(STORED, self.revoke_in_turn(contact, block, limits)).await;
        revoked.map_err(late).map_err(NotRevoked::NotStored)?
    }

    /// One after the other: the limits hold however many come at once, and nothing is written
    /// twice.
    async fn revoke_in_turn(
        &self,
        contact: &ContactId,
        block: Block,
        limits: &Limits,
    ) -> Result<(), NotRevoked> {
        let turn = Arc::clone(&self.phones.turn).lock_owned().await;
        {
            let contacts = lock(&self.phones.contacts);
            if contacts.is_revoked(contact) {
                return Ok(());
            }
            contacts
                .may_revoke(block, limits)
                .map_err(NotRevoked::Refused)?;
        }
        let (store, mark) = (Arc::clone(&self.phones.store), Mark::of(contact));
        // Who ceases to wait leaves the turn to the writing. A line that is there after all is
        // learned when the file is read.
        let (stored, _turn) = spawn_blocking(move || (store.append(mark), turn))
            .await
            .map_err(|lost| NotRevoked::NotStored(io::Error::other(lost)))?;
        stored.map_err(NotRevoked::NotStored)?;
        if let Some(listener) = lock(&self.phones.contacts).revoke(contact, block) {
            let _ = listener.send(Box::new(PhoneNotice::Over(CloseReason::Revoked)));
        }
        self.metrics.revoked.add(1);
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
        let read = spawn_blocking(move || read(&state.phones)).await;
        read.unwrap_or_else(|lost| {
            Err(BadState::Io(
                self.phones.store.path().to_owned(),
                io::Error::other(lost),
            ))
        })
    }
}

/// One bad line is one bad line. What it holds is nobody's business: it may have been meant for
/// another file.
fn warn_of(store: &RevocationFile, bad: &BadLines) {
    if bad.lines > 0 {
        warn!(
            file = %store.path().display(),
            lines = %bad,
            bad = bad.lines,
            "lines that are no revocation are passed over, all others are in force; expected 64 hex digits, the SHA-256 of a \
             revoked contact id: correct them or take them out"
        );
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
    state: Arc<RelayState>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        lock(&self.state.phones.contacts).leave(&self.watch);
    }
}

/// A phone that was rung, until it joins or the desktop leaves.
pub(crate) struct Ringing {
    call: Call,
    state: Arc<RelayState>,
}

impl Drop for Ringing {
    fn drop(&mut self) {
        lock(&self.state.phones.contacts).hang_up(&self.call);
    }
}
