//! What docs/privacy.md says, where it can be tried: who hears of a sign-in, and what is left of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "scenarios")]

use hybrid_tests::namespace::{is_inside, rerun_in};
use hybrid_tests::programs::{self, World};
use std::fs;
use std::path::PathBuf;

const PAGE: &str = include_str!("../../docs/privacy.md");
const RELAYS: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];
/// A way out of this computer, at whose end nobody answers, and which says nothing by itself.
const WAY_OUT: &str = "ip link set lo up
ip link add out0 type veth peer name out1
echo 1 > /proc/sys/net/ipv6/conf/out0/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/out1/disable_ipv6
ip link set out0 arp off up
ip link set out1 up
ip address add 192.0.2.2/24 dev out0
ip route add default via 192.0.2.1";
const NAME_SERVER: &str = "nameserver 192.0.2.1\n";

async fn sign_in(world: &World, more: &[&str]) {
    world.unanswered_sign_in(more).await.unwrap();
}

/// How many packets have left by the way out.
fn sent() -> u64 {
    let table = fs::read_to_string("/proc/self/net/dev").unwrap();
    let line = table
        .lines()
        .find_map(|line| line.trim().strip_prefix("out0:"));
    line.unwrap()
        .split_whitespace()
        .nth(9)
        .unwrap()
        .parse()
        .unwrap()
}

fn hosts(names: &[&str]) -> String {
    format!("127.0.0.1 localhost {}\n", names.join(" "))
}

#[tokio::test]
async fn before_a_phone_was_heard_the_relays_alone_hear_of_a_sign_in_and_without_preconnect_nobody()
{
    if !is_inside() {
        programs::build();
        let name = "before_a_phone_was_heard_the_relays_alone_hear_of_a_sign_in_and_without_preconnect_nobody";
        let files = [
            ("/etc/hosts", hosts(&RELAYS)),
            ("/etc/resolv.conf", NAME_SERVER.to_owned()),
        ];
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        let output = rerun_in(
            WAY_OUT,
            &files,
            &["--exact", name, "--nocapture", "--test-threads=1"],
            &[],
        );
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    let world = World::without_bus(&RELAYS).unwrap();
    // The relays are on this computer: whatever goes out is for somebody else.
    let before = sent();
    sign_in(&world, &[]).await;
    assert_eq!(sent() - before, 0, "packets for others than the relays");
    // The relays are elsewhere: whatever goes out begins with the question for their names.
    fs::write("/etc/hosts", hosts(&[])).unwrap();
    sign_in(&world, &[]).await;
    assert!(sent() > before, "the name server is asked");
    let before = sent();
    sign_in(&world, &["--preconnect", "false"]).await;
    assert_eq!(sent() - before, 0, "packets before a phone was heard");
}

#[tokio::test]
async fn the_page_names_every_file_that_is_left_and_how_it_is_erased() {
    programs::build();
    let world = World::without_bus(&RELAYS).unwrap();
    let at_first = world.files();
    sign_in(&world, &[]).await;
    let mut command = world.command("hybridd");
    command.args(["key", "off"]);
    programs::end(command.spawn().unwrap()).await.unwrap();
    let left: Vec<PathBuf> = { world.files().into_iter() }
        .filter(|file| !at_first.contains(file) && !file.ends_with("options.json"))
        .collect();
    assert!(left.len() >= 3, "{left:?}");
    let state = world.path(".local/state/hybridd");
    for file in &left {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(PAGE.contains(&format!("`{name}`")), "{}", file.display());
        assert!(file.starts_with(&state), "{}", file.display());
    }
    assert!(PAGE.contains("\nrm -r ~/.local/state/hybridd "));
}
