//! No service runs as a person, and nobody is in its group unasked: what the packages do where an
//! account or a group of the name exists before them.

use crate::machine::{DAEMON, Machine, RELAY};
use crate::manifest::{metadata, read};

/// A package with an account: where its scripts are, the account, and what sysusers calls it.
const SERVICES: [(&str, &str, &str); 2] = [
    (DAEMON, "hybridd", "hybridd.sysusers"),
    (RELAY, "tunnel-server", "tunnel-server.sysusers"),
];

/// A machine with these entries of accounts and groups, each with `NAME` for the account's own.
struct Known<'a> {
    service: (&'a str, &'a str, &'a str),
    machine: Machine,
}

impl<'a> Known<'a> {
    fn new(service: (&'a str, &'a str, &'a str), accounts: &[&str], groups: &[&str]) -> Self {
        let (_, name, _) = service;
        let lines = |entries: &[&str], of: &str| -> String {
            let entries = entries.iter().map(|entry| entry.replace("NAME", name));
            let of = of.replace("NAME", name);
            let entries = entries.filter(|entry| entry.starts_with(&of));
            entries.map(|entry| format!(" '{entry}'")).collect()
        };
        // Without entries getent fails, as the real one does for a name that nobody has.
        let tell = |entries: String| match entries.is_empty() {
            true => "exit 2".to_owned(),
            false => format!("printf '%s\\n'{entries}"),
        };
        let answers = format!(
            "case \"$*\" in\n'getent passwd {name}') {} ;;\n'getent group {name}') {} ;;\n'getent passwd') {} ;;\n*) exit 1 ;;\nesac",
            tell(lines(accounts, "NAME:")),
            tell(lines(groups, "NAME:")),
            tell(lines(accounts, "")),
        );
        let machine = Machine::being_built(&answers);
        Self { service, machine }
    }

    /// Whether an installation went on, and what it said.
    fn install(&self, call: &[&str]) -> (bool, String) {
        let (dist, _, _) = self.service;
        let ended = self.machine.end(dist, "debian/preinst", call);
        let said = String::from_utf8(ended.stderr).unwrap();
        (ended.status.success(), said)
    }
}

fn calls(dist: &str) -> Vec<&'static [&'static str]> {
    let mut calls: Vec<&[&str]> = vec![&["install"], &["install", "0.0.9-1"]];
    if dist == DAEMON {
        // The first of its name, for rpm.
        calls.push(&["1"]);
    }
    calls
}

const ROOT: &str = "root:x:0:0:root:/root:/bin/bash";

#[test]
fn a_person_of_the_services_name_is_told_and_nothing_is_installed() {
    for service in SERVICES {
        for (entry, why) in [
            (
                "NAME:x:1000:1000:,,,:/home/NAME:/bin/bash",
                "its user id is 1000, and its shell is /bin/bash.",
            ),
            (
                "NAME:x:1000:1000:,,,:/home/NAME:/usr/sbin/nologin",
                "its user id is 1000.",
            ),
            ("NAME:x:998:998::/srv:/bin/sh", "its shell is /bin/sh."),
            ("NAME:x:998:998::/srv:", "its shell is /bin/sh."),
            ("NAME:x:0:0::/root:/sbin/nologin", "its user id is 0."),
        ] {
            let known = Known::new(service, &[ROOT, entry], &[]);
            for call in calls(service.0) {
                let (goes_on, said) = known.install(call);
                assert!(!goes_on, "{entry} {call:?}: {said}");
                assert!(said.contains(why), "{entry} {call:?}: {said}");
                assert!(said.contains("is therefore not installed"), "{said}");
                let cure = format!("usermod --login NEW {}", service.1);
                assert!(said.contains(&cure), "{said}");
            }
        }
    }
}

#[test]
fn a_group_of_people_of_the_services_name_is_told_and_nothing_is_installed() {
    for service in SERVICES {
        for (entry, why) in [
            ("NAME:x:1000:", "its group id is 1000."),
            ("NAME:x:900:alice", "it contains alice."),
            ("NAME:x:900:NAME,alice,bob", "it contains alice bob."),
            ("NAME:x:901:", "it contains carol."),
        ] {
            let carol = "carol:x:1001:901:Carol:/home/carol:/bin/bash";
            let known = Known::new(service, &[ROOT, carol], &[entry]);
            for call in calls(service.0) {
                let (goes_on, said) = known.install(call);
                assert!(!goes_on, "{entry} {call:?}: {said}");
                assert!(said.contains(why), "{entry} {call:?}: {said}");
                let cure = format!("groupmod --new-name NEW {}", service.1);
                assert!(said.contains(&cure), "{said}");
                assert!(!said.contains("usermod"), "{said}");
            }
        }
    }
}

#[test]
fn a_person_with_a_group_of_their_own_is_told_of_both_at_once() {
    for service in SERVICES {
        let person = "NAME:x:1000:1000:,,,:/home/NAME:/bin/bash";
        let known = Known::new(service, &[ROOT, person], &["NAME:x:1000:"]);
        let (goes_on, said) = known.install(&["install"]);
        assert!(!goes_on);
        let name = service.1;
        let cure = format!("usermod --login NEW {name} && groupmod --new-name NEW {name}");
        assert!(said.contains(&cure), "{said}");
    }
}

#[test]
fn where_people_begin_is_the_systems_own_number() {
    for service in SERVICES {
        let entry = "NAME:x:600:600::/:/usr/sbin/nologin";
        let known = Known::new(service, &[ROOT, entry], &["NAME:x:600:"]);
        assert!(known.install(&["install"]).0, "1000 without login.defs");
        for (settings, goes_on) in [
            ("# UID_MIN 1\nUID_MIN\t\t 500\n", false),
            ("GID_MIN 500\n", false),
            ("UID_MIN 601\nGID_MIN 601\n", true),
            ("UID_MIN many\nGID_MIN\n", true),
        ] {
            std::fs::write(known.machine.path("login.defs"), settings).unwrap();
            assert_eq!(known.install(&["install"]).0, goes_on, "{settings}");
        }
    }
}

#[test]
fn what_an_earlier_installation_left_is_taken_without_a_word() {
    for service in SERVICES {
        let (dist, _, declared) = service;
        let declared = read(&format!("{dist}/{declared}"));
        let comment = declared.split('"').nth(1).unwrap();
        for shell in ["/usr/sbin/nologin", "/sbin/nologin"] {
            // systemd counts down from 999, wherever login.defs says that people begin.
            let entry = format!("NAME:x:999:999:{comment}:/:{shell}");
            let known = Known::new(service, &[ROOT, &entry], &["NAME:x:999:admin"]);
            std::fs::write(known.machine.path("login.defs"), "UID_MIN 500\n").unwrap();
            for call in calls(dist) {
                assert_eq!(known.install(call), (true, String::new()), "{entry}");
            }
        }
        let none = Known::new(service, &[ROOT], &[]);
        assert_eq!(none.install(&["install"]), (true, String::new()));
    }
}

#[test]
fn a_system_account_that_was_there_is_used_and_named_once() {
    for service in SERVICES {
        // As `adduser --system` makes it.
        let entry = "NAME:x:107:65534:of ours:/nonexistent:/usr/sbin/nologin";
        let known = Known::new(service, &[ROOT, entry], &[]);
        for call in calls(service.0) {
            let (goes_on, said) = known.install(call);
            assert!(goes_on, "{said}");
            let told = "exists already (user id 107, \"of ours\").\n";
            assert!(said.ends_with(told) && said.lines().count() == 1, "{said}");
        }
        let upgraded = known.install(&["upgrade", "0.0.9-1"]);
        assert_eq!(upgraded, (true, String::new()));
    }
}

#[test]
fn an_upgrade_goes_on_as_a_person_and_says_so() {
    for service in SERVICES {
        let person = "NAME:x:1000:1000:,,,:/home/NAME:/bin/bash";
        let known = Known::new(service, &[ROOT, person], &["NAME:x:1000:"]);
        let (goes_on, said) = known.install(&["upgrade", "0.0.9-1"]);
        assert!(goes_on && said.contains("used as before"), "{said}");
        if service.0 == DAEMON {
            assert_eq!(known.install(&["2"]), (true, said));
        }
        // dpkg goes back to this version when another failed.
        let back = known.install(&["abort-upgrade", "0.2.0-1"]);
        assert_eq!(back, (true, String::new()));
    }
}

#[test]
fn both_packages_look_alike_and_know_their_own_account() {
    let scripts = SERVICES.map(|(dist, name, declared)| {
        let script = read(&format!("{dist}/debian/preinst"));
        let declared = read(&format!("{dist}/{declared}"));
        let comment = declared.split('"').nth(1).unwrap();
        assert!(declared.starts_with(&format!("u {name} ")));
        assert!(script.contains(&format!("\nname={name}\nours=\"{comment}\"\n")));
        let (_, common) = script.split_once("# From here on").unwrap();
        common.to_owned()
    });
    assert_eq!(scripts[0], scripts[1]);
    let rpm = metadata("daemon", "generate-rpm")["pre_install_script"].clone();
    assert_eq!(rpm.as_str(), Some("dist/debian/preinst"));
}
