//! The adverts that programs put on the air of one controller.

use super::adapter::sender;
use super::discovery::report;
use super::error::BluezError;
use super::root;
use super::world::{OnAir, World};
use std::collections::HashMap;
use std::time::Duration;
use zbus::message::Header;
use zbus::{Connection, ObjectPath, OwnedVariant, Variant, interface};

/// Between two reports of an advert that stays on the air; phones advertise about so often.
const INTERVAL: Duration = Duration::from_millis(200);

pub(crate) struct Advertising {
    pub(crate) name: String,
    pub(crate) world: World,
}

#[interface(name = "org.bluez.LEAdvertisingManager1")]
impl Advertising {
    #[zbus(property)]
    fn active_instances(&self) -> u8 {
        0
    }

    #[zbus(property)]
    fn supported_instances(&self) -> u8 {
        root::SUPPORTED_INSTANCES
    }

    #[zbus(property)]
    fn supported_includes(&self) -> Vec<String> {
        root::supported_includes()
    }

    async fn register_advertisement(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        advertisement: ObjectPath<'_>,
        _options: HashMap<String, OwnedVariant>,
    ) -> Result<(), BluezError> {
        if !self
            .world
            .state()
            .adapters
            .get(&self.name)
            .is_some_and(|adapter| adapter.powered)
        {
            return Err(BluezError::NotPermitted("the adapter is off".to_owned()));
        }
        let sender = sender(&header)?;
        let reply = connection
            .call_method(
                Some(sender.as_str()),
                &advertisement,
                Some("org.freedesktop.DBus.Properties"),
                "GetAll",
                &("org.bluez.LEAdvertisement1"),
            )
            .await
            .map_err(BluezError::ZBus)?;
        let properties: HashMap<String, OwnedVariant> =
            reply.body().deserialize().map_err(BluezError::ZBus)?;
        let data = properties
            .get("ServiceData")
            .ok_or_else(|| BluezError::InvalidArguments("no service data".to_owned()))?;
        let Variant::Dict(data) = &**data else {
            return Err(BluezError::InvalidArguments("service data".to_owned()));
        };
        self.world.state().last_on_air = Some(std::time::Instant::now());
        let others: Vec<String> = self
            .world
            .state()
            .adapters
            .keys()
            .filter(|name| **name != self.name)
            .cloned()
            .collect();
        for (uuid, data) in data.iter() {
            let (Variant::Str(uuid), Some(data)) = (uuid, bytes(data)) else {
                continue;
            };
            // Flags, UUID list and service data: a legacy advert has 31 bytes.
            if 3 + 4 + 4 + data.len() > 31 {
                return Err(BluezError::InvalidArguments(
                    "the advert is longer than 31 bytes".to_owned(),
                ));
            }
            let advert = OnAir {
                number: self.world.next_number(),
                client: sender.clone(),
                adapter: self.name.clone(),
                uuid: uuid.as_str().to_owned(),
                data: data.clone(),
            };
            self.world.state().on_air.push(advert.clone());
            for adapter in &others {
                report(connection, &self.world, adapter, &advert)
                    .await
                    .map_err(BluezError::ZBus)?;
            }
            tokio::spawn(repeat(connection.clone(), self.world.clone(), advert));
        }
        Ok(())
    }

    fn unregister_advertisement(
        &self,
        #[zbus(header)] header: Header<'_>,
        _advertisement: ObjectPath<'_>,
    ) -> Result<(), BluezError> {
        let client = sender(&header)?;
        let mut state = self.world.state();
        state
            .on_air
            .retain(|advert| advert.client != client || advert.adapter != self.name);
        Ok(())
    }
}

/// An advert is on the air until its program takes it off or leaves, and is reported with every
/// interval to who wants duplicates.
async fn repeat(connection: Connection, world: World, advert: OnAir) {
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        interval.tick().await;
        if !world
            .state()
            .on_air
            .iter()
            .any(|other| other.number == advert.number)
        {
            return;
        }
        let listeners: Vec<String> = {
            let state = world.state();
            let others = state
                .adapters
                .iter()
                .filter(|(name, _)| **name != advert.adapter);
            others
                .filter(|(_, adapter)| adapter.powered && adapter.discovering && adapter.duplicates)
                .map(|(name, _)| name.clone())
                .collect()
        };
        for adapter in &listeners {
            if report(&connection, &world, adapter, &advert).await.is_err() {
                return;
            }
        }
    }
}

fn bytes(value: &Variant<'_>) -> Option<Vec<u8>> {
    if let Variant::Variant(inner) = value {
        return bytes(inner);
    }
    let Variant::Array(array) = value else {
        return None;
    };
    array
        .iter()
        .map(|byte| {
            if let Variant::U8(byte) = byte {
                Some(*byte)
            } else {
                None
            }
        })
        .collect()
}
