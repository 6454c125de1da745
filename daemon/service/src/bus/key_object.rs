//! `org.hybridd.Key1`, as it is served.

use super::turns::Turns;
use super::{Call, gate};
use crate::desk::Number;
use crate::journal::Leave;
use crate::registry::AgentName;
use hybrid_key_bus::Refusal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, oneshot};
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, fdo, interface};

/// Calls of one connection that may wait for the loop: an agent that leaves also says what is on the
/// screen.
const WAITING: usize = 8;

/// The object. Whoever calls waits for nobody but themselves: the bus lets everybody call, and
/// bounds how many connections there are.
pub(crate) struct KeyObject {
    pub(super) present: Arc<AtomicBool>,
    calls: mpsc::Sender<Call>,
    /// Connections and users whose registration is looked at.
    connections: Turns<AgentName>,
    users: Turns<u32>,
    waiting: Turns<AgentName>,
}

impl KeyObject {
    pub(crate) fn new(calls: mpsc::Sender<Call>) -> Self {
        Self {
            present: Arc::default(),
            calls,
            connections: Turns::new(1),
            users: Turns::new(1),
            waiting: Turns::new(WAITING),
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
        let name = caller(&header).ok_or(Refusal::NoSession)?;
        let _room = self.connections.take(&name).ok_or(Refusal::TooOften)?;
        let user = gate::user(connection, &name).await;
        let uid = user.ok_or(Refusal::NoSession)?;
        let _turn = self.users.take(&uid).ok_or(Refusal::TooOften)?;
        let candidate = gate::candidate(connection, name, uid, contract).await;
        let (verdict, answer) = oneshot::channel();
        let call = Call::Register(candidate, verdict);
        self.calls
            .send(call)
            .await
            .map_err(|_| Refusal::UhidFails)?;
        answer.await.unwrap_or(Err(Refusal::UhidFails))
    }

    async fn unregister(&self, #[zbus(header)] header: Header<'_>) -> fdo::Result<()> {
        let call = |name| Call::Leave(name, Leave::Unregistered);
        self.tell(&header, call).await
    }

    async fn shown(&self, number: u64, #[zbus(header)] header: Header<'_>) -> fdo::Result<()> {
        let call = |name| Call::Shown(name, Number(number));
        self.tell(&header, call).await
    }

    #[zbus(property)]
    fn present(&self) -> bool {
        self.present.load(Ordering::Relaxed)
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    #[zbus(signal)]
    pub(super) async fn register_anew(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

impl KeyObject {
    /// Passes a call on that needs no verdict. A flood of them is not kept.
    async fn tell(
        &self,
        header: &Header<'_>,
        call: impl FnOnce(AgentName) -> Call,
    ) -> fdo::Result<()> {
        let name = caller(header).ok_or_else(|| fdo::Error::AccessDenied(String::new()))?;
        let too_many = || fdo::Error::LimitsExceeded("too many calls at once".to_owned());
        let _place = self.waiting.take(&name).ok_or_else(too_many)?;
        let told = self.calls.send(call(name)).await;
        told.map_err(|_| fdo::Error::Failed("the service ends".to_owned()))
    }
}

/// Who calls. The bus itself writes that into each message.
fn caller(header: &Header<'_>) -> Option<AgentName> {
    header.sender().map(|name| AgentName::new(name.as_str()))
}
