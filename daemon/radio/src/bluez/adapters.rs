//! What is known of each adapter, and what keeps all of them from listening.

use super::discovery::DiscoversFor;
use super::objects::{self, Properties};
use crate::adapter_name::AdapterChoice;
use crate::rfkill::{Rfkill, Switches};
use hybrid_diagnosis::observation::radio::Trouble;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// After the first failure: an adapter that was just switched on is often not ready yet.
const SOON: Duration = Duration::from_millis(250);
/// After more of them, and between looks at what is told by no signal: the kernel's switches, a
/// driver that hung.
const LATER: Duration = Duration::from_secs(1);

/// Every adapter that may be used, by name.
pub(super) struct Adapters<'c> {
    choice: &'c AdapterChoice,
    known: BTreeMap<String, Adapter>,
}

#[derive(Default)]
struct Adapter {
    powered: bool,
    blocked: bool,
    no_low_energy: bool,
    /// bluetoothd says that it discovers, for whomever.
    discovering: bool,
    scanning: bool,
    /// bluetoothd has begun a discovery for us; it outlasts the pauses that BlueZ makes.
    ours: bool,
    failed: Option<FailedStart>,
}

/// Discovery did not start.
struct FailedStart {
    why: Trouble,
    times: u32,
    again: Instant,
}

impl<'c> Adapters<'c> {
    pub(super) const fn new(choice: &'c AdapterChoice) -> Self {
        Self {
            choice,
            known: BTreeMap::new(),
        }
    }

    /// Takes in properties, all or those that changed.
    pub(super) fn update(&mut self, name: &str, properties: &Properties) {
        let adapter = self.known.entry(name.to_owned()).or_default();
        if let Some(powered) = objects::flag(properties, "Powered") {
            adapter.powered = powered;
            adapter.failed = None;
            adapter.scanning &= powered;
            // bluetoothd forgets who discovers on an adapter that goes off.
            adapter.ours &= powered;
        }
        // A controller's reset ends it, and so may another client that leaves.
        if let Some(discovering) = objects::flag(properties, "Discovering") {
            adapter.discovering = discovering;
            adapter.scanning &= discovering;
        }
        if let Some(state) = objects::text(properties, "PowerState") {
            adapter.blocked = state == "off-blocked";
        }
        if let Some(roles) = objects::texts(properties, "Roles") {
            adapter.no_low_energy = !roles.iter().any(|role| role.starts_with("central"));
        }
    }

    /// Forgets an adapter that was removed; says whether it listened.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.known
            .remove(name)
            .is_some_and(|adapter| adapter.scanning)
    }

    /// Those on which discovery is to be started now. Never one that is off: nobody agreed to
    /// switch it on.
    pub(super) fn due(&self) -> Vec<String> {
        let now = Instant::now();
        self.known
            .iter()
            .filter(|(_, adapter)| adapter.powered && !adapter.scanning && !adapter.no_low_energy)
            .filter(|(_, adapter)| {
                adapter
                    .failed
                    .as_ref()
                    .is_none_or(|failed| failed.again <= now)
            })
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// How long nothing needs to be looked at.
    pub(super) fn pause(&self) -> Duration {
        let now = Instant::now();
        let waiting = self
            .known
            .values()
            .filter(|adapter| adapter.powered && !adapter.no_low_energy);
        waiting
            .filter_map(|adapter| adapter.failed.as_ref())
            .map(|failed| failed.again.saturating_duration_since(now))
            .fold(LATER, Duration::min)
    }

    pub(super) fn started(&mut self, name: &str) {
        if let Some(adapter) = self.known.get_mut(name) {
            adapter.scanning = true;
            adapter.ours = true;
            adapter.failed = None;
        }
    }

    /// Whom bluetoothd discovers for there.
    pub(super) fn discovers_for(&self, name: &str) -> DiscoversFor {
        match self.known.get(name) {
            Some(adapter) if adapter.ours => DiscoversFor::Us,
            Some(adapter) if adapter.discovering => DiscoversFor::Others,
            Some(_) | None => DiscoversFor::Nobody,
        }
    }

    pub(super) fn failed(&mut self, name: &str, why: Trouble) {
        if let Some(adapter) = self.known.get_mut(name) {
            let times = adapter.failed.as_ref().map_or(0, |failed| failed.times) + 1;
            let pause = if times == 1 { SOON } else { LATER };
            adapter.failed = Some(FailedStart {
                why,
                times,
                again: Instant::now() + pause,
            });
        }
    }

    /// Those that listen.
    pub(super) fn scanning(&self) -> Vec<String> {
        let scanning = self.known.iter().filter(|(_, adapter)| adapter.scanning);
        scanning.map(|(name, _)| name.clone()).collect()
    }

    /// Why none listens, with the adapters and the switches that the kernel has. `None` while one may
    /// be about to.
    pub(super) fn trouble(&self, kernel: &[String], rfkill: &Rfkill) -> Option<Trouble> {
        if self.known.is_empty() {
            let unlisted = kernel.iter().filter(|name| self.choice.admits(name));
            let unlisted: Vec<_> = unlisted.map(String::as_str).collect();
            if !unlisted.is_empty() {
                return Some(Trouble::Unlisted(unlisted.join(", ")));
            }
            return Some(rfkill.of(self.choice).or_missing(match self.choice {
                AdapterChoice::Any => Trouble::NoAdapter,
                AdapterChoice::Only(_) => Trouble::NoSuchAdapter(self.choice.to_string()),
            }));
        }
        let mut powered = self
            .known
            .values()
            .filter(|adapter| adapter.powered)
            .peekable();
        if powered.peek().is_none() {
            let soft = self.known.values().all(|adapter| adapter.blocked);
            let known = self.known.keys().filter_map(|name| name.parse().ok());
            return Some(match rfkill.of(&known.collect()) {
                Switches::Blocked(block) => block.into(),
                _ if soft => Trouble::Blocked { hard: false },
                Switches::Hidden | Switches::Free | Switches::Partly(_) => match self.choice {
                    AdapterChoice::Any => Trouble::Off,
                    AdapterChoice::Only(_) => Trouble::AdapterOff(self.choice.to_string()),
                },
            });
        }
        let mut deaf = None;
        for adapter in powered {
            match &adapter.failed {
                _ if adapter.no_low_energy => deaf = Some(Trouble::NoLowEnergy),
                // What is refused stays refused; anything else gets a second chance before it is
                // told.
                Some(failed) if failed.times > 1 || matches!(failed.why, Trouble::Denied(_)) => {
                    return Some(failed.why.clone());
                }
                Some(_) | None => return None,
            }
        }
        deaf
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfkill::RfkillBlock;
    use zbus::Variant;

    fn properties(powered: bool) -> Properties {
        let owned = |variant: Variant<'static>| variant.try_into_owned().unwrap();
        Properties::from([("Powered".to_owned(), owned(powered.into()))])
    }

    #[test]
    fn an_adapter_that_only_the_kernel_has_is_not_missing() {
        let kernel = ["hci0".to_owned(), "hci1".to_owned()];
        let any = Adapters::new(&AdapterChoice::Any);
        let free = Rfkill::from_iter([]);
        assert_eq!(any.trouble(&[], &free), Some(Trouble::NoAdapter));
        let unlisted = |names: &str| Some(Trouble::Unlisted(names.to_owned()));
        assert_eq!(any.trouble(&kernel, &free), unlisted("hci0, hci1"));
        let one: AdapterChoice = "hci1".parse().into_iter().collect();
        assert_eq!(
            Adapters::new(&one).trouble(&kernel, &free),
            unlisted("hci1")
        );
        let other: AdapterChoice = "hci7".parse().into_iter().collect();
        let missing = Some(Trouble::NoSuchAdapter("hci7".to_owned()));
        assert_eq!(Adapters::new(&other).trouble(&kernel, &free), missing);
    }

    #[test]
    fn an_adapter_that_a_switch_took_away_is_blocked_and_not_missing() {
        let laptop = Rfkill::from_iter([("laptop_bluetooth_sw", Some(RfkillBlock::Soft))]);
        let blocked = Some(Trouble::Blocked { hard: false });
        let any = Adapters::new(&AdapterChoice::Any);
        assert_eq!(any.trouble(&[], &laptop), blocked);
        let one: AdapterChoice = "hci0".parse().into_iter().collect();
        assert_eq!(Adapters::new(&one).trouble(&[], &laptop), blocked);
        // Whoever has another one that is free misses the one that was named.
        let free = [
            ("hci1", None),
            ("laptop_bluetooth_sw", Some(RfkillBlock::Hard)),
        ];
        let other = any.trouble(&[], &Rfkill::from_iter(free));
        assert_eq!(other, Some(Trouble::NoAdapter));
    }

    #[test]
    fn a_discovery_is_no_longer_ours_once_the_adapter_was_off() {
        let mut adapters = Adapters::new(&AdapterChoice::Any);
        adapters.update("hci0", &properties(true));
        adapters.started("hci0");
        assert_eq!(adapters.discovers_for("hci0"), DiscoversFor::Us);
        adapters.update("hci0", &properties(false));
        adapters.update("hci0", &properties(true));
        assert_eq!(adapters.discovers_for("hci0"), DiscoversFor::Nobody);
    }
}
