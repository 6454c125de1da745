//! The real programs against every hostile relay: they end in time and with a code, keep little,
//! contact nobody else, and show nothing that a terminal would obey.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "scenarios, and what each of them costs"
)]

use futures_util::{StreamExt as _, stream};
use hybrid_protocol::EidKey;
use hybrid_protocol::Plaintext;
use hybrid_protocol::{QrCode, RoutingId};
use hybrid_tests::bluez::{Air, FFF9};
use hybrid_tests::hostility::{self, ALL, Hostile};
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{Desktop, World};
use hybrid_tests::relying_party::creation_options;
use hybrid_tests::stray_code::stray_code;
use serde_json::Value;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpListener;

/// More than when it is idle.
const MORE_MEMORY: u64 = 16 << 10;
/// What the caller gives a session.
const SECONDS: u64 = 5;
/// On a computer with much other work; without the deadline it would be minutes.
const LATE: Duration = Duration::from_secs(15);
/// How long a phone is watched.
const WATCHED: Duration = Duration::from_secs(3);
/// How long a phone is told to wait.
const PAUSE: Duration = Duration::from_secs(1);
/// Programs at once.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_hostile_relay_holds_fills_or_leads_astray_a_desktop() {
    let names = hostility::names();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    if !inside(
        "no_hostile_relay_holds_fills_or_leads_astray_a_desktop",
        &names,
    ) {
        return;
    }
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
    let world = World::new(air.bus_address(), &names).unwrap();
    hostility::serve("127.0.0.1:443", world.path("").as_path(), usize::MAX)
        .await
        .unwrap();
    let astray = canary().await;
    let wrong: Vec<String> = stream::iter(ALL)
        .map(|hostile| desktop(&world, &air, hostile))
        .buffer_unordered(AT_ONCE)
        .flat_map(stream::iter)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(astray.load(Ordering::Relaxed), 0, "a redirect was followed");
}

/// What is wrong with a desktop's session against a hostile relay.
async fn desktop(world: &World, air: &Air, hostile: &Hostile) -> Vec<String> {
    let options = creation_options().unwrap();
    let (started, limit) = (Instant::now(), SECONDS.to_string());
    let mut desktop = world
        .desktop("register", &options, &["--seconds", &limit])
        .await
        .unwrap();
    let code = QrCode::parse(&desktop.code().await.unwrap()).unwrap();
    desktop.listening().await.unwrap();
    let id = desktop.id().unwrap();
    let idle = peak(id).unwrap();
    let plaintext = Plaintext::qr(
        [7; 10],
        RoutingId::new([0, 0, hostile.index()]),
        hostile.domain,
    );
    let data = EidKey::from_qr(&code.secret).seal(&plaintext);
    air.hear("hci0", FFF9, &data).await.unwrap();
    let (ended, most) = tokio::join!(Desktop::end(desktop), highest(id));
    let (ended, took) = (ended.unwrap(), started.elapsed());
    let more = most.saturating_sub(idle);
    let events: Vec<Value> = { ended.stderr.lines() }
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    // The first thing that is said once it failed; a private certificate is remarked upon after it.
    let failed = { events.iter() }.skip_while(|event| event["ev"] != "failed");
    let finding = failed
        .clone()
        .find_map(|event| event["code"].as_str())
        .unwrap_or("none");
    let stage = failed
        .clone()
        .find_map(|event| event["stage"].as_str())
        .unwrap_or("none");
    println!(
        "{:60} {:?} {stage} {finding}, {more} kB more, {:.1} s",
        hostile.name,
        ended.code,
        took.as_secs_f64()
    );
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            wrong.push(format!("{}: {what}\n{}", hostile.name, ended.stderr));
        }
    };
    must(more <= MORE_MEMORY, format!("{more} kB more than idle"));
    must(
        took <= Duration::from_secs(SECONDS) + LATE,
        format!("it took {took:?}"),
    );
    must(
        ended.code.is_some_and(|code| code != 0),
        format!("it ended with {:?}", ended.code),
    );
    must(
        ["NW", "HS"].iter().any(|kind| finding.starts_with(kind)),
        format!("it says {finding}"),
    );
    let commands = |char: char| {
        (char.is_control() && char != '\n') || ('\u{200b}'..='\u{202e}').contains(&char)
    };
    must(
        !ended.stderr.contains(commands) && !ended.stdout.contains(commands),
        "a terminal would obey".to_owned(),
    );
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_hostile_relay_fills_a_phone() {
    let names = hostility::names();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    if !inside("no_hostile_relay_fills_a_phone", &names) {
        return;
    }
    let world = World::without_bus(&names).unwrap();
    let wrong: Vec<String> = stream::iter(ALL)
        .map(|hostile| phone(&world, hostile))
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong with a phone's session against a hostile relay.
async fn phone(world: &World, hostile: &Hostile) -> Option<String> {
    let folder = world.path("");
    let silent = ALL
        .iter()
        .position(|other| other.name == "silence")
        .unwrap();
    let idle = phone_at(
        world,
        hostility::serve("127.0.0.1:0", &folder, silent)
            .await
            .unwrap(),
        hostile,
    )
    .await;
    let index = usize::from(hostile.index());
    let most = phone_at(
        world,
        hostility::serve("127.0.0.1:0", &folder, index)
            .await
            .unwrap(),
        hostile,
    )
    .await;
    let more = most.saturating_sub(idle);
    println!("{:60} {more} kB more", hostile.name);
    (more > MORE_MEMORY).then(|| format!("{}: {more} kB more than idle", hostile.name))
}

/// The most memory that a phone has while it is watched.
async fn phone_at(world: &World, port: u16, hostile: &Hostile) -> u64 {
    let host = hostile.domain.host().unwrap();
    let mut command = world.command("phone-sim");
    command.args([
        "answer",
        &stray_code(8).unwrap(),
        "--radio",
        "print",
        "--tunnel",
        &format!("wss://{host}:{port}"),
    ]);
    let mut phone = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let most = tokio::time::timeout(WATCHED, highest(phone.id().unwrap())).await;
    let last = phone.id().and_then(peak);
    let _ = phone.kill().await;
    most.ok().or(last).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_hostile_relay_keeps_a_phone_from_its_clock() {
    let names = hostility::names();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    if !inside("no_hostile_relay_keeps_a_phone_from_its_clock", &names) {
        return;
    }
    let world = World::without_bus(&names).unwrap();
    let wrong: Vec<String> = stream::iter(ALL)
        .map(|hostile| clock(&world, hostile))
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong with the time of a phone that is to wait between its tunnel and its advert.
async fn clock(world: &World, hostile: &Hostile) -> Option<String> {
    let index = usize::from(hostile.index());
    let port = hostility::serve("127.0.0.1:0", &world.path(""), index)
        .await
        .unwrap();
    let (host, code) = (hostile.domain.host().unwrap(), stray_code(8).unwrap());
    let mut phone = world
        .command("phone-sim")
        .args(["answer", &code, "--radio", "print", "--delay"])
        .arg(format!("advert={}", PAUSE.as_millis()))
        .args(["--tunnel", &format!("wss://{host}:{port}")])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(phone.stdout.take().unwrap()).lines();
    let mut begun = None;
    let began = Instant::now();
    let told = tokio::time::timeout(PAUSE + 2 * LATE, async {
        while let Some(line) = lines.next_line().await.unwrap() {
            let event: Value = serde_json::from_str(&line).unwrap();
            match event["ev"].as_str().unwrap() {
                "tunnel" => begun = Some(Instant::now()),
                "advert" => return begun.map(|begun: Instant| begun.elapsed()),
                _ => {}
            }
        }
        // It has ended, with a reason.
        None
    })
    .await;
    let _ = phone.kill().await;
    println!("{:60} {told:?} after {:?}", hostile.name, began.elapsed());
    match told {
        Err(_) => Some(format!("{}: the phone does nothing", hostile.name)),
        Ok(Some(took)) if took > PAUSE + LATE => {
            Some(format!("{}: the pause took {took:?}", hostile.name))
        }
        Ok(Some(_) | None) => None,
    }
}

/// The most resident memory that a program has had, in kB, when it ends.
async fn highest(id: u32) -> u64 {
    let (mut most, mut look) = (0, tokio::time::interval(Duration::from_millis(20)));
    while let Some(peak) = peak(id) {
        most = peak.max(most);
        look.tick().await;
    }
    most
}

/// The most resident memory that a program has had, in kB; nothing when it is over.
fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Where redirects lead; counts who comes.
async fn canary() -> Arc<AtomicUsize> {
    let contacts = Arc::new(AtomicUsize::new(0));
    let (listener, count) = (
        TcpListener::bind("127.0.0.1:8443").await.unwrap(),
        Arc::clone(&contacts),
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let _ = stream.read_u8().await;
        }
    });
    contacts
}
