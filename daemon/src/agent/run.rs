//! The agent's loop: it follows the bus, the service, the adapters and the switch, for weeks, and
//! does what [`Membership`] decides. Nothing is asked between events.

use super::bus_object::{AgentObject, ServiceOwner};
use super::membership::{Membership, MembershipOrder, Standing};
use super::memory::Memory;
use super::report_file;
use super::responder::Responder;
use super::switch_watch::SwitchWatch;
use super::world::AgentWorld;
use futures_util::StreamExt as _;
use hybrid_diagnosis::catalogue::{ANOTHER_KEY_VERSION, Entry};
use hybrid_key_bus::{
    AGENT_PATH, CONTRACT, KeyProxy, Refusal, RegisterAnewStream, SERVICE, system_bus_words,
};
use hybrid_radio::bluez::{AdapterPresence, AdapterWatch};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zbus::names::BusName;
use zbus::proxy::CacheProperties;
use zbus::{Connection, fdo};

/// A bus that is not there is looked for after this long, and then after twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// An adapter that does not come back by then is gone. Longer than a session waits before it tells
/// what is wrong with the radio.
const ADAPTER_GONE: Duration = Duration::from_secs(4);

/// An agent.
pub struct Agent {
    world: AgentWorld,
    responder: Arc<Responder>,
    told: Option<Standing>,
}

impl Agent {
    /// One that does nothing yet.
    pub fn new(world: AgentWorld) -> Self {
        let responder = Responder::new(&world, Memory::new(world.folders.memory()));
        Self {
            world,
            responder: Arc::new(responder),
            told: None,
        }
    }

    /// What answers requests.
    pub fn responder(&self) -> Arc<Responder> {
        Arc::clone(&self.responder)
    }

    /// Serves until it is dropped.
    ///
    /// # Errors
    /// When the switch cannot be followed.
    pub async fn serve(mut self) -> io::Result<()> {
        let mut switch = SwitchWatch::start(self.world.folders.switch())?;
        let mut pause = FIRST_PAUSE;
        loop {
            let began = Instant::now();
            let error = match self.serve_bus(&mut switch).await {
                Ok(()) => "the service stopped".to_owned(),
                Err(error) => system_bus_words(&error),
            };
            // What was asked over it cannot be answered any more.
            self.responder.service_changed();
            self.stand(Standing::NoBus);
            if began.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            tracing::warn!(%error, again_after_s = pause.as_secs(), "the system bus");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Serves until the bus is gone.
    async fn serve_bus(&mut self, switch: &mut SwitchWatch) -> zbus::Result<()> {
        let connection = self.world.bus.connect().await?;
        let key = KeyProxy::builder(&connection)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let owner = ServiceOwner::default();
        let object = AgentObject {
            responder: Arc::clone(&self.responder),
            owner: owner.clone(),
            key: key.clone(),
        };
        connection.object_server().at(AGENT_PATH, object).await?;
        // Subscribed before anything is asked, so that nothing falls between.
        let bus = fdo::DBusProxy::new(&connection).await?;
        let service = [(0, SERVICE)];
        let mut owners = bus.receive_name_owner_changed_with_args(&service).await?;
        let mut adapters = AdapterWatch::start(&self.world.bus, &connection).await?;
        let mut membership = Membership::default();
        // A bluetoothd that ends or is started again takes its adapters along; what asks meanwhile is
        // told by its session.
        let mut gone_at: Option<Instant> = None;

        let mut name = owner_of(&bus).await;
        let mut invitations = invitations_of(&connection, name.as_deref()).await?;
        let mut orders = vec![
            membership.wanted(switch.is_on()),
            membership.adapter(adapters.presence()),
            membership.service(name.is_some()),
        ];
        owner.set(name.clone());
        loop {
            for order in orders.drain(..).flatten() {
                obey(&key, order, &mut membership).await;
            }
            self.stand(membership.standing());
            let due = membership.poll_timeout();
            let invitation = async {
                match &mut invitations {
                    Some(invitations) => invitations.next().await,
                    None => std::future::pending().await,
                }
            };
            let order = tokio::select! {
                changed = owners.next() => {
                    let Some(changed) = changed else { return Ok(()) };
                    let Ok(changed) = changed.args() else { continue };
                    let new = changed.new_owner.as_ref().map(|name| name.as_str().to_owned());
                    if new == name {
                        // It was asked after it changed, and before this was told.
                        continue;
                    }
                    name = new;
                    self.responder.service_changed();
                    owner.set(name.clone());
                    invitations = invitations_of(&connection, name.as_deref()).await?;
                    membership.service(name.is_some())
                }
                invitation = invitation => {
                    if invitation.is_none() {
                        return Ok(());
                    }
                    membership.invited()
                }
                presence = adapters.changed() => match presence {
                    Some(presence @ AdapterPresence::Exists) => {
                        gone_at = None;
                        membership.adapter(presence)
                    }
                    Some(AdapterPresence::Missing | AdapterPresence::NoBluetoothd) => {
                        gone_at.get_or_insert_with(|| Instant::now() + ADAPTER_GONE);
                        None
                    }
                    None => return Ok(()),
                },
                () = until(gone_at) => {
                    gone_at = None;
                    membership.adapter(adapters.presence())
                }
                () = switch.changed() => membership.wanted(switch.is_on()),
                () = until(due) => membership.handle_timeout(Instant::now()),
            };
            orders.push(order);
        }
    }

    /// Says how it stands, when that is new.
    fn stand(&mut self, standing: Standing) {
        if self.told == Some(standing) {
            return;
        }
        self.told = Some(standing);
        let cause = report_file::cause(standing);
        match cause {
            Some(entry) => tracing::info!(code = entry.code, why = entry.name, "no security key"),
            None => tracing::info!(?standing, "the security key"),
        }
        if let (Some(entry), true) = (cause, is_for_the_person(standing)) {
            self.notify(entry);
        }
        if let Err(error) = report_file::write(&self.world.folders, standing) {
            tracing::warn!(%error, "cannot write the agent's state");
        }
    }

    fn notify(&self, entry: &'static Entry) {
        self.responder.notices.tell(entry, Instant::now());
    }
}

/// Whether a person can do something about it, and would not know by themselves.
const fn is_for_the_person(standing: Standing) -> bool {
    match standing {
        Standing::Refused(refusal) => match refusal {
            Refusal::AnotherVersion
            | Refusal::NoUhid
            | Refusal::UhidForbidden
            | Refusal::UhidFails => true,
            Refusal::InBackground
            | Refusal::AnotherSeat
            | Refusal::FromElsewhere
            | Refusal::NoSession
            | Refusal::NotAllowed
            | Refusal::AnotherAgent
            | Refusal::TooOften => false,
        },
        Standing::Registered
        | Standing::Asking
        | Standing::SwitchedOff
        | Standing::NoAdapter
        | Standing::NoBluetoothd
        | Standing::NoBus
        | Standing::NoService
        | Standing::Unanswered => false,
    }
}

async fn obey(key: &KeyProxy<'static>, order: MembershipOrder, membership: &mut Membership) {
    match order {
        MembershipOrder::Register => {
            let said = key.register(CONTRACT).await;
            if said.is_ok() {
                compare_versions(key).await;
            }
            let said = said.map_err(|error| {
                let refusal = Refusal::of(&error);
                if refusal.is_none() {
                    tracing::warn!(%error, "unexpected answer from the service");
                }
                refusal
            });
            membership.answered(said, Instant::now());
        }
        MembershipOrder::Unregister => {
            if let Err(error) = key.unregister().await {
                tracing::debug!(%error, "unregister");
            }
        }
    }
}

/// Of different versions, service and agent work together as long as their contract is the same; but
/// who looks for the cause of something must know.
async fn compare_versions(key: &KeyProxy<'static>) {
    let agent = env!("CARGO_PKG_VERSION");
    match key.version().await {
        Ok(service) if service == agent => {}
        Ok(service) => {
            let code = ANOTHER_KEY_VERSION.code;
            tracing::warn!(
                code,
                ?service,
                agent,
                "agent and service have different versions"
            );
        }
        Err(error) => tracing::warn!(%error, "the service does not tell its version"),
    }
}

async fn owner_of(bus: &fdo::DBusProxy<'_>) -> Option<String> {
    let name = BusName::try_from(SERVICE).ok()?;
    let owner = bus.get_name_owner(name).await.ok()?;
    Some(owner.as_str().to_owned())
}

/// What this service says, under the name that nobody else can send from: under the well-known one
/// everybody's signals would come, and fill the queue that the service's answers have to pass.
async fn invitations_of(
    connection: &Connection,
    service: Option<&str>,
) -> zbus::Result<Option<RegisterAnewStream>> {
    let Some(service) = service else {
        return Ok(None);
    };
    let key = KeyProxy::builder(connection)
        .destination(service.to_owned())
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    key.receive_register_anew().await.map(Some)
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
