//! The radio, step by step: from the system's switches to an advert that was really heard.

mod scan_tally;
mod step;

use super::system::{Switches, System};
use hybrid_diagnosis::catalogue::{
    BLUETOOTH_BLOCKED, BLUETOOTH_OFF, NO_ADAPTER, NO_BLUETOOTH_SERVICE, NO_LOW_ENERGY,
    SEVERAL_ADAPTERS,
};
use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_radio::AdapterChoice;
use hybrid_radio::Sandbox;
use hybrid_radio::bluez::{
    ADAPTER, Bluez, Bus, ask_adapters, flag, has_owner, text, texts, trouble_of,
};
use hybrid_radio::rfkill::RfkillBlock;
use hybrid_radio::{Radio as _, RadioEvent, Trouble};
use scan_tally::ScanTally;
use std::time::Duration;
use step::{RadioSteps, StepResult, Stopped};
use zbus::Connection;

/// For discovery to start, or to say why not.
const START: Duration = Duration::from_secs(8);

/// Looks at everything, listens for this long on these adapters, and tells each step when it is
/// done. Every step is told, also those that could not be done.
pub async fn radio(
    bus: &Bus,
    choice: &AdapterChoice,
    system: &System,
    listen: Duration,
    tell: &mut impl FnMut(Check),
) {
    let mut steps = RadioSteps::new(tell);
    steps.done(sandbox(system));
    steps.done(switches(system.switches));
    let why = match reach(bus, choice, system, &mut steps).await {
        Ok(()) => hear(bus, choice, listen, &mut steps).await,
        Err(stopped) => Some(stopped),
    };
    if let Some(why) = why {
        steps.skip_rest(why);
    }
}

fn sandbox(system: &System) -> StepResult {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(system.sandbox.as_ref().map(Sandbox::to_string));
    facts.extend(
        system
            .machine
            .as_ref()
            .map(|machine| format!("this is a virtual machine ({machine})")),
    );
    if facts.is_empty() {
        facts.push("no sandbox, no virtual machine".to_owned());
    }
    StepResult(facts.join("; "), Verdict::Ok)
}

fn switches(switches: Switches) -> StepResult {
    let blocked = |how: &str| {
        let saw = format!("rfkill says that Bluetooth is blocked by {how}");
        StepResult(
            saw.clone(),
            Verdict::Fail(Finding::certain(&BLUETOOTH_BLOCKED, &saw)),
        )
    };
    match switches {
        Switches::Free => StepResult("no Bluetooth radio is blocked".to_owned(), Verdict::Ok),
        Switches::Blocked(RfkillBlock::Soft) => blocked("software"),
        Switches::Blocked(RfkillBlock::Hard) => blocked("a switch or the firmware"),
        Switches::Hidden => StepResult(
            String::new(),
            Verdict::NotChecked("/sys/class/rfkill is not there".to_owned()),
        ),
    }
}

/// From the bus to an adapter that is on. Fails with what stopped it.
async fn reach<T: FnMut(Check)>(
    bus: &Bus,
    choice: &AdapterChoice,
    system: &System,
    steps: &mut RadioSteps<'_, T>,
) -> Result<(), Stopped> {
    let connected = bus.connect().await;
    let (connection, seen) = match connected {
        Ok(connection) => (
            Some(connection),
            StepResult("it answers".to_owned(), Verdict::Ok),
        ),
        Err(error) => (None, failed(&Trouble::NoDbus(error.to_string()))),
    };
    steps.must(seen)?;
    let Some(connection) = connection else {
        return Ok(());
    };
    steps.must(service(&connection, system).await)?;
    let (known, seen) = match known_adapters(&connection).await {
        Ok(known) => {
            let seen = adapters(&known, choice, system);
            (known, seen)
        }
        Err(error) => (Vec::new(), failed(&trouble_of(&error))),
    };
    steps.must(seen)?;
    steps.must(power(&known, choice, system.switches))
}

fn failed(trouble: &Trouble) -> StepResult {
    StepResult(trouble.to_string(), Verdict::Fail(explain::radio(trouble)))
}

async fn service(connection: &Connection, system: &System) -> StepResult {
    match has_owner(connection).await {
        Ok(true) => StepResult("bluetoothd is running".to_owned(), Verdict::Ok),
        Ok(false) => match system
            .sandbox
            .as_ref()
            .filter(|sandbox| sandbox.hides_services())
        {
            Some(sandbox) => failed(&Trouble::Hidden(sandbox.to_string())),
            None => {
                let mut saw = "bluetoothd is not running".to_owned();
                if !system.controllers.is_empty() {
                    saw = format!(
                        "{saw}, though the kernel has {}",
                        system.controllers.join(", ")
                    );
                }
                StepResult(
                    saw.clone(),
                    Verdict::Fail(Finding::certain(&NO_BLUETOOTH_SERVICE, &saw)),
                )
            }
        },
        Err(error) => failed(&trouble_of(&error)),
    }
}

/// An adapter as bluetoothd describes it.
struct KnownAdapter {
    name: String,
    powered: bool,
    blocked: bool,
    /// `None` when this bluetoothd does not tell.
    low_energy: Option<bool>,
}

async fn known_adapters(connection: &Connection) -> zbus::Result<Vec<KnownAdapter>> {
    let mut known = Vec::new();
    for (path, interfaces) in ask_adapters(connection).await? {
        let Some(properties) = interfaces.get(ADAPTER) else {
            continue;
        };
        known.push(KnownAdapter {
            name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            powered: flag(properties, "Powered") == Some(true),
            blocked: text(properties, "PowerState") == Some("off-blocked"),
            low_energy: texts(properties, "Roles")
                .map(|roles| roles.iter().any(|role| role.starts_with("central"))),
        });
    }
    Ok(known)
}

fn adapters(known: &[KnownAdapter], choice: &AdapterChoice, system: &System) -> StepResult {
    if known.is_empty() {
        let mut saw = "bluetoothd reports no adapter".to_owned();
        if system.controllers.is_empty() {
            saw.push_str(", and the kernel has none");
        } else {
            saw = format!(
                "{saw}, though the kernel has {}",
                system.controllers.join(", ")
            );
        }
        if let Some(machine) = &system.machine {
            saw = format!("{saw}; this is a virtual machine ({machine})");
        }
        return StepResult(
            saw.clone(),
            Verdict::Fail(Finding::certain(&NO_ADAPTER, &saw)),
        );
    }
    let names: Vec<&str> = known.iter().map(|adapter| adapter.name.as_str()).collect();
    let evidence = names.join(", ");
    if !names.iter().any(|name| choice.admits(name)) {
        return failed(&Trouble::NoSuchAdapter(choice.to_string()));
    }
    let verdict = if known.len() > 1 && *choice == AdapterChoice::Any {
        Verdict::Warn(Finding::possible(
            &SEVERAL_ADAPTERS,
            &format!("this computer has the adapters {evidence}"),
        ))
    } else {
        Verdict::Ok
    };
    StepResult(evidence, verdict)
}

fn power(known: &[KnownAdapter], choice: &AdapterChoice, switches: Switches) -> StepResult {
    let chosen: Vec<&KnownAdapter> = known
        .iter()
        .filter(|adapter| choice.admits(&adapter.name))
        .collect();
    let on: Vec<&KnownAdapter> = chosen
        .iter()
        .copied()
        .filter(|adapter| adapter.powered)
        .collect();
    if on.is_empty() {
        // BlueZ tells only newer programs, and only when it is asked to, that it is blocked; the
        // kernel tells always, where it is not hidden.
        let blocked = matches!(switches, Switches::Blocked(_));
        if blocked || chosen.iter().any(|adapter| adapter.blocked) {
            let saw = "every adapter is off, and blocked";
            let finding = Finding::certain(&BLUETOOTH_BLOCKED, saw);
            return StepResult(saw.to_owned(), Verdict::Fail(finding));
        }
        if *choice != AdapterChoice::Any {
            return failed(&Trouble::AdapterOff(choice.to_string()));
        }
        let saw = "every adapter is switched off";
        return StepResult(
            saw.to_owned(),
            Verdict::Fail(Finding::certain(&BLUETOOTH_OFF, saw)),
        );
    }
    if on.iter().all(|adapter| adapter.low_energy == Some(false)) {
        let saw = "no adapter that is switched on supports Low Energy";
        return StepResult(
            saw.to_owned(),
            Verdict::Fail(Finding::certain(&NO_LOW_ENERGY, saw)),
        );
    }
    let words: Vec<String> = chosen
        .iter()
        .map(|adapter| {
            format!(
                "{} is {}",
                adapter.name,
                if adapter.powered { "on" } else { "off" }
            )
        })
        .collect();
    StepResult(words.join(", "), Verdict::Ok)
}

/// Listens as a sign-in does. Returns why it could not, if it could not.
async fn hear<T: FnMut(Check)>(
    bus: &Bus,
    choice: &AdapterChoice,
    listen: Duration,
    steps: &mut RadioSteps<'_, T>,
) -> Option<Stopped> {
    let mut radio = Bluez::start_on(bus.clone(), choice.clone());
    let mut heard = ScanTally::default();
    let started = tokio::time::timeout(START, async {
        loop {
            match radio.next().await {
                RadioEvent::Listening(adapters) => return Ok(adapters),
                RadioEvent::Trouble(trouble) => return Err(trouble),
                RadioEvent::Neighbour => heard.devices += 1,
                RadioEvent::Advert(advert) => heard.advert(&advert),
                _ => {}
            }
        }
    });
    let seen = match started.await {
        Ok(Ok(adapters)) => {
            StepResult(format!("listening on {}", adapters.join(", ")), Verdict::Ok)
        }
        Ok(Err(trouble)) => failed(&trouble),
        Err(_) => failed(&Trouble::Busy(format!(
            "nothing within {} s",
            START.as_secs()
        ))),
    };
    if let Err(stopped) = steps.must(seen) {
        return Some(stopped);
    }
    let stopped = tokio::time::timeout(listen, async {
        loop {
            match radio.next().await {
                RadioEvent::Trouble(trouble) => return trouble,
                RadioEvent::Neighbour => heard.devices += 1,
                RadioEvent::Advert(advert) => heard.advert(&advert),
                RadioEvent::Listening(_) => {}
                _ => {}
            }
        }
    });
    if let Ok(trouble) = stopped.await {
        return steps.must(failed(&trouble)).err();
    }
    steps.done(heard.devices(listen));
    steps.done(heard.beacon());
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(powered: bool, blocked: bool, low_energy: Option<bool>) -> KnownAdapter {
        KnownAdapter {
            name: "hci0".to_owned(),
            powered,
            blocked,
            low_energy,
        }
    }

    #[test]
    fn each_state_of_the_switches_has_its_verdict() {
        assert_eq!(
            switches(Switches::Blocked(RfkillBlock::Hard)).code(),
            Some("BT04")
        );
        assert_eq!(switches(Switches::Free).code(), None);
        assert!(matches!(
            switches(Switches::Hidden).1,
            Verdict::NotChecked(_)
        ));
    }

    #[test]
    fn one_adapter_that_is_on_and_hears_is_enough() {
        let off = || adapter(false, false, Some(true));
        let power = |known: &[KnownAdapter]| power(known, &AdapterChoice::Any, Switches::Free);
        assert_eq!(power(&[off()]).code(), Some("BT03"));
        assert_eq!(power(&[adapter(false, true, None)]).code(), Some("BT04"));
        assert_eq!(
            power(&[adapter(true, false, Some(false))]).code(),
            Some("BT06")
        );
        assert_eq!(power(&[adapter(true, false, None), off()]).code(), None);
    }

    #[test]
    fn an_adapter_that_the_kernel_blocks_is_blocked_though_bluez_does_not_say_so() {
        let off = [adapter(false, false, Some(true))];
        for block in [RfkillBlock::Soft, RfkillBlock::Hard] {
            let seen = power(&off, &AdapterChoice::Any, Switches::Blocked(block));
            assert_eq!(seen.code(), Some("BT04"), "{block:?}");
        }
    }

    #[test]
    fn only_the_adapters_that_were_named_count() {
        let choice: AdapterChoice = ["hci0".parse().unwrap()].into_iter().collect();
        let other = |powered| KnownAdapter {
            name: "hci1".to_owned(),
            ..adapter(powered, false, Some(true))
        };
        let known = [adapter(false, false, Some(true)), other(true)];
        let seen = power(&known, &choice, Switches::Free);
        assert_eq!(seen.code(), Some("BT03"));
        assert!(seen.0.contains("hci0"), "{}", seen.0);
        let system = System::default();
        assert_eq!(adapters(&known, &choice, &system).code(), None);
        assert_eq!(
            adapters(&known, &AdapterChoice::Any, &system).code(),
            Some("BT09")
        );
        assert_eq!(
            adapters(&[other(true)], &choice, &system).code(),
            Some("BT01")
        );
    }

    #[test]
    fn an_adapter_that_only_the_kernel_sees_is_named() {
        let system = System {
            controllers: vec!["hci0".to_owned()],
            ..System::default()
        };
        assert!(
            adapters(&[], &AdapterChoice::Any, &system)
                .0
                .contains("the kernel has hci0")
        );
    }
}
