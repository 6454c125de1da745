//! The adapters that bluetoothd reports, and whether one of them can hear phones.

use super::super::system::{Rfkill, System};
use super::step::{StepResult, failed};
use hybrid_diagnosis::catalogue::{
    ADAPTER_NOT_TAKEN_UP, BLUETOOTH_BLOCKED, BLUETOOTH_OFF, NO_ADAPTER, NO_LOW_ENERGY,
    SEVERAL_ADAPTERS,
};
use hybrid_diagnosis::check::Verdict;
use hybrid_diagnosis::finding::Finding;
use hybrid_radio::bluez::{ADAPTER, ask_adapters, flag, text, texts};
use hybrid_radio::rfkill::Switches;
use hybrid_radio::{AdapterChoice, Trouble};
use zbus::Connection;

/// An adapter as bluetoothd describes it.
pub(super) struct KnownAdapter {
    name: String,
    powered: bool,
    blocked: bool,
    /// `None` when this bluetoothd does not tell.
    low_energy: Option<bool>,
}

pub(super) async fn known_adapters(connection: &Connection) -> zbus::Result<Vec<KnownAdapter>> {
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

/// The adapters that may be used and that the kernel has, when bluetoothd reports none of those.
pub(super) fn unlisted(
    known: &[KnownAdapter],
    choice: &AdapterChoice,
    system: &System,
) -> Option<String> {
    if known.iter().any(|adapter| choice.admits(&adapter.name)) {
        return None;
    }
    let names = system.controllers.iter().filter(|name| choice.admits(name));
    let names: Vec<_> = names.map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

pub(super) fn adapters(
    known: &[KnownAdapter],
    choice: &AdapterChoice,
    system: &System,
) -> StepResult {
    let mut machine = String::new();
    if let Some(name) = &system.machine {
        machine = format!("; this is a virtual machine ({name})");
    }
    if let Some(names) = unlisted(known, choice, system) {
        let saw = format!("{}{machine}", Trouble::Unlisted(names));
        let finding = Finding::likely(&ADAPTER_NOT_TAKEN_UP, &saw);
        return StepResult(saw, Verdict::Fail(finding));
    }
    if known.is_empty() {
        if let Switches::Blocked(block) = system.rfkill.of(choice) {
            return failed(&block.into());
        }
        let saw = format!("bluetoothd reports no adapter, and the kernel has none{machine}");
        let finding = Finding::certain(&NO_ADAPTER, &saw);
        return StepResult(saw, Verdict::Fail(finding));
    }
    let names: Vec<&str> = known.iter().map(|adapter| adapter.name.as_str()).collect();
    let evidence = names.join(", ");
    if !names.iter().any(|name| choice.admits(name)) {
        let saw = format!(
            "{}; it has {evidence}",
            Trouble::NoSuchAdapter(choice.to_string())
        );
        let finding = Finding::certain(&NO_ADAPTER, &saw);
        return StepResult(saw, Verdict::Fail(finding));
    }
    // One that is off or cannot hear phones takes nothing from the others.
    let usable = |adapter: &&KnownAdapter| adapter.powered && adapter.low_energy != Some(false);
    let on: Vec<&str> = { known.iter().filter(usable) }
        .map(|adapter| adapter.name.as_str())
        .collect();
    let verdict = if on.len() > 1 && *choice == AdapterChoice::Any {
        let saw = format!("the adapters {} are switched on", on.join(", "));
        Verdict::Warn(Finding::possible(&SEVERAL_ADAPTERS, &saw))
    } else {
        Verdict::Ok
    };
    StepResult(evidence, verdict)
}

pub(super) fn power(known: &[KnownAdapter], choice: &AdapterChoice, rfkill: &Rfkill) -> StepResult {
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
        let names = chosen
            .iter()
            .filter_map(|adapter| adapter.name.parse().ok());
        let blocked = matches!(rfkill.of(&names.collect()), Switches::Blocked(_));
        if blocked || chosen.iter().all(|adapter| adapter.blocked) {
            let saw = "every adapter is off and blocked";
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
        let others: Vec<&str> = { chosen.iter() }
            .filter(|adapter| !adapter.powered)
            .map(|adapter| adapter.name.as_str())
            .collect();
        let mut saw = "no adapter that is switched on supports Low Energy".to_owned();
        if !others.is_empty() {
            saw = format!("{saw}; switched off: {}", others.join(", "));
        }
        let finding = Finding::certain(&NO_LOW_ENERGY, &saw);
        return StepResult(saw, Verdict::Fail(finding));
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

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::finding::Certainty;
    use hybrid_radio::rfkill::RfkillBlock;

    fn adapter(powered: bool, blocked: bool, low_energy: Option<bool>) -> KnownAdapter {
        KnownAdapter {
            name: "hci0".to_owned(),
            powered,
            blocked,
            low_energy,
        }
    }

    #[test]
    fn one_adapter_that_is_on_and_hears_is_enough() {
        let off = || adapter(false, false, Some(true));
        let power = |known: &[KnownAdapter]| power(known, &AdapterChoice::Any, &Rfkill::default());
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
            // The other one is a program's alone: bluetoothd does not have it.
            let rfkill = [("hci0", Some(block)), ("hci1", None)]
                .into_iter()
                .collect();
            let seen = power(&off, &AdapterChoice::Any, &rfkill);
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
        let seen = power(&known, &choice, &Rfkill::default());
        assert_eq!(seen.code(), Some("BT03"));
        assert!(seen.0.contains("hci0"), "{}", seen.0);
        let system = System::default();
        assert_eq!(adapters(&known, &choice, &system).code(), None);
        let both = [adapter(true, false, None), other(true)];
        for (known, code) in [(&known, None), (&both, Some("BT09"))] {
            let seen = adapters(known, &AdapterChoice::Any, &system);
            assert_eq!(seen.code(), code, "one that is off does not count");
        }
        let missing = adapters(&[other(true)], &choice, &system);
        assert_eq!(missing.code(), Some("BT01"));
        assert!(missing.0.contains("it has hci1"), "{}", missing.0);
    }

    #[test]
    fn an_adapter_that_only_the_kernel_sees_is_not_to_be_bought() {
        let system = System {
            controllers: vec!["hci0".to_owned()],
            ..System::default()
        };
        let seen = |choice: &AdapterChoice, known: &[KnownAdapter]| {
            let StepResult(saw, verdict) = adapters(known, choice, &system);
            let Verdict::Fail(finding) = verdict else {
                panic!("{verdict:?}")
            };
            assert!(saw.contains("the kernel has hci0"), "{saw}");
            assert!(finding.advice.contains("restart bluetooth"));
            (finding.code, finding.certainty)
        };
        let expected = ("BT14", Certainty::Likely);
        assert_eq!(seen(&AdapterChoice::Any, &[]), expected);
        let only: AdapterChoice = "hci0".parse().into_iter().collect();
        let other = KnownAdapter {
            name: "hci1".to_owned(),
            ..adapter(true, false, None)
        };
        assert_eq!(seen(&only, &[other]), expected);
    }

    #[test]
    fn adapters_are_off_and_not_blocked_where_only_one_of_them_is() {
        let partly = [("hci0", Some(RfkillBlock::Soft)), ("hci1", None)]
            .into_iter()
            .collect();
        let other = KnownAdapter {
            name: "hci1".to_owned(),
            ..adapter(false, false, None)
        };
        let off = [adapter(false, true, None), other];
        let seen = power(&off, &AdapterChoice::Any, &partly);
        assert_eq!(seen.code(), Some("BT03"), "one is merely off");
    }
}
