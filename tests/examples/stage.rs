//! A stage to try the real programs on: a network of its own, where both well-known relays are a
//! relay of ours, and a pretend Bluetooth with two adapters, hci0 and hci1. Runs a command there,
//! or a shell.
//!
//! `cargo build --bins && cargo run -p hybrid-tests --example stage -- hybridd doctor`
//!
//! `--radio off` (or none, stopped, forbidden, denied, busy) before the command breaks what the
//! command finds of Bluetooth.

#![allow(clippy::print_stderr, reason = "a command-line program")]

use hybrid_tests::bluez::{Air, Refusal};
use hybrid_tests::namespace;
use hybrid_tests::programs::{self, World};
use std::env;
use std::error::Error;
use std::process::ExitCode;
use tokio::process::Command;

const NAMES: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];

fn main() -> ExitCode {
    if !namespace::is_inside() {
        let args: Vec<String> = env::args().skip(1).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        return match namespace::rerun_on_terminal(&NAMES, &args) {
            Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
            Err(why) => {
                eprintln!("stage: {why}");
                ExitCode::FAILURE
            }
        };
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(play()))
    {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("stage: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn play() -> Result<u8, Box<dyn Error>> {
    let mut args = env::args().skip(1).peekable();
    let radio = args
        .next_if(|arg| arg == "--radio")
        .and_then(|_| args.next());
    let air = bluetooth(radio.as_deref().unwrap_or("on")).await?;
    let world = World::new(air.bus_address(), &NAMES)?;
    let _relay = world.relay().await?;
    let command = args.next().unwrap_or_else(|| "bash".to_owned());
    let path = format!(
        "{}:{}",
        programs::program("").display(),
        env::var("PATH").unwrap_or_default()
    );
    let status = Command::new(command)
        .args(args)
        .envs(world.variables())
        .env("PATH", path)
        .status()
        .await?;
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))
}

async fn bluetooth(radio: &str) -> Result<Air, Box<dyn Error>> {
    let air = match radio {
        "forbidden" => Air::start_forbidden().await?,
        _ => Air::start().await?,
    };
    if radio != "none" {
        air.add_adapter("hci0").await?;
        air.add_adapter("hci1").await?;
    }
    match radio {
        "on" | "none" | "forbidden" => {}
        "off" => air.set_powered("hci0", false).await?,
        "stopped" => air.stop_bluetoothd().await?,
        "denied" => air.refuse(Some(Refusal::Denied)),
        "busy" => air.refuse(Some(Refusal::Busy)),
        other => {
            return Err(format!(
                "expected on, off, none, stopped, forbidden, denied or busy, got {other}"
            )
            .into());
        }
    }
    Ok(air)
}
