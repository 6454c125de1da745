//! The signals of a service, and of nobody else: the bus passes on every program's, whoever's place
//! they are sent in. Under a well-known name all of them would be taken in, and while an answer is
//! waited for they would fill the queue that the answer has to pass.

use super::answer;
use futures_util::StreamExt as _;
use zbus::fdo::{self, NameOwnerChangedStream};
use zbus::names::BusName;
use zbus::{Connection, MatchRule, Message, MessageStream, message};

/// Where a service says something, and what it is called.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) service: &'static str,
    pub(super) path: &'static str,
    pub(super) interface: &'static str,
    pub(super) signal: &'static str,
}

/// Follows one signal of a service, through its restarts.
pub(super) struct Listener {
    connection: Connection,
    place: Place,
    owners: NameOwnerChangedStream,
    signals: Option<MessageStream>,
    is_stale: bool,
}

/// What came.
pub(super) enum Heard {
    /// The signal.
    Signal(Message),
    /// The service is another one; what it said meanwhile is not known.
    Another,
    /// It is gone.
    Gone,
}

impl Listener {
    /// Listens from now on, also to a service that is still to come.
    pub(super) async fn start(connection: &Connection, place: Place) -> zbus::Result<Self> {
        let bus = fdo::DBusProxy::new(connection).await?;
        let service = [(0, place.service)];
        let mut listener = Self {
            connection: connection.clone(),
            place,
            owners: bus.receive_name_owner_changed_with_args(&service).await?,
            signals: None,
            is_stale: true,
        };
        listener.refresh().await?;
        Ok(listener)
    }

    /// What comes next; `None` when the bus is gone. Cancel-safe.
    pub(super) async fn next(&mut self) -> zbus::Result<Option<Heard>> {
        loop {
            if self.is_stale {
                self.refresh().await?;
                return Ok(Some(match self.signals {
                    Some(_) => Heard::Another,
                    None => Heard::Gone,
                }));
            }
            let said = async {
                match &mut self.signals {
                    Some(signals) => signals.next().await,
                    None => core::future::pending().await,
                }
            };
            tokio::select! {
                owner = self.owners.next() => {
                    if owner.is_none() {
                        return Ok(None);
                    }
                    self.is_stale = true;
                }
                signal = said => match signal {
                    Some(Ok(signal)) => return Ok(Some(Heard::Signal(signal))),
                    Some(Err(_)) => {}
                    None => return Ok(None),
                }
            }
        }
    }

    async fn refresh(&mut self) -> zbus::Result<()> {
        let bus = fdo::DBusProxy::new(&self.connection).await?;
        let name = BusName::try_from(self.place.service)?;
        let asked = async { Ok(bus.get_name_owner(name).await?) };
        self.signals = match answer(asked).await {
            Some(owner) => {
                let rule = MatchRule::builder()
                    .msg_type(message::Type::Signal)
                    .sender(owner.as_str())
                    .path(self.place.path)
                    .interface(self.place.interface)
                    .member(self.place.signal)
                    .build()?;
                Some(MessageStream::for_match_rule(rule, &self.connection, None).await?)
            }
            None => None,
        };
        self.is_stale = false;
        Ok(())
    }
}
