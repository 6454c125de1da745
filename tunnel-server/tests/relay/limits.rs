//! Every limit of the table, hit over a socket: what the client is told, and the metric, are those
//! of the table.

use crate::client::{header, status, until};
use hybrid_tunnel_server::{Limit, Limits, Running};
use std::time::Duration;

macro_rules! cases {
    ($($key:ident $case:block)*) => {
        $(#[tokio::test] async fn $key() $case)*
        pub const CASES: &[&str] = &[$(stringify!($key)),*];
    };
}

mod connections;
mod phones;
mod tunnels;

const SOON: Duration = Duration::from_millis(100);
const NEW: &str = "/cable/new/000102030405060708090a0B0C0D0E0F";

#[test]
fn every_limit_of_the_table_is_hit_by_a_test_of_its_name() {
    let mut table: Vec<_> = Limits::TABLE.iter().map(|limit| limit.key).collect();
    let mut cases = [connections::CASES, tunnels::CASES, phones::CASES].concat();
    table.sort_unstable();
    cases.sort_unstable();
    assert_eq!(cases, table);
}

/// Checks that the table says of this limit what was seen: a status or close code, and a metric
/// that has been counted.
async fn told(relay: &Running, key: &str, said: &str, metric: &str) {
    documented(key, said, metric);
    let name = match metric.split_once('{') {
        Some((name, labels)) => format!("{name}_total{{{labels}"),
        None => format!("{metric}_total"),
    };
    until(relay, &name, 1).await;
}

fn documented(key: &str, said: &str, metric: &str) {
    let row: &Limit = Limits::TABLE.iter().find(|row| row.key == key).unwrap();
    assert!(
        row.hit.contains(said),
        "{key}: saw {said}, documented is {}",
        row.hit
    );
    assert!(
        row.hit.contains(&format!("`{metric}`")),
        "{key}: counted {metric}, documented is {}",
        row.hit
    );
}

/// Checks a refusal: status and Retry-After, as the table says.
async fn refused(relay: &Running, key: &str, answer: &str, metric: &str) {
    let retry = header(answer, "Retry-After").is_some();
    let said = format!(
        "{}{}",
        status(answer),
        if retry { " with Retry-After" } else { "," }
    );
    told(
        relay,
        key,
        &said,
        &format!("refused{{reason=\"{metric}\"}}"),
    )
    .await;
}

async fn closed(relay: &Running, key: &str, code: u16, ended: &str) {
    told(
        relay,
        key,
        &format!("close {code},"),
        &format!("tunnels_ended{{ended=\"{ended}\"}}"),
    )
    .await;
}
