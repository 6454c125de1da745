//! What the packages' scripts do, each run as dpkg or rpm runs it, on a machine whose programs only
//! write down how they were called. `tests/vm/run package` runs them on a real one.

use crate::machine::{DAEMON, Machine, RELAY, any, first};
use crate::manifest::root;
use std::fs;

/// How dpkg may call each script (Debian Policy 6.5), and rpm its own.
const CALLS: [(&str, &[&[&str]]); 7] = [
    (
        "debian/preinst",
        &[
            &["install"],
            &["install", "0.0.9-1"],
            &["upgrade", "0.0.9-1"],
            &["abort-upgrade", "0.2.0-1"],
            // As rpm calls it.
            &["1"],
            &["2"],
        ],
    ),
    (
        "debian/postinst",
        &[
            &["configure", ""],
            &["configure", "0.0.9-1"],
            &["abort-upgrade", "0.2.0-1"],
            &["abort-remove"],
            &["abort-deconfigure", "in-favour", "other", "1"],
            &["triggered", "x"],
        ],
    ),
    (
        "debian/prerm",
        &[
            &["remove"],
            &["upgrade", "0.2.0-1"],
            &["failed-upgrade", "0.0.9-1"],
            &["deconfigure", "in-favour", "other", "1"],
        ],
    ),
    (
        "debian/postrm",
        &[
            &["remove"],
            &["purge"],
            &["upgrade", "0.2.0-1"],
            &["failed-upgrade", "0.0.9-1"],
            &["abort-install"],
            &["abort-upgrade", "0.2.0-1"],
            &["disappear", "other", "1"],
        ],
    ),
    ("rpm/post", &[&["1"], &["2"]]),
    ("rpm/preun", &[&["0"], &["1"]]),
    ("rpm/postun", &[&["0"], &["1"]]),
];

#[test]
fn no_call_of_a_script_fails_where_nobody_is_logged_in_and_nothing_succeeds() {
    // But for what a package cannot do without: its user, and a folder.
    let nothing = r#"case "$1" in systemd-sysusers | install) ;; *) exit 1 ;; esac"#;
    for machine in [
        Machine::being_built(nothing),
        Machine::contained(nothing),
        Machine::that_runs(nothing),
    ] {
        for dist in [DAEMON, RELAY] {
            for (script, calls) in CALLS {
                for call in calls {
                    // The relay has no rpm.
                    if root().join(dist).join(script).exists() {
                        machine.run(dist, script, call);
                    }
                }
            }
        }
    }
}

#[test]
fn a_removal_gives_the_device_back_and_then_lets_other_rules_have_their_say() {
    for (script, args) in [("debian/postrm", "remove"), ("rpm/postun", "0")] {
        let calls = Machine::that_runs("").run(DAEMON, script, &[args]);
        assert!(first(&calls, "chown root:root") < first(&calls, "udevadm trigger"));
        assert!(first(&calls, "chmod 600") < first(&calls, "udevadm trigger"));
    }
}

#[test]
fn a_removal_from_an_image_leaves_the_device_of_who_builds_it_alone() {
    for (script, args) in [("debian/postrm", "remove"), ("rpm/postun", "0")] {
        let calls = Machine::being_built("").run(DAEMON, script, &[args]);
        let of_folders = |call: &String| call.starts_with("rmdir ");
        assert!(calls.iter().all(of_folders), "{script}: {calls:#?}");
    }
}

#[test]
fn an_erasure_from_an_image_disables_both_and_stops_nothing() {
    let calls = Machine::being_built("").run(DAEMON, "rpm/preun", &["0"]);
    assert!(any(&calls, "disable hybridd.service"), "{calls:#?}");
    assert!(any(&calls, "disable hybridd-agent.service"), "{calls:#?}");
    for word in ["--now", "stop"] {
        assert!(!any(&calls, word), "{word}: {calls:#?}");
    }
}

#[test]
fn udev_reads_its_rules_again_and_no_installed_file_changes() {
    for (script, args) in [
        ("debian/postinst", ["configure", ""]),
        ("rpm/post", ["1", ""]),
    ] {
        let machine = Machine::that_runs("");
        let calls = machine.run(DAEMON, script, &args);
        assert!(!any(&calls, "/usr/"), "{script}: {calls:#?}");
        let made = machine.path("udev/rules.d/70-hybridd-installed.rules");
        let text = fs::read_to_string(&made).unwrap();
        assert!(text.starts_with('#'), "udev passes over an empty file");
        let removed = first(&calls, &format!("rm -f {}", made.display()));
        assert!(first(&calls, "udevadm control") < first(&calls, "udevadm trigger"));
        assert!(first(&calls, "udevadm trigger") < removed);
    }
}

#[test]
fn nothing_is_asked_of_udev_where_none_runs() {
    for (script, args) in [
        ("debian/postinst", ["configure", ""]),
        ("debian/postrm", ["remove", ""]),
        ("rpm/post", ["1", ""]),
        ("rpm/postun", ["0", ""]),
    ] {
        let calls = Machine::contained("").run(DAEMON, script, &args);
        assert!(!any(&calls, "udevadm"), "{script}: {calls:#?}");
    }
}

#[test]
fn a_purge_deletes_the_user_that_the_package_made_and_no_person_of_that_name() {
    let declared = fs::read_to_string(root().join("daemon/dist/hybridd.sysusers")).unwrap();
    let name = declared.split('"').nth(1).unwrap();
    for (entry, is_ours) in [
        (
            format!("hybridd:x:996:996:{name}:/:/usr/sbin/nologin"),
            true,
        ),
        (
            "hybridd:x:1000:1000:,,,:/home/hybridd:/bin/bash".to_owned(),
            false,
        ),
        (
            format!("hybridd:x:1000:1000:{name}:/home/hybridd:/bin/bash"),
            false,
        ),
    ] {
        let answer = format!(r#"case "$1" in getent) echo '{entry}' ;; esac"#);
        let calls = Machine::that_runs(&answer).run(DAEMON, "debian/postrm", &["purge"]);
        assert_eq!(any(&calls, "userdel hybridd"), is_ours, "{entry}");
    }
}

#[test]
fn what_an_administrator_disabled_is_not_enabled_by_an_upgrade() {
    let disabled = r#"case "$*" in *was-enabled*) exit 1 ;; esac"#;
    for dist in [DAEMON, RELAY] {
        let calls = Machine::that_runs(disabled).run(dist, "debian/postinst", &["configure", "1"]);
        assert!(!any(&calls, " enable "), "{calls:#?}");
        assert!(any(&calls, "update-state"), "{calls:#?}");
    }
    // rpm runs the new package's first script before the old one's last.
    let machine = Machine::that_runs("");
    let mut calls = machine.run(DAEMON, "rpm/post", &["2"]);
    calls.extend(machine.run(DAEMON, "rpm/preun", &["1"]));
    calls.extend(machine.run(DAEMON, "rpm/postun", &["1"]));
    for word in ["enable", "disable", "stop", " start", "chown"] {
        assert!(!any(&calls, word), "{word}: {calls:#?}");
    }
    first(&calls, "systemctl --quiet try-restart hybridd.service");
}

#[test]
fn the_service_is_restarted_before_the_agents_of_all_who_are_there() {
    let two = r#"case "$*" in *list-units*) printf 'user@%s.service loaded active running x\n' 1000 1001 ;; esac"#;
    for (script, args) in [
        ("debian/postinst", ["configure", "1"]),
        ("rpm/post", ["2", ""]),
    ] {
        let calls = Machine::that_runs(two).run(DAEMON, script, &args);
        let service = calls
            .iter()
            .position(|call| call.ends_with("restart hybridd.service"));
        for user in ["1000@", "1001@"] {
            let agent = format!("systemctl --quiet --user --machine={user} restart hybridd-agent");
            assert!(service.unwrap() < first(&calls, &agent), "{calls:#?}");
        }
    }
}

#[test]
fn a_users_manager_that_hangs_keeps_no_script_waiting() {
    let one =
        r#"case "$*" in *list-units*) echo 'user@1000.service loaded active running x' ;; esac"#;
    for (script, args) in [
        ("debian/postinst", ["configure", ""]),
        ("debian/prerm", ["remove", ""]),
        ("debian/postrm", ["remove", ""]),
        ("rpm/post", ["1", ""]),
        ("rpm/preun", ["0", ""]),
        ("rpm/postun", ["0", ""]),
    ] {
        let calls = Machine::that_runs(one).run(DAEMON, script, &args);
        let limited = |call: &String| call.starts_with("timeout 30 systemctl");
        assert!(calls.iter().any(limited), "{script}: {calls:#?}");
        for pair in calls.windows(2) {
            let asks = pair[1].starts_with("systemctl") && pair[1].contains("--machine=");
            assert!(!asks || limited(&pair[0]), "{script}: {calls:#?}");
            // Debian's helper asks them all, without a limit.
            assert!(
                !pair[1].starts_with("deb-systemd-invoke --user"),
                "{script}"
            );
        }
    }
}

#[test]
fn a_user_without_a_session_bus_is_passed_over_in_silence() {
    let one = r#"case "$*" in
*list-units*) echo 'user@1000.service loaded active running x' ;;
*--machine=*) echo 'Transport endpoint is not connected' >&2; exit 1 ;;
esac"#;
    for (script, args) in [
        // What removes an agent says that it could not: one may run without that bus.
        ("debian/postinst", ["configure", ""]),
        ("debian/postrm", ["remove", ""]),
        ("rpm/post", ["1", ""]),
        ("rpm/postun", ["0", ""]),
    ] {
        let machine = Machine::that_runs(one);
        let ended = machine.end(DAEMON, script, &args);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(
            (ended.status.success(), said.as_str()),
            (true, ""),
            "{script}"
        );
        let calls = fs::read_to_string(machine.path("log")).unwrap();
        assert!(calls.contains("--machine=1000@"), "{script}: {calls}");
    }
}

#[test]
fn a_relay_that_was_removed_and_comes_back_runs_as_it_did() {
    let stopped = r#"case "$*" in *is-active*) exit 3 ;; esac"#;
    let machine = Machine::that_runs(stopped);
    let removed = machine.run(RELAY, "debian/prerm", &["remove"]);
    assert!(!any(&removed, "disable"), "{removed:#?}");
    // dpkg names the version that was removed, as in an upgrade.
    let calls = machine.run(RELAY, "debian/postinst", &["configure", "0.1.0-1"]);
    let socket = first(&calls, "deb-systemd-invoke start tunnel-server.socket");
    let service = first(&calls, "deb-systemd-invoke start tunnel-server.service");
    assert!(socket < service, "the socket holds the port: {calls:#?}");
    let purged = machine.run(RELAY, "debian/postrm", &["purge"]);
    assert!(any(
        &purged,
        "purge tunnel-server.service tunnel-server.socket"
    ));
}

#[test]
fn an_upgrade_does_not_wait_for_the_tunnels_of_a_relay_that_runs() {
    let calls = Machine::that_runs("").run(RELAY, "debian/postinst", &["configure", "0.1.0-1"]);
    first(
        &calls,
        "systemctl --no-block try-restart tunnel-server.service",
    );
    assert!(!any(&calls, "deb-systemd-invoke"), "{calls:#?}");
}

#[test]
fn the_folder_of_certificates_is_made_once_and_then_the_operators() {
    let machine = Machine::being_built("");
    let calls = machine.run(RELAY, "debian/postinst", &["configure", ""]);
    first(&calls, "install -d -m 750 -o root -g tunnel-server");
    fs::create_dir(machine.path("certificates")).unwrap();
    let calls = machine.run(RELAY, "debian/postinst", &["configure", "0.1.0-1"]);
    assert!(!any(&calls, "install -d"), "{calls:#?}");
}
