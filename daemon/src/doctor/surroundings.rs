//! On which computer a report was made, and when: what whoever reads it asks first.
//!
//! Nothing here names the person or the computer. Of an adapter's address only the kind is said: the
//! address itself is seen by everybody nearby, for as long as the computer lives, and would connect a
//! report that is passed on with the place where it was written.

use crate::utc::utc;
use hybrid_protocol::printable;
use hybrid_radio::bluez::{ADAPTER, Bus, ask_adapters, text};
use hybrid_radio::controllers;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// bluetoothd answers in this time, or the kinds of addresses are left out.
const ASK: Duration = Duration::from_secs(2);

/// On which computer, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Surroundings {
    facts: Vec<(&'static str, String)>,
    /// By name.
    adapters: BTreeMap<String, Vec<(&'static str, String)>>,
}

impl Surroundings {
    /// Looks around.
    pub async fn look(bus: &Bus) -> Self {
        let mut found = Self::look_in(Path::new("/"), SystemTime::now(), |name| {
            env::var(name).ok()
        });
        let asked = async { ask_adapters(&bus.connect().await?).await };
        if let Ok(Ok(known)) = tokio::time::timeout(ASK, asked).await {
            for (path, interfaces) in known {
                let name = path.rsplit('/').next().unwrap_or_default();
                let kind = interfaces
                    .get(ADAPTER)
                    .and_then(|of| text(of, "AddressType"));
                if let (Some(facts), Some(kind)) = (found.adapters.get_mut(name), kind) {
                    facts.push(("address", format!("{} (left out)", printable(kind))));
                }
            }
        }
        found
    }

    #[cfg(test)]
    pub(super) fn nowhere() -> Self {
        Self::look_in(Path::new("/nowhere"), SystemTime::UNIX_EPOCH, |_| None)
    }

    fn look_in(root: &Path, now: SystemTime, variable: impl Fn(&str) -> Option<String>) -> Self {
        let kernel = rustix::system::uname();
        let os = |name: &str| {
            let release = fs::read_to_string(root.join("etc/os-release")).ok()?;
            let value = release.lines().find_map(|line| line.strip_prefix(name))?;
            Some(value.trim_matches('"').to_owned())
        };
        let facts = [
            ("time", Some(utc(now))),
            ("time_zone", zone(root, &variable)),
            ("system", os("PRETTY_NAME=")),
            (
                "kernel",
                Some(kernel.release().to_string_lossy().into_owned()),
            ),
            (
                "machine",
                Some(kernel.machine().to_string_lossy().into_owned()),
            ),
            ("desktop", variable("XDG_CURRENT_DESKTOP")),
            ("session", variable("XDG_SESSION_TYPE")),
        ];
        let folder = root.join("sys/class/bluetooth");
        let adapters = controllers::read(&folder).into_iter();
        Self {
            facts: { facts.into_iter() }
                .filter_map(|(name, value)| Some((name, printable(&value?))))
                .collect(),
            adapters: adapters
                .map(|name| (name.clone(), hardware(&folder.join(&name))))
                .collect(),
        }
    }

    /// Names and values, for a person.
    pub fn lines(&self) -> Vec<(String, String)> {
        let facts =
            { self.facts.iter() }.map(|(name, value)| (name.replace('_', " "), value.clone()));
        let adapters = self.adapters.iter().map(|(name, facts)| {
            let facts: Vec<_> = { facts.iter() }
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            (format!("adapter {name}"), facts.join(", "))
        });
        facts.chain(adapters).collect()
    }

    /// The members that a bundle has.
    pub fn to_json(&self) -> Value {
        let mut members: serde_json::Map<String, Value> = { self.facts.iter() }
            .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
            .collect();
        let adapters = self.adapters.iter().map(|(name, facts)| {
            let mut adapter = json!({"name": name});
            for (name, value) in facts {
                if let Some(adapter) = adapter.as_object_mut() {
                    adapter.insert((*name).to_owned(), value.clone().into());
                }
            }
            adapter
        });
        members.insert("adapters".to_owned(), adapters.collect());
        members.into()
    }
}

/// The name of the time zone, as `TZ` or the system has it.
fn zone(root: &Path, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(zone) = variable("TZ").filter(|zone| !zone.is_empty()) {
        return Some(zone);
    }
    let link = fs::read_link(root.join("etc/localtime")).ok();
    let link = link.and_then(|link| link.to_str().map(str::to_owned));
    if let Some((_, zone)) = link
        .as_deref()
        .and_then(|link| link.split_once("zoneinfo/"))
    {
        return Some(zone.to_owned());
    }
    let written = fs::read_to_string(root.join("etc/timezone")).ok();
    written.map(|zone| zone.trim().to_owned())
}

/// What /sys tells of a controller: no address, and no serial number. Its firmware is told by the
/// kernel's log alone.
fn hardware(controller: &Path) -> Vec<(&'static str, String)> {
    let device = controller.join("device");
    let link = |name: &str| {
        let target = fs::read_link(device.join(name)).ok()?;
        Some(target.file_name()?.to_string_lossy().into_owned())
    };
    // A USB controller is one interface of its device.
    let of_usb = |name: &str| {
        let read = fs::read_to_string(device.join("..").join(name)).ok()?;
        Some(read.trim().to_owned()).filter(|read| !read.is_empty())
    };
    let bus = link("subsystem").unwrap_or_else(|| "virtual".to_owned());
    let mut facts = vec![("bus", Some(bus.clone())), ("driver", link("driver"))];
    if bus == "usb" {
        let id = of_usb("idVendor").zip(of_usb("idProduct"));
        facts.push((
            "usb_id",
            id.map(|(vendor, product)| format!("{vendor}:{product}")),
        ));
        facts.push(("revision", of_usb("bcdDevice")));
        facts.push(("maker", of_usb("manufacturer")));
        facts.push(("product", of_usb("product")));
    }
    let known = facts.into_iter();
    known
        .filter_map(|(name, value)| Some((name, printable(&value?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::time::UNIX_EPOCH;

    #[test]
    fn a_report_says_when_where_and_on_which_hardware_and_no_address() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, content: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        put("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian 12\"\n");
        put("etc/zone", "");
        symlink(
            "/usr/share/zoneinfo/Europe/Berlin",
            root.path().join("etc/localtime"),
        )
        .unwrap();
        put("sys/usb/1-4/idVendor", "8087\n");
        put("sys/usb/1-4/idProduct", "0a2b\n");
        put("sys/usb/1-4/serial", "SERIAL7\n");
        put("sys/usb/1-4/1-4:1.0/bInterfaceNumber", "00\n");
        put("sys/drivers/btusb/x", "");
        put("sys/bus/usb/x", "");
        put("sys/class/bluetooth/hci0/address", "00:11:22:33:44:55\n");
        let sys = root.path().join("sys");
        let interface = sys.join("usb/1-4/1-4:1.0");
        symlink(sys.join("drivers/btusb"), interface.join("driver")).unwrap();
        symlink(sys.join("bus/usb"), interface.join("subsystem")).unwrap();
        symlink(&interface, sys.join("class/bluetooth/hci0/device")).unwrap();
        let session = |name: &str| (name == "XDG_SESSION_TYPE").then(|| "wayland".to_owned());
        let found = Surroundings::look_in(root.path(), UNIX_EPOCH, session);
        let json = found.to_json();
        assert_eq!(json["time"], "1970-01-01T00:00:00Z");
        assert_eq!(json["time_zone"], "Europe/Berlin");
        assert_eq!(
            (&json["system"], &json["session"]),
            (&"Debian 12".into(), &"wayland".into())
        );
        let expected =
            json!({"name": "hci0", "bus": "usb", "driver": "btusb", "usb_id": "8087:0a2b"});
        assert_eq!(json["adapters"], json!([expected]));
        let all = format!("{json} {:?}", found.lines());
        assert!(!all.contains("SERIAL7") && !all.contains("44:55"), "{all}");
        assert!(all.contains("driver btusb"), "{all}");
    }

    #[test]
    fn an_empty_system_still_has_a_time() {
        let root = tempfile::tempdir().unwrap();
        let found = Surroundings::look_in(root.path(), UNIX_EPOCH, |_| None);
        assert_eq!(found.to_json()["adapters"], json!([]));
        assert!(found.lines().iter().any(|(name, _)| name == "time"));
    }
}
