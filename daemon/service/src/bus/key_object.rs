//! `org.hybridd.Key1`, as it is served.

use super::{Call, gate};
use crate::desk::Number;
use crate::journal::Leave;
use crate::registry::AgentName;
use hybrid_key_bus::Refusal;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, mpsc, oneshot};
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, fdo, interface};

/// Registrations that are looked at, at the same time. Of one user there is one.
const AT_ONCE: usize = 64;

/// The object.
pub(crate) struct KeyObject {
    pub(super) present: Arc<AtomicBool>,
    calls: mpsc::Sender<Call>,
    room: Semaphore,
    looked_at: Mutex<BTreeSet<u32>>,
}

impl KeyObject {
    pub(crate) fn new(calls: mpsc::Sender<Call>) -> Self {
        Self {
            present: Arc::default(),
            calls,
            room: Semaphore::new(AT_ONCE),
            looked_at: Mutex::default(),
        }
    }
}

#[interface(name = "org.hybridd.Key1")]
impl KeyObject {
    async fn register(
        &self,
        contract: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let _room = self.room.try_acquire().map_err(|_| Refusal::TooOften)?;
        let name = caller(&header).ok_or(Refusal::NoSession)?;
        let user = gate::user(connection, &name).await;
        let uid = user.ok_or(Refusal::NoSession)?;
        let _turn = Turn::take(&self.looked_at, uid).ok_or(Refusal::TooOften)?;
        let candidate = gate::candidate(connection, name, uid, contract).await;
        let (verdict, answer) = oneshot::channel();
        let call = Call::Register(candidate, verdict);
        self.calls
            .send(call)
            .await
            .map_err(|_| Refusal::UhidFails)?;
        answer.await.unwrap_or(Err(Refusal::UhidFails))
    }

    fn unregister(&self, #[zbus(header)] header: Header<'_>) -> fdo::Result<()> {
        self.tell(&header, |name| Call::Leave(name, Leave::Unregistered))
    }

    fn shown(&self, number: u64, #[zbus(header)] header: Header<'_>) -> fdo::Result<()> {
        self.tell(&header, |name| Call::Shown(name, Number(number)))
    }

    #[zbus(property)]
    fn present(&self) -> bool {
        self.present.load(Ordering::Relaxed)
    }

    #[zbus(signal)]
    pub(super) async fn register_anew(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

impl KeyObject {
    /// Passes a call on that needs no verdict. A flood of them is not kept.
    fn tell(&self, header: &Header<'_>, call: impl FnOnce(AgentName) -> Call) -> fdo::Result<()> {
        let name = caller(header).ok_or_else(|| fdo::Error::AccessDenied(String::new()))?;
        self.calls
            .try_send(call(name))
            .map_err(|_| fdo::Error::LimitsExceeded("too many calls at once".to_owned()))
    }
}

/// Who calls. The bus itself writes that into each message.
fn caller(header: &Header<'_>) -> Option<AgentName> {
    header.sender().map(|name| AgentName::new(name.as_str()))
}

/// A user's turn to be looked at, until it is dropped.
struct Turn<'a> {
    all: &'a Mutex<BTreeSet<u32>>,
    uid: u32,
}

impl<'a> Turn<'a> {
    fn take(all: &'a Mutex<BTreeSet<u32>>, uid: u32) -> Option<Self> {
        let mut taken = all.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(uid).then(|| Self { all, uid })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&self.uid);
    }
}
