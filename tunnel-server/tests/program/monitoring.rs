//! What operators watch the relay with asks for what the relay says: the page, the alerts, the
//! dashboard.

use crate::process::Relay;
use hybrid_tunnel_server::{CloseReason, Refusal};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn page() -> String {
    text("../docs/relay.md")
}

fn alerts() -> String {
    text("dist/alerts.yml")
}

/// What the dashboard asks for: its panels' expressions, and that of its list of relays.
fn asked() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&text("dist/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    targets
        .map(|target| &target["expr"])
        .chain(variables.map(|variable| &variable["query"]))
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// `/metrics` of a relay with a certificate, about which there is a metric, too.
fn metrics() -> String {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = ["chain.pem", "key.pem"].map(|name| folder.path().join(name));
    fs::write(&files[0], made.cert.pem()).unwrap();
    fs::write(&files[1], made.signing_key.serialize_pem()).unwrap();
    let relay = Relay::start(|command| {
        { command.arg("--tls-cert").arg(&files[0]) }
            .arg("--tls-key")
            .arg(&files[1]);
    });
    relay.ask("/metrics").1
}

/// The words of a text that are names of the relay's metrics.
fn named(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("tunnel_"))
        .collect()
}

#[test]
fn the_page_the_alerts_and_the_dashboard_name_metrics_that_the_relay_has() {
    let metrics = metrics();
    let series: BTreeSet<&str> = { metrics.lines() }
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    let families: BTreeSet<&str> = { metrics.lines() }
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let (page, alerts, dashboard) = (page(), alerts(), asked().join("\n"));
    for (what, text, least) in [
        ("the page", &page, 5),
        ("the alerts", &alerts, 8),
        ("the dashboard", &dashboard, 15),
    ] {
        let named = named(text);
        assert!(named.len() >= least, "{what}: {named:?}");
        for name in named {
            // A page may speak of a histogram as a whole; an expression needs what it is made of.
            let is_family = what == "the page" && families.contains(name);
            assert!(is_family || series.contains(name), "{what}: no {name}");
        }
    }
}

#[test]
fn the_page_and_the_alerts_name_labels_that_the_relay_has() {
    let text = page() + &alerts();
    let mut seen = 0;
    for (label, known) in [
        ("reason", Refusal::ALL.map(Refusal::label).to_vec()),
        ("ended", CloseReason::ALL.map(CloseReason::label).to_vec()),
    ] {
        let before = format!("{label}=");
        let given = text.split(&before).skip(1);
        for labels in given.filter_map(|rest| rest.trim_start_matches('~').strip_prefix('"')) {
            for one in labels.split('"').next().unwrap().split('|') {
                assert!(known.contains(&one), "{label} {one}");
                seen += 1;
            }
        }
    }
    assert!(seen > 5);
}

#[test]
fn the_page_explains_every_alert() {
    let page = page();
    let alerts = alerts();
    let explained: Vec<&str> = { page.lines() }
        .filter_map(|line| line.strip_prefix("| `Relay")?.split_once("` |"))
        .map(|(name, _)| name)
        .collect();
    let there: Vec<&str> = { alerts.lines() }
        .filter_map(|line| line.trim().strip_prefix("- alert: Relay"))
        .collect();
    assert!(there.len() > 5);
    assert_eq!(explained, there);
}
