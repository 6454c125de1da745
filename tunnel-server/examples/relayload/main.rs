//! Loads a relay and says, as JSON, what that cost it: its CPU time and memory, read from /proc.
//!
//!     relayload setup --addr ADDR --pid PID [--ca PEM] [--at-once N] [--seconds N] [--count N]
//!     relayload echo  --addr ADDR --pid PID [--ca PEM] [--at-once N] [--tunnels N] [--rounds N]
//!     relayload idle  --addr ADDR --pid PID [--ca PEM] [--at-once N] [--tunnels N] [--half]
//!
//! `setup` opens, joins, uses and closes tunnels; `echo` sends through tunnels that are open;
//! `idle` holds them, or phones alone that wait. With `--ca` it speaks TLS and believes that
//! certificate. Clients come from many addresses of 127/8: limits for one address have to be lifted
//! all the same. `tests/relay-bench` compares the relay with `floor` by it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    missing_docs,
    reason = "a load test"
)]

mod cost;
mod loads;
mod pair;
mod socket;

use loads::Load;
use pair::Relay;
use std::rc::Rc;
use tokio::task::LocalSet;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).cloned()
    };
    let number = |name: &str, default: u64| {
        value(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let relay = Relay::new(
        value("--addr").expect("--addr").parse().unwrap(),
        value("--ca").as_deref(),
    );
    let load = Load {
        relay: Rc::new(relay),
        pid: number("--pid", 0),
        at_once: number("--at-once", 16),
        tunnels: number("--tunnels", 1000),
        rounds: number("--rounds", 100),
        seconds: number("--seconds", 5),
        count: number("--count", u64::MAX),
        half: args.iter().any(|arg| arg == "--half"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = LocalSet::new().block_on(&runtime, async {
        match args.first().map(String::as_str) {
            Some("setup") => load.setup().await,
            Some("echo") => load.echo().await,
            Some("idle") => load.idle().await,
            _ => panic!("expected setup, echo or idle"),
        }
    });
    println!("{report}");
}
