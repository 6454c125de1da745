//! Three relays behind HAProxy as the shipped configuration has it: thousands of pairs through two
//! entry points, while one of the relays is drained, ends and comes back.

use crate::client::{Client, Pair, Waiting, address};
use crate::fleet::{ADDRESSES, client, fleet, fleet_with_proxy_protocol, node, numbered};
use crate::place::{Place, inside};
use crate::process::{PATIENCE, until};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Pairs at the same time.
const AT_ONCE: usize = 16;
/// Pairs at least; it goes on until the drained node is back at work.
const PAIRS: u32 = 2000;
/// Enough tunnels on every node before anything happens to one of them.
const OPEN: usize = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_pair_breaks_while_one_node_after_another_is_drained_and_comes_back() {
    if !inside(
        "nodes::no_pair_breaks_while_one_node_after_another_is_drained_and_comes_back",
        &ADDRESSES,
    ) {
        return;
    }
    let (mut nodes, place) = fleet();
    let (mut pairs, waiting) = open(&place).await;
    let load = load(&place);
    until_pairs(&load.done, PAIRS / 4).await;

    nodes[1].signal(Signal::TERM);
    until("readyz to say no", || {
        (nodes[1].ask("/readyz").0 == 503).then_some(())
    });
    let mut late = Vec::new();
    for waiting in waiting {
        late.push(
            client(&place, 9000)
                .join(waiting)
                .await
                .expect("whoever waited at the drained node is joined"),
        );
    }
    for pair in pairs.iter_mut().chain(&mut late) {
        pair.exchange(3)
            .await
            .expect("an open pair of any node goes on");
    }
    until_pairs(&load.done, PAIRS / 2).await;
    assert!(!nodes[1].has_ended(), "its pairs are still open");
    let (drained, others): (Vec<Pair>, Vec<Pair>) = pairs
        .into_iter()
        .chain(late)
        .partition(|pair| pair.node == "1");
    assert!(
        drained.len() >= 4 && others.len() >= 4,
        "{} {}",
        drained.len(),
        others.len()
    );
    for pair in drained {
        pair.close()
            .await
            .expect("a pair of the drained node finishes");
    }
    assert_eq!(nodes[1].end().code(), Some(0));

    let gone_at = load.done.load(Ordering::Relaxed);
    until_pairs(&load.done, gone_at + PAIRS / 8).await;
    nodes[1] = node(1, "1/3");
    let back = async { while open_at(&client(&place, 9001), "1").await.is_none() {} };
    tokio::time::timeout(PATIENCE, back)
        .await
        .expect("the node that came back gets tunnels again");
    until_pairs(&load.done, PAIRS).await;
    for mut pair in others {
        pair.exchange(3)
            .await
            .expect("a pair of another node never notices");
        pair.close().await.unwrap();
    }
    // The others, as an operator upgrades them: the next one when the balancer has seen the last
    // one come back. One that was away between two checks was not missed.
    for (next, last) in [(0, 1), (2, 0)] {
        until("both HAProxys to see the last node", || {
            let seen = |said: &str, what: &str| {
                said.matches(&format!("Server new/{last} is {what}"))
                    .count()
            };
            let all = place.said();
            all.iter()
                .all(|said| seen(said, "UP") == seen(said, "DOWN"))
                .then_some(())
        });
        nodes[next].signal(Signal::TERM);
        assert_eq!(nodes[next].end().code(), Some(0));
        nodes[next] = node(u8::try_from(next).unwrap(), &format!("{next}/3"));
        let done = load.done.load(Ordering::Relaxed);
        until_pairs(&load.done, done + PAIRS / 8).await;
    }
    let (per_node, wrong) = load.end().await;
    println!("pairs per node: {per_node:?}");
    assert!(
        wrong.is_empty(),
        "{} of {per_node:?} broke: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(5)]
    );
    assert_eq!(per_node.len(), 3);
    assert!(per_node.values().sum::<u32>() >= PAIRS);
    let logs = place.said().concat();
    assert!(
        logs.contains("status=101") && !logs.contains("ACE0") && !logs.contains("127.1."),
        "{logs:.2000}"
    );
}

/// Pairs that stay open, and phones that wait at node 1.
async fn open(place: &Place) -> (Vec<Pair>, Vec<Waiting>) {
    let (mut pairs, mut waiting) = (Vec::new(), Vec::new());
    for n in 0..OPEN {
        let client = client(place, 8000 + u16::try_from(n).unwrap());
        let opened = client.open().await.unwrap();
        if opened.routing.starts_with('1') && waiting.len() < 3 {
            waiting.push(opened);
        } else {
            pairs.push(client.join(opened).await.unwrap());
        }
    }
    assert_eq!(waiting.len(), 3, "the balancer spreads");
    (pairs, waiting)
}

/// Opens a tunnel, which ends at once; whether it was at this node.
async fn open_at(client: &Client, node: &str) -> Option<()> {
    client
        .open()
        .await
        .unwrap()
        .routing
        .starts_with(node)
        .then_some(())
}

async fn until_pairs(done: &AtomicU32, pairs: u32) {
    let start = Instant::now();
    while done.load(Ordering::Relaxed) < pairs {
        assert!(start.elapsed() < 4 * PATIENCE, "the load stands still");
        sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// Pairs that come and go all the time.
struct Load {
    done: Arc<AtomicU32>,
    enough: Arc<AtomicBool>,
    workers: JoinSet<(BTreeMap<String, u32>, Vec<String>)>,
}

fn load(place: &Place) -> Load {
    let (done, enough) = (
        Arc::new(AtomicU32::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let next = Arc::new(AtomicU16::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (done, enough, next) = (Arc::clone(&done), Arc::clone(&enough), Arc::clone(&next));
        let trust = Arc::clone(&place.trust);
        workers.spawn(async move {
            let (mut per_node, mut wrong) = (BTreeMap::new(), Vec::new());
            while !enough.load(Ordering::Relaxed) {
                let from = address(next.fetch_add(1, Ordering::Relaxed) % 5000);
                let trust = Arc::clone(&trust);
                match one(&Client { trust, from }).await {
                    Ok(node) => *per_node.entry(node).or_default() += 1,
                    Err(error) => wrong.push(error),
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            (per_node, wrong)
        });
    }
    Load {
        done,
        enough,
        workers,
    }
}

async fn one(client: &Client) -> Result<String, String> {
    let waiting = client.open().await?;
    let mut pair = client.join(waiting).await?;
    let node = pair.node.clone();
    pair.exchange(3)
        .await
        .map_err(|e| format!("at node {node}: {e}"))?;
    pair.close()
        .await
        .map_err(|e| format!("at node {node}: {e}"))?;
    Ok(node)
}

impl Load {
    async fn end(mut self) -> (BTreeMap<String, u32>, Vec<String>) {
        self.enough.store(true, Ordering::Relaxed);
        let (mut all, mut wrong) = (BTreeMap::new(), Vec::new());
        while let Some(worker) = self.workers.join_next().await {
            let (per_node, errors) = worker.unwrap();
            wrong.extend(errors);
            for (node, pairs) in per_node {
                *all.entry(node).or_default() += pairs;
            }
        }
        (all, wrong)
    }
}

#[tokio::test]
async fn each_node_counts_clients_by_their_own_addresses() {
    if !inside(
        "nodes::each_node_counts_clients_by_their_own_addresses",
        &ADDRESSES,
    ) {
        return;
    }
    let (nodes, place) = fleet();
    counts_clients(&place).await;
    drop((nodes, place));
    let (_nodes, place) = fleet_with_proxy_protocol();
    counts_clients(&place).await;
}

async fn counts_clients(place: &Place) {
    let (greedy, other) = (client(place, 1), client(place, 2));
    // 32 tunnels for an address at each of three nodes.
    let mut open = Vec::new();
    let refused = loop {
        match greedy.open().await {
            Ok(waiting) => open.push(waiting),
            Err(refused) => break refused,
        }
        assert!(
            open.len() <= 96,
            "no limit is reached: the nodes do not see the address"
        );
    };
    assert_eq!(refused, "new: 429 too many tunnels from this address");
    assert!(open.len() >= 32);
    other
        .open()
        .await
        .expect("another address is not concerned");
}

#[tokio::test]
async fn a_routing_id_of_no_node_is_refused_like_any_unknown_tunnel() {
    if !inside(
        "nodes::a_routing_id_of_no_node_is_refused_like_any_unknown_tunnel",
        &ADDRESSES,
    ) {
        return;
    }
    let (_nodes, place) = fleet();
    let client = client(&place, 1);
    let mut answers = Vec::new();
    for routing in ["0AAAAA", "1aaaaa", "2AAAAA", "3AAAAA", "faaaaa", "FAAAAA"] {
        answers.push(
            client
                .ask(&format!("/cable/connect/{routing}/{:032x}", 7))
                .await
                .err()
                .unwrap(),
        );
    }
    answers.dedup();
    assert_eq!(answers, ["404 no such tunnel is waiting here"]);
}

#[tokio::test]
async fn a_node_that_dies_takes_only_its_own_pairs_with_it() {
    if !inside(
        "nodes::a_node_that_dies_takes_only_its_own_pairs_with_it",
        &ADDRESSES,
    ) {
        return;
    }
    let (mut nodes, place) = fleet();
    let mut pairs = Vec::new();
    for n in 0..12 {
        let client = client(&place, n);
        pairs.push(client.join(client.open().await.unwrap()).await.unwrap());
    }
    nodes[2].signal(Signal::KILL);
    nodes[2].end();
    // Before any check has failed, and after.
    for n in 0..40 {
        let opened = client(&place, n)
            .open()
            .await
            .expect("another node takes it");
        assert!(!opened.routing.starts_with('2'));
    }
    let (mut lost, mut kept) = (0, 0);
    for mut pair in pairs {
        match pair.node.as_str() {
            "2" => lost += 1,
            _ => {
                pair.exchange(3)
                    .await
                    .expect("a pair of another node never notices");
                kept += 1;
            }
        }
    }
    assert!(lost >= 2 && kept >= 4, "{lost} {kept}");
}

#[tokio::test]
async fn more_than_ten_nodes_and_more_than_sixteen_are_found_by_hex_in_either_case() {
    if !inside(
        "nodes::more_than_ten_nodes_and_more_than_sixteen_are_found_by_hex_in_either_case",
        &ADDRESSES,
    ) {
        return;
    }
    let sixteen = [
        ("backend node_0", "backend node_a"),
        ("backend node_1", "backend node_b"),
        ("backend node_2", "backend node_f"),
    ];
    let seventeen = [
        ("bytes(0,1)", "bytes(0,2)"),
        ("backend node_0", "backend node_0a"),
        ("backend node_1", "backend node_0b"),
        ("backend node_2", "backend node_10"),
    ];
    for (numbers, changes) in [
        (["10/16", "11/16", "15/16"], &sixteen[..]),
        (["10/17", "11/17", "16/17"], &seventeen),
    ] {
        let (_nodes, place) = numbered(numbers, changes);
        let client = client(&place, 1);
        // Enough that every node and both spellings have their turn.
        let mut seen = BTreeMap::<String, u32>::new();
        for _ in 0..24 {
            let mut pair = client.join(client.open().await.unwrap()).await.unwrap();
            pair.exchange(1).await.unwrap();
            *seen.entry(pair.node.clone()).or_default() += 1;
            pair.close().await.unwrap();
        }
        assert!(seen.len() > 1, "{seen:?}");
    }
}
