//! An agent that has no phone: it registers with the key's service as a real one does, and says of
//! each request what it was told to say.

use hybrid_key_bus::{AGENT_PATH, CONTRACT, Code, Ended, KeyProxy, Refusal, SERVICE};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use zbus::{Connection, connection, fdo, interface};

/// authenticatorSelection: "shall it be you?"
const SELECTION: u8 = 0x0b;

/// What it says to a request for a phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Manner {
    /// Nothing, until it is cancelled.
    Hang,
    /// There is no answer, for this reason.
    Refuse(Code),
    /// This reply.
    Reply(Vec<u8>),
}

/// What it saw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sight {
    /// The device is there for it.
    Registered,
    /// It may not answer.
    Refused(Refusal),
    /// The service does not answer.
    NoService,
    /// It may register anew.
    Anew,
    /// A program asks.
    Asked {
        /// Which request.
        number: u64,
        /// The command byte.
        command: u8,
        /// For whom.
        rp_id: String,
    },
    /// A program asks for its memory.
    AskedMemory(String),
    /// Nobody waits for this request any more.
    Cancelled(u64),
}

/// The agent, until it is dropped.
pub struct StandIn {
    connection: Connection,
    sights: mpsc::UnboundedReceiver<Sight>,
}

impl StandIn {
    /// Comes to the bus with this builder. It registers by itself, now and
    /// whenever it may.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start(builder: connection::Builder<'_>, manner: Manner) -> zbus::Result<Self> {
        let (sender, sights) = mpsc::unbounded_channel();
        let (cancelled, _) = watch::channel(0);
        let object = Object {
            manner,
            sights: sender.clone(),
            cancelled: Arc::new(cancelled),
        };
        let connection = builder.serve_at(AGENT_PATH, object).build().await?;
        tokio::spawn(keep_registered(connection.clone(), sender));
        Ok(Self { connection, sights })
    }

    /// What it sees next.
    ///
    /// # Errors
    /// A sentence, when it sees nothing any more.
    pub async fn next(&mut self) -> Result<Sight, String> {
        let next = self.sights.recv().await;
        next.ok_or_else(|| "the agent sees nothing any more".to_owned())
    }

    /// Its way to the service.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn key(&self) -> zbus::Result<KeyProxy<'static>> {
        KeyProxy::new(&self.connection).await
    }

    /// Leaves the bus without a word, as one that is killed.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn vanish(self) -> zbus::Result<()> {
        self.connection.close().await
    }
}

/// Registers now, when the service comes to the bus, and whenever it invites.
async fn keep_registered(connection: Connection, sights: mpsc::UnboundedSender<Sight>) {
    use futures_util::StreamExt as _;
    let follow = async {
        let bus = fdo::DBusProxy::new(&connection).await?;
        let service = [(0, SERVICE)];
        let mut owners = bus.receive_name_owner_changed_with_args(&service).await?;
        let key = KeyProxy::new(&connection).await?;
        let mut invitations = key.receive_register_anew().await?;
        loop {
            let sight = match key.register(CONTRACT).await {
                Ok(()) => Sight::Registered,
                Err(error) => Refusal::of(&error).map_or(Sight::NoService, Sight::Refused),
            };
            let _ = sights.send(sight);
            loop {
                tokio::select! {
                    invitation = invitations.next() => {
                        if invitation.is_none() {
                            return Ok(());
                        }
                        let _ = sights.send(Sight::Anew);
                        break;
                    }
                    owner = owners.next() => {
                        let Some(owner) = owner else { return Ok(()) };
                        if owner.args()?.new_owner.is_some() {
                            break;
                        }
                    }
                }
            }
        }
    };
    let _: zbus::Result<()> = follow.await;
}

struct Object {
    manner: Manner,
    sights: mpsc::UnboundedSender<Sight>,
    cancelled: Arc<watch::Sender<u64>>,
}

#[interface(name = "org.hybridd.Agent1")]
impl Object {
    async fn request(
        &self,
        command: Vec<u8>,
        rp_id: String,
        _parent: String,
        _deadline_ms: u32,
        number: u64,
    ) -> Result<Vec<u8>, Ended> {
        let command = command.first().copied().unwrap_or_default();
        let _ = self.sights.send(Sight::Asked {
            number,
            command,
            rp_id,
        });
        if command == SELECTION {
            return Ok(vec![0]);
        }
        match &self.manner {
            Manner::Reply(reply) => Ok(reply.clone()),
            Manner::Refuse(code) => Err(Ended::new(*code)),
            Manner::Hang => {
                let mut cancelled = self.cancelled.subscribe();
                // The sender lives as long as this object.
                let _ = cancelled.wait_for(|last| *last >= number).await;
                Ok(Vec::new())
            }
        }
    }

    fn known(&self, rp_id: String, _ids: Vec<Vec<u8>>) -> Vec<u32> {
        let _ = self.sights.send(Sight::AskedMemory(rp_id));
        Vec::new()
    }

    fn cancel(&self, number: u64) {
        self.cancelled.send_replace(number);
        let _ = self.sights.send(Sight::Cancelled(number));
    }
}
