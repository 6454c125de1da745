//! The metrics read by the rules of OpenMetrics 1.0, strictly.

use crate::client::{Client, TUNNEL, frame, relay, request, until};
use std::collections::{HashMap, HashSet};
use tokio::net::TcpListener;

/// One family: its kind, and its samples in order: suffix, labels, value.
struct Family {
    kind: String,
    samples: Vec<(String, Labels, f64)>,
}

type Labels = Vec<(String, String)>;

/// Reads a whole text, or says what is wrong with it.
fn parse(text: &str) -> Result<HashMap<String, Family>, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("no # EOF at the end")?;
    let mut families: HashMap<String, Family> = HashMap::new();
    let mut current = String::new();
    let mut seen = HashSet::new();
    for line in body.lines() {
        let fail = |why: &str| Err(format!("{why}: {line}"));
        if let Some(about) = line.strip_prefix("# ") {
            let mut words = about.splitn(3, ' ');
            let (what, name, rest) = (
                words.next(),
                words.next().unwrap_or(""),
                words.next().unwrap_or(""),
            );
            match what {
                Some("TYPE") => {
                    if !["counter", "gauge", "histogram", "info"].contains(&rest)
                        || families.contains_key(name)
                    {
                        return fail("a wrong or second type");
                    }
                    let family = Family {
                        kind: rest.to_owned(),
                        samples: Vec::new(),
                    };
                    families.insert(name.to_owned(), family);
                    current = name.to_owned();
                }
                Some("HELP") if name == current && rest.ends_with('.') => {}
                Some("UNIT") if name == current && name.ends_with(&format!("_{rest}")) => {}
                _ => return fail("not about the current family"),
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').ok_or("no value")?;
        if !seen.insert(series.to_owned()) {
            return fail("a second sample of the same series");
        }
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (
                name,
                labels.strip_suffix('}').ok_or("no } after the labels")?,
            ),
            None => (series, ""),
        };
        let suffix = name
            .strip_prefix(current.as_str())
            .ok_or(format!("outside of its family: {line}"))?;
        let family = families
            .get_mut(&current)
            .ok_or("a sample before its type")?;
        let suffixes: &[&str] = match family.kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            _ => &["_bucket", "_sum", "_count"],
        };
        if !suffixes.contains(&suffix) {
            return fail("a wrong suffix for its type");
        }
        let mut pairs = Vec::new();
        for label in labels.split(',').filter(|label| !label.is_empty()) {
            let (key, value) = label.split_once('=').ok_or("no = in a label")?;
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'))
                .ok_or("no quotes")?;
            if value.contains(['"', '\\'])
                || !key
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            {
                return fail("a wrong label");
            }
            pairs.push((key.to_owned(), value.to_owned()));
        }
        let value: f64 = value.parse().map_err(|_| format!("not a number: {line}"))?;
        if value < 0.0 {
            return fail("below zero");
        }
        family.samples.push((suffix.to_owned(), pairs, value));
    }
    for (name, family) in &families {
        if family.samples.is_empty() {
            return Err(format!("{name} has no samples"));
        }
        if family.kind == "histogram" {
            histogram(family).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    Ok(families)
}

/// Buckets grow with their bounds and end with +Inf, which is the count.
fn histogram(family: &Family) -> Result<(), String> {
    let (mut bound, mut inside) = (f64::NEG_INFINITY, 0.0);
    for (suffix, labels, value) in &family.samples {
        match suffix.as_str() {
            "_bucket" => {
                let next: f64 = labels[0]
                    .1
                    .replace("+Inf", "inf")
                    .parse()
                    .map_err(|_| "a bound that is no number")?;
                if labels[0].0 != "le" || next <= bound || *value < inside {
                    return Err(format!("bucket {next} is out of order"));
                }
                (bound, inside) = (next, *value);
            }
            "_count" if bound != f64::INFINITY || *value != inside => {
                return Err("the count is not +Inf's".to_owned());
            }
            _ => {}
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_text_is_openmetrics_and_tells_what_happened() {
    let relay = relay(|_| ()).await;
    let (mut phone, mut desktop) = Client::pair(relay.local_addr()).await;
    phone.send(frame(0x82, b"hello")).await;
    desktop.message().await;
    desktop.send(frame(0x88, &[])).await;
    phone.closed().await;
    until(&relay, "rooms", 0).await;
    let (_waiting, _) = Client::open(relay.local_addr()).await;
    Client::sending(
        relay.local_addr(),
        request(&format!("/cable/connect/000000/{TUNNEL}")),
    )
    .await
    .refusal()
    .await;

    let admin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = admin.local_addr().unwrap();
    let _serving = relay.admin(admin);
    let answer = Client::sending(at, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .refusal()
        .await;
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{head}"
    );
    let families = parse(text).unwrap();
    let value = |name: &str, label: &str| {
        let family = &families[&format!("tunnel_{name}")];
        let mut found = family.samples.iter().filter(|(suffix, labels, _)| {
            suffix != "_bucket"
                && suffix != "_sum"
                && (label.is_empty() || labels.iter().any(|(_, value)| value == label))
        });
        found.next().unwrap().2
    };
    for (name, label, expected) in [
        ("rooms", "", 1.0),
        ("rooms_waiting", "", 1.0),
        ("pairs", "", 0.0),
        ("tunnels_opened", "", 2.0),
        ("tunnels_joined", "", 1.0),
        ("tunnels_ended", "closed", 1.0),
        ("messages", "", 1.0),
        ("payload_bytes", "", 5.0),
        ("refused", "no_room", 1.0),
        ("waited_seconds", "", 1.0),
        ("lasted_seconds", "", 1.0),
        ("connections_accepted", "", 4.0),
    ] {
        assert_eq!(value(name, label), expected, "{name} {label}");
    }
}

#[test]
fn the_reader_refuses_what_is_not_openmetrics() {
    let good = "# TYPE a counter\n# HELP a Good.\na_total 1\n# EOF\n";
    assert!(parse(good).is_ok());
    for (from, to) in [
        ("# EOF\n", ""),
        ("a_total", "a"),
        ("a_total", "b_total"),
        ("a_total 1", "a_total x"),
        ("a_total 1\n", "a_total 1\na_total 2\n"),
        ("a_total 1", "a_total{x=y} 1"),
        ("# TYPE a counter\n", ""),
        ("counter", "number"),
    ] {
        assert!(
            parse(&good.replace(from, to)).is_err(),
            "{from:?} as {to:?}"
        );
    }
    let buckets = "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 2\n# EOF\n";
    assert!(parse(buckets).is_ok());
    for (from, to) in [("+Inf", "0.5"), ("} 1", "} 3"), ("a_count 2", "a_count 3")] {
        assert!(
            parse(&buckets.replace(from, to)).is_err(),
            "{from:?} as {to:?}"
        );
    }
}
