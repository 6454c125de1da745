//! Where a fault is played: a radio, name servers, relays and proxies, set up and broken.

use super::scene::{Phone, Radio, Scene, Server};
use super::{dns, proxy, server};
use crate::bluez::{Air, FFF9, Refusal, uuid};
use crate::programs::World;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::Notify;

/// So strong is what is heard weakly, in dBm.
const WEAK: i16 = -92;
/// The one adapter that listens.
pub(super) const ADAPTER: &str = "hci0";

/// The surroundings, set up and broken.
pub(super) struct Stage<'s> {
    pub(super) scene: &'s Scene,
    pub(super) air: Air,
    pub(super) world: World,
    pub(super) cut: Arc<Notify>,
    _relay: Option<Child>,
}

impl<'s> Stage<'s> {
    pub(super) async fn set(scene: &'s Scene) -> Result<Self, String> {
        let air = air(scene.radio).await?;
        let bus = if scene.radio == Radio::NoBus {
            "unix:path=/nowhere/bus"
        } else {
            air.bus_address()
        };
        let world = World::new(bus, &dns::NAMES)?;
        let (pair, trusted) = server::certificates(scene.certificate)?;
        std::fs::write(world.path("ca.pem"), trusted).map_err(|error| error.to_string())?;
        if scene.phone == Phone::Remembered {
            air.remember(ADAPTER, FFF9, &[0x5a; 20]);
        }
        let cut = Arc::new(Notify::new());
        dns::serve(scene.dns)
            .await
            .map_err(|error| format!("no name server: {error}"))?;
        server::serve(scene.server, &pair, Arc::clone(&cut)).await?;
        proxy::serve(scene.proxy).await?;
        let real = matches!(
            scene.server,
            Server::Relay
                | Server::Slow(_)
                | Server::Moved
                | Server::WithoutUpgrade
                | Server::CutWhenIdle(_)
        );
        let relay = if real {
            Some(world.plain_relay(server::PLAIN).await?)
        } else {
            None
        };
        Ok(Self {
            scene,
            air,
            world,
            cut,
            _relay: relay,
        })
    }

    /// Somebody's headphones, so that the radio is not deaf.
    pub(super) async fn neighbour(&self) {
        let mut every = tokio::time::interval(Duration::from_millis(200));
        let beacon = hybrid_radio::beacon::service_data();
        loop {
            every.tick().await;
            if self.scene.radio != Radio::Quiet {
                let _ = self.air.hear(ADAPTER, &uuid(0x180f), &[1]).await;
            }
            if self.scene.radio == Radio::Weak {
                let _ = self.air.hear(ADAPTER, FFF9, &beacon).await;
            }
        }
    }

    pub(super) fn hybridd(&self) -> Command {
        let mut command = self.world.command("hybridd");
        command.envs(self.scene.env.iter().copied());
        command
    }
}

/// The adapters, and what is wrong with them from the start.
async fn air(radio: Radio) -> Result<Air, String> {
    let air = if radio == Radio::Forbidden {
        Air::start_forbidden().await?
    } else {
        Air::start().await?
    };
    let made = async {
        if radio != Radio::NoAdapter {
            air.add_adapter(ADAPTER).await?;
        }
        match radio {
            Radio::Two => air.add_adapter("hci1").await?,
            Radio::NoService => air.stop_bluetoothd().await?,
            Radio::Off => air.set_powered(ADAPTER, false).await?,
            Radio::Blocked => {
                air.tell_power_state();
                air.block(ADAPTER).await?;
            }
            Radio::BlockedLater => air.tell_power_state(),
            Radio::Classic => air.take_low_energy(ADAPTER),
            Radio::Denied => air.refuse(Some(Refusal::Denied)),
            Radio::Busy => air.refuse(Some(Refusal::Busy)),
            Radio::BrokenNeighbour => air.break_lookups(),
            Radio::Weak => air.weaken(WEAK),
            Radio::Good
            | Radio::Quiet
            | Radio::NoBus
            | Radio::Forbidden
            | Radio::NoAdapter
            | Radio::Pulled
            | Radio::SwitchedOff
            | Radio::ServiceEnds => {}
        }
        zbus::Result::Ok(())
    };
    made.await.map_err(|error| error.to_string())?;
    Ok(air)
}
