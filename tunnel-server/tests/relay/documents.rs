//! The page of limits is made from the tables in the code; run the test with UPDATE_DOCUMENTS=1 to
//! write it anew.

use hybrid_tunnel_server::{CloseReason, Limits, Refusal};
use std::fmt::Write as _;
use std::path::Path;

const INTRODUCTION: &str = "\
# Limits of the relay

Every limit has a default that is safe on the open internet, and can be set in the config file, as a variable or as a flag (flags win over variables,
variables over the file). Write sizes like `64KiB` and times like `500ms`, `5s` or `3m`. When a limit is reached, the relay tells the client by an
HTTP status or a close code and counts it in a metric; where neither can be sent, it closes the connection and counts it. An address is an IPv4
address or an IPv6 /56. List a proxy in `forwarded_from` or `proxy_protocol_from`; otherwise all its clients share its address.

This page is checked against the code.

";

#[test]
fn the_page_of_limits_says_what_the_code_does() {
    let mut page = INTRODUCTION.to_owned();
    limits(&mut page);
    statuses(&mut page);
    endings(&mut page);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/relay-limits.md");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    for (written, expected) in written.lines().zip(page.lines()) {
        assert_eq!(written, expected, "run this test with UPDATE_DOCUMENTS=1");
    }
    assert_eq!(
        written.len(),
        page.len(),
        "run this test with UPDATE_DOCUMENTS=1"
    );
}

fn limits(page: &mut String) {
    page.push_str("| key | flag | variable | default | limits | when it is reached | metric |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    let defaults = Limits::default();
    for limit in Limits::TABLE {
        let (key, what) = (limit.key, limit.what.trim());
        let (hit, metric) = limit
            .hit
            .rsplit_once(", `")
            .expect("what happens, then the metric");
        let metric = metric.trim_end_matches('`').replace('{', "_total{");
        let metric = if metric.contains('{') {
            metric
        } else {
            format!("{metric}_total")
        };
        let _ = writeln!(
            page,
            "| `{key}` | `--{}` | `TUNNEL_{}` | {} | {what} | {hit} | `tunnel_{metric}` |",
            key.replace('_', "-"),
            key.to_uppercase(),
            (limit.show)(&defaults)
        );
    }
}

fn statuses(page: &mut String) {
    page.push_str(
        "\n## Refusals\n\nThe value of the label `reason` of `tunnel_refused_total`, the status, and the body. A wrong routing id is `no_room`, like an unknown tunnel: the\n\
         relay looks up both ids together as one key, so a partly correct guess takes the same path as a wrong one. A test compares responses, metrics and\n\
         logs.\n\n",
    );
    page.push_str("| reason | status | body |\n| --- | --- | --- |\n");
    for refusal in Refusal::ALL {
        let status = refusal.status().unwrap_or("none");
        let retry = refusal
            .retry_after()
            .map(|time| format!(", Retry-After: {}", time.as_secs()));
        let _ = writeln!(
            page,
            "| `{}` | {status}{} | {} |",
            refusal.label(),
            retry.unwrap_or_default(),
            refusal.sentence()
        );
    }
}

fn endings(page: &mut String) {
    page.push_str(
        "\n## Endings\n\nThe value of the label `ended` of `tunnel_tunnels_ended_total` and `tunnel_listeners_ended_total`, the close code for the side\n\
         that caused it, and for the other side.\n\n| ended | code | other side | reason |\n| --- | --- | --- | --- |\n",
    );
    for ending in CloseReason::ALL {
        let own = matches!(ending, CloseReason::Closed(_));
        let code = if own {
            "its own".to_owned()
        } else {
            ending.code().to_string()
        };
        let other = if own {
            "the same".to_owned()
        } else {
            ending.code_for_other().to_string()
        };
        let _ = writeln!(
            page,
            "| `{}` | {code} | {other} | {} |",
            ending.label(),
            ending.reason()
        );
    }
}
