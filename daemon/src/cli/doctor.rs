//! `hybridd doctor` and `hybridd beacon`.

use super::{Exit, say};
use crate::beacon::{Beacon, BeaconError};
use crate::check::{Check, Verdict};
use crate::dial::Network;
use crate::doctor::net::{self, Host};
use crate::doctor::system::System;
use crate::doctor::{page, radio};
use crate::explain;
use crate::finding::{self, Finding};
use crate::radio::bluez::Bus;
use crate::show;
use serde_json::json;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

#[derive(clap::Args)]
pub(super) struct Doctor {
    /// A further relay to look at; may be given several times.
    #[arg(long, value_name = "NAME", value_parser = Host::parse)]
    host: Vec<Host>,
    /// How long the radio listens.
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u64).range(1..=120))]
    seconds: u64,
    /// Prints JSON Lines: each step, then the findings.
    #[arg(long)]
    json: bool,
    /// Writes a page for a browser, too.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes all of it as JSON for a report: steps, findings, versions. It holds no secret.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct BeaconArgs {
    /// The Bluetooth adapter to use.
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
}

pub(super) async fn doctor(args: Doctor) -> Exit {
    let (sender, mut told) = mpsc::unbounded_channel();
    let listen = Duration::from_secs(args.seconds);
    let hosts: Vec<Host> = Host::well_known().chain(args.host.iter().cloned()).collect();
    let looking = tokio::spawn(look(hosts, listen, sender));
    let mut checks = Vec::new();
    while let Some(check) = told.recv().await {
        if args.json {
            let _ = writeln!(io::stdout(), "{}", check.to_json());
        } else {
            print(&check);
        }
        checks.push(check);
    }
    if looking.await.is_err() {
        return Exit::Defect;
    }
    let findings = finding::without_consequences(checks.iter().filter_map(Check::finding).cloned().collect());
    conclude(&args, &checks, &findings)
}

/// Everything at once; each step is told when it is done.
async fn look(hosts: Vec<Host>, listen: Duration, sender: mpsc::UnboundedSender<Check>) {
    let network = Network::system();
    let mut relays = Vec::new();
    let ways = {
        let (sender, network) = (sender.clone(), network.clone());
        tokio::spawn(async move { net::ways(&network, &mut |check| drop(sender.send(check))).await })
    };
    for host in hosts {
        let (sender, network) = (sender.clone(), network.clone());
        relays.push(tokio::spawn(async move {
            net::relay(&host, &network, &mut |check| drop(sender.send(check))).await;
        }));
    }
    let system = System::look();
    radio::radio(&Bus::System, &system, listen, &mut |check| drop(sender.send(check))).await;
    let _ = ways.await;
    for relay in relays {
        let _ = relay.await;
    }
}

fn conclude(args: &Doctor, checks: &[Check], findings: &[Finding]) -> Exit {
    let failed = checks.iter().any(|check| matches!(check.verdict, Verdict::Fail(_)));
    if args.json {
        let all: Vec<_> = findings.iter().map(Finding::to_json).collect();
        let _ = writeln!(
            io::stdout(),
            "{}",
            json!({"ev": "findings", "findings": all, "ok": !failed})
        );
    } else {
        let mut text = String::from("\n");
        for finding in findings {
            text.push_str(&format!("{finding}\n\n"));
        }
        if findings.is_empty() {
            text.push_str("Nothing is wrong.\n");
        }
        let _ = io::stdout().write_all(text.as_bytes());
    }
    let files = [
        (&args.html, page::page(checks, findings)),
        (&args.bundle, bundle(checks, findings)),
    ];
    for (path, content) in files {
        if let Some(path) = path
            && let Err(error) = show::write_private(path, content.as_bytes())
        {
            say(&format!("hybridd: cannot write {}: {error}", path.display()));
            return Exit::Usage;
        }
    }
    if failed { Exit::Prerequisite } else { Exit::Done }
}

/// What a report needs; checks hold no ids, keys or codes.
fn bundle(checks: &[Check], findings: &[Finding]) -> String {
    let kernel = rustix::system::uname();
    json!({
        "hybridd": env!("CARGO_PKG_VERSION"),
        "kernel": kernel.release().to_string_lossy(),
        "machine": kernel.machine().to_string_lossy(),
        "checks": checks.iter().map(Check::to_json).collect::<Vec<_>>(),
        "findings": findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
    })
    .to_string()
}

fn print(check: &Check) {
    let (mark, detail) = match &check.verdict {
        Verdict::Ok => ("ok  ", &check.evidence),
        Verdict::Warn(_) => ("warn", &check.evidence),
        Verdict::Fail(_) => ("FAIL", &check.evidence),
        Verdict::NotChecked(why) => ("–   ", why),
    };
    let _ = writeln!(
        io::stdout(),
        "{mark}  {}: {detail} ({} ms)",
        check.name,
        check.took.as_millis()
    );
}

pub(super) async fn beacon(args: BeaconArgs) -> Exit {
    let beacon = match Beacon::start(&Bus::System, args.adapter.as_deref()).await {
        Ok(beacon) => beacon,
        Err(BeaconError::Radio(trouble)) => {
            say(&explain::radio(&trouble).to_string());
            return Exit::Prerequisite;
        }
        Err(error @ BeaconError::NoSuchAdapter(_)) => {
            say(&format!("hybridd: {error}"));
            return Exit::Usage;
        }
        Err(error) => {
            say(&format!("hybridd: {error}"));
            return Exit::Prerequisite;
        }
    };
    say(&format!(
        "The test advert is on the air ({}). Run hybridd doctor on another computer within a few metres; Ctrl-C stops.",
        beacon.adapter()
    ));
    tokio::select! {
        trouble = beacon.ended() => {
            say(&explain::radio(&trouble).to_string());
            Exit::Prerequisite
        }
        _ = tokio::signal::ctrl_c() => Exit::Done,
    }
}
