//! The phones that listen here, how each is reached, and the contact ids that are revoked, in
//! memory and on disk.

use crate::admission::address::Block;
use crate::admission::limits::Limits;
use crate::admission::refusal::Refusal;
use crate::apart::apart;
use crate::phones::contacts::{ContactMessage, Contacts, Mark};
use crate::phones::revocations::{BadLines, BadState, RevocationFile, Stamp};
use crate::sync::lock;
use crate::websocket::close::CloseReason;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use hybrid_protocol::ContactId;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;
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
pub(crate) type PhoneSender = UnboundedSender<Box<PhoneNotice>>;

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
    pub(crate) fn look(&self) -> Result<usize, BadState> {
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
    pub(crate) fn learn(&self) -> Result<usize, BadState> {
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

    /// Who listens, who rings, and what is dead. Held only for a moment: nothing waits meanwhile.
    pub(crate) fn contacts(&self) -> MutexGuard<'_, Contacts<PhoneSender>> {
        lock(&self.contacts)
    }

    /// Where the revocations are kept.
    pub(crate) fn file(&self) -> &Path {
        self.store.path()
    }

    /// Makes a contact id dead for good, on disk first: what is confirmed must survive. Whether it
    /// was alive before.
    pub(crate) async fn revoke(
        &self,
        contact: &ContactId,
        block: Block,
        limits: &Limits,
    ) -> Result<bool, NotRevoked> {
        let late = |_| {
            io::Error::new(
                io::ErrorKind::TimedOut,
                "timed out writing it to disk (10 s)",
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
    ) -> Result<bool, NotRevoked> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        {
            let contacts = lock(&self.contacts);
            if contacts.is_revoked(contact) {
                return Ok(false);
            }
            contacts
                .may_revoke(block, limits)
                .map_err(NotRevoked::Refused)?;
        }
        let (store, mark) = (Arc::clone(&self.store), Mark::of(contact));
        // Who ceases to wait leaves the turn to the writing. A line that is there after all is
        // learned when the file is read.
        let (stored, _turn) = apart("revoke", move || (store.append(mark), turn))
            .await
            .map_err(NotRevoked::NotStored)?;
        stored.map_err(NotRevoked::NotStored)?;
        if let Some(listener) = lock(&self.contacts).revoke(contact, block) {
            let _ = listener.send(Box::new(PhoneNotice::Over(CloseReason::Revoked)));
        }
        Ok(true)
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
            "malformed lines are skipped and all others are in force; expected 64 hex digits, the SHA-256 of a revoked contact id: correct or \
             remove the malformed lines"
        );
    }
}

/// Why a contact id was not revoked.
pub(crate) enum NotRevoked {
    Refused(Refusal),
    NotStored(io::Error),
}
