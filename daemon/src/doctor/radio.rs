//! The radio, step by step: from the system's switches to an advert that was really heard.

mod known_adapters;
mod scan_tally;
mod step;

use super::system::System;
use hybrid_diagnosis::catalogue::{BLUETOOTH_BLOCKED, SCAN_DOES_NOT_START};
use hybrid_diagnosis::check::{Check, Verdict};
use hybrid_diagnosis::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_key_bus::system_bus_words;
use hybrid_radio::bluez::{Bluez, Bus, has_owner, trouble_of, trouble_of_bus, without_controller};
use hybrid_radio::rfkill::{RfkillBlock, Switches};
use hybrid_radio::{AdapterChoice, Radio as _, RadioEvent, Sandbox, Trouble};
use known_adapters::{adapters, known_adapters, power, unlisted};
use scan_tally::ScanTally;
use std::time::{Duration, Instant};
use step::{RadioSteps, StepResult, Stopped, failed};
use zbus::Connection;

/// For discovery to start, or to say why not.
const START: Duration = Duration::from_secs(8);
/// For bluetoothd to report an adapter that the kernel has.
const TAKEN_UP: Duration = Duration::from_secs(2);

/// How long the radio listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListeningTime {
    usually: Duration,
    in_silence: Duration,
}

impl ListeningTime {
    /// This long, and longer while nothing at all is heard: until that means something.
    pub const fn longer_in_silence(usually: Duration, in_silence: Duration) -> Self {
        Self {
            usually,
            in_silence,
        }
    }
}

/// So long, whatever is heard.
impl From<Duration> for ListeningTime {
    fn from(time: Duration) -> Self {
        Self {
            usually: time,
            in_silence: time,
        }
    }
}

/// Looks at everything, listens for this long on these adapters, and tells each step when it is
/// done. Every step is told, also those that could not be done.
pub async fn radio(
    bus: &Bus,
    choice: &AdapterChoice,
    system: &System,
    listen: impl Into<ListeningTime>,
    tell: &mut impl FnMut(Check),
) {
    let mut steps = RadioSteps::new(tell);
    steps.done(sandbox(system));
    steps.done(switches(&system.rfkill.of(choice)));
    let why = match reach(bus, choice, system, &mut steps).await {
        Ok(()) => hear(bus, choice, listen.into(), &mut steps).await,
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

fn switches(switches: &Switches) -> StepResult {
    let blocked = |how: &str| {
        let saw = format!("rfkill reports that Bluetooth is blocked by {how}");
        StepResult(
            saw.clone(),
            Verdict::Fail(Finding::certain(&BLUETOOTH_BLOCKED, &saw)),
        )
    };
    match switches {
        Switches::Free => StepResult("no Bluetooth radio is blocked".to_owned(), Verdict::Ok),
        // Whether another adapter is on is seen below.
        Switches::Partly(names) => StepResult(
            format!("rfkill blocks {names}, but not every adapter"),
            Verdict::Ok,
        ),
        Switches::Blocked(RfkillBlock::Soft) => blocked("software"),
        Switches::Blocked(RfkillBlock::Hard) => blocked("a switch or the firmware"),
        Switches::Hidden => StepResult(
            String::new(),
            Verdict::NotChecked("/sys/class/rfkill does not exist".to_owned()),
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
            StepResult("it responds".to_owned(), Verdict::Ok),
        ),
        Err(error) => (None, failed(&Trouble::NoDbus(system_bus_words(&error)))),
    };
    steps.must(seen)?;
    let Some(connection) = connection else {
        return Ok(());
    };
    steps.must(service(&connection, system).await)?;
    let mut known = known_adapters(&connection).await;
    if known
        .as_ref()
        .is_ok_and(|known| unlisted(known, choice, system).is_some())
    {
        // It may have been plugged in a moment ago.
        tokio::time::sleep(TAKEN_UP).await;
        known = known_adapters(&connection).await;
    }
    let (known, seen) = match known {
        Ok(known) => {
            let seen = adapters(&known, choice, system);
            (known, seen)
        }
        Err(error) => (Vec::new(), failed(&trouble_of(&error))),
    };
    steps.must(seen)?;
    steps.must(power(&known, choice, &system.rfkill))
}

async fn service(connection: &Connection, system: &System) -> StepResult {
    match has_owner(connection).await {
        Ok(true) => StepResult("bluetoothd is running".to_owned(), Verdict::Ok),
        Ok(false) => no_service(system),
        Err(error) => failed(&trouble_of_bus(&error)),
    }
}

/// As a sign-in tells it, with what else is known. That is a sentence of its own, so that who has
/// told the first one already need not tell it again.
fn no_service(system: &System) -> StepResult {
    let hidden = { system.sandbox.as_ref() }.filter(|sandbox| sandbox.hides_services());
    let (trouble, more) = match (hidden, &system.machine, system.controllers.as_slice()) {
        (Some(sandbox), _, _) => (Trouble::Hidden(sandbox.to_string()), None),
        (None, machine, _) if system.has_no_controller => (
            without_controller(&system.rfkill),
            { machine.as_ref() }.map(|name| format!("This is a virtual machine ({name})")),
        ),
        (None, _, []) => (Trouble::NoBluetoothd, None),
        (None, _, names) => (
            Trouble::NoBluetoothd,
            Some(format!("The kernel has {}", names.join(", "))),
        ),
    };
    let Some(more) = more else {
        return failed(&trouble);
    };
    let evidence = format!("{trouble}. {more}");
    let usual = explain::radio(&trouble);
    let saw = format!("{} {more}.", usual.saw);
    StepResult(evidence, Verdict::Fail(Finding { saw, ..usual }))
}

/// Listens as a sign-in does. Returns why it could not, if it could not.
async fn hear<T: FnMut(Check)>(
    bus: &Bus,
    choice: &AdapterChoice,
    listen: ListeningTime,
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
        Err(_) => {
            let saw = format!("scanning did not start within {} s", START.as_secs());
            let finding = Finding::likely(&SCAN_DOES_NOT_START, &saw);
            StepResult(saw, Verdict::Fail(finding))
        }
    };
    if let Err(stopped) = steps.must(seen) {
        return Some(stopped);
    }
    let began = Instant::now();
    loop {
        let time = if heard.is_silent() {
            listen.in_silence
        } else {
            listen.usually
        };
        match tokio::time::timeout_at((began + time).into(), radio.next()).await {
            Ok(RadioEvent::Trouble(trouble)) => return steps.must(failed(&trouble)).err(),
            Ok(RadioEvent::Neighbour) => heard.devices += 1,
            Ok(RadioEvent::Advert(advert)) => heard.advert(&advert),
            Ok(RadioEvent::Listening(_)) => {}
            // Something that a later radio tells of.
            Ok(_) => {}
            Err(_) => break,
        }
    }
    steps.done(heard.devices(began.elapsed()));
    steps.done(heard.beacon());
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_of_the_switches_has_its_verdict() {
        assert_eq!(
            switches(&Switches::Blocked(RfkillBlock::Hard)).code(),
            Some("BT04")
        );
        assert_eq!(switches(&Switches::Free).code(), None);
        let partly = Switches::Partly("hci0".to_owned());
        assert_eq!(switches(&partly).code(), None, "another adapter is free");
        assert!(matches!(
            switches(&Switches::Hidden).1,
            Verdict::NotChecked(_)
        ));
    }
}
