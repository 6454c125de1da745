//! Whether the adapters that a person names are there.

use super::bus::Bus;
use super::objects;
use crate::adapter_name::{AdapterChoice, AdapterName};
use std::fmt;
use std::time::Duration;
use zbus::Connection;

/// A wrong name is told before anything else, and nothing else waits longer for that. It takes some
/// milliseconds; a bus that is very busy is given as long as by the radio, and a little more.
const ASK: Duration = Duration::from_secs(12);

/// An adapter was named that this computer does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoSuchAdapter {
    /// The name.
    pub wanted: AdapterName,
    /// Those that there are.
    pub known: Vec<String>,
}

/// The first adapter that was named and is not there. `None` also where there is none at all or
/// bluetoothd does not answer: why that is the radio says better.
pub async fn missing(bus: &Bus, choice: &AdapterChoice) -> Option<NoSuchAdapter> {
    let ask = async {
        let connection = match choice {
            AdapterChoice::Any => return None,
            AdapterChoice::Only(_) => bus.connect().await.ok()?,
        };
        for wanted in choice.named() {
            if objects::adapter(&connection, &format!("/org/bluez/{wanted}"))
                .await
                .is_err()
            {
                let known = names(&connection).await?;
                // Why it is not reported the radio says better.
                if bus.controllers().contains(&wanted.to_string()) {
                    return None;
                }
                return Some(NoSuchAdapter { wanted, known });
            }
        }
        None
    };
    tokio::time::timeout(ASK, ask).await.ok().flatten()
}

/// The names of all there are, if there are any.
async fn names(connection: &Connection) -> Option<Vec<String>> {
    let known = objects::adapters(connection).await.ok()?;
    let names: Vec<_> = known
        .iter()
        .filter_map(|(path, _)| objects::adapter_of(path))
        .collect();
    (!names.is_empty()).then_some(names)
}

impl fmt::Display for NoSuchAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, known } = self;
        write!(
            f,
            "there is no Bluetooth adapter named {wanted}; this computer has {}",
            known.join(", ")
        )
    }
}

impl std::error::Error for NoSuchAdapter {}
