//! A central that is not ours: what btleplug hears on one adapter, a JSON line for every report of
//! service data, until it is ended.
//!
//! `central hci0` asks the bus that `DBUS_SYSTEM_BUS_ADDRESS` names.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output")]

use btleplug::api::{Central as _, CentralEvent, Manager as _, Peripheral as _, ScanFilter};
use btleplug::platform::Manager;
use futures_util::StreamExt as _;
use std::error::Error;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_else(|| "hci0".to_owned());
    match listen(&name).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("central: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn listen(name: &str) -> Result<(), Box<dyn Error>> {
    let mut adapter = None;
    for candidate in Manager::new().await?.adapters().await? {
        if candidate.adapter_info().await?.starts_with(name) {
            adapter = Some(candidate);
        }
    }
    let adapter = adapter.ok_or_else(|| format!("there is no adapter {name}"))?;
    let mut events = adapter.events().await?;
    adapter.start_scan(ScanFilter::default()).await?;
    println!(
        "{}",
        serde_json::json!({ "ev": "listening", "adapter": name })
    );
    while let Some(event) = events.next().await {
        // The first sight of a device brings no event for its service data.
        let data = if let CentralEvent::DeviceDiscovered(id) = event {
            let known = adapter.peripheral(&id).await?.properties().await?;
            known.map(|known| known.service_data).unwrap_or_default()
        } else if let CentralEvent::ServiceDataAdvertisement { service_data, .. } = event {
            service_data
        } else {
            continue;
        };
        for (uuid, data) in data {
            println!(
                "{}",
                serde_json::json!({ "ev": "heard", "uuid": uuid.to_string(), "data": hex::encode(data) })
            );
        }
    }
    Ok(())
}
