//! The files of the package name what the programs say to each other.

#![allow(clippy::unwrap_used, reason = "a test")]

use hybrid_key_bus::{ACTION, SERVICE};
use std::fs;

fn file(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/");
    fs::read_to_string(format!("{folder}{name}")).unwrap()
}

#[test]
fn the_bus_lets_the_services_user_alone_have_the_name_and_ask_agents() {
    let policy = file("org.hybridd.Key1.conf");
    let (own, everybody) = policy.split_once("<policy context=\"default\">").unwrap();
    assert!(own.contains("<policy user=\"hybridd\">"));
    assert!(own.contains(&format!("<allow own=\"{SERVICE}\"/>")));
    assert!(own.contains("<allow send_interface=\"org.hybridd.Agent1\"/>"));
    assert!(!everybody.contains("own=") && !everybody.contains("Agent1"));
    assert!(everybody.contains(&format!("send_destination=\"{SERVICE}\"")));
}

#[test]
fn polkit_knows_the_action_and_answers_the_services_user() {
    let policy = file(&format!("{}.policy", ACTION.trim_end_matches(".answer")));
    assert!(policy.contains(&format!("<action id=\"{ACTION}\">")));
    let owner = "<annotate key=\"org.freedesktop.policykit.owner\">unix-user:hybridd</annotate>";
    assert!(policy.contains(owner));
    for rule in ["any>no", "inactive>no", "active>yes"] {
        assert!(policy.contains(&format!("<allow_{rule}</allow_")), "{rule}");
    }
}

#[test]
fn unit_rule_and_user_are_of_one_name() {
    let unit = file("hybridd.service");
    assert!(unit.contains(&format!("BusName={SERVICE}\n")));
    assert!(unit.contains("User=hybridd\n") && unit.contains("DeviceAllow=/dev/uhid rw\n"));
    assert!(unit.contains("ExecStart=/usr/libexec/hybridd/key\n"));
    // One that one user can end is started again for all of them, however often that happens.
    assert!(unit.contains("StartLimitIntervalSec=0\n") && unit.contains("Restart=on-failure\n"));
    assert!(file("hybridd.sysusers").starts_with("u hybridd "));
    let rule = file("70-hybridd.rules");
    let rule = rule.lines().find(|line| !line.starts_with('#')).unwrap();
    assert!(rule.contains("GROUP=\"hybridd\", MODE=\"0660\""));
}
