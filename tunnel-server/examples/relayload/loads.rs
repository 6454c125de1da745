//! The three loads, and what is told of each.

use crate::cost::{cpu, memory};
use crate::pair::{Pair, Relay};
use crate::socket::Socket;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};

/// Longer than any step takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Until a process has settled after its load has changed.
const SETTLED: Duration = Duration::from_millis(1500);
/// Bytes of a message.
const MESSAGE: [u8; 512] = [7; 512];

pub struct Load {
    pub relay: Rc<Relay>,
    pub pid: u64,
    /// Tasks at the same time.
    pub at_once: u64,
    pub tunnels: u64,
    pub rounds: u64,
    pub seconds: u64,
    /// Set-ups at most.
    pub count: u64,
    pub half: bool,
}

/// What went wrong, and how often.
type Errors = Rc<RefCell<BTreeMap<String, u64>>>;

impl Load {
    pub async fn setup(&self) -> Value {
        let (errors, times) = (Errors::default(), Rc::new(RefCell::new(Vec::new())));
        let (before, start) = (cpu(self.pid), Instant::now());
        let end = start + Duration::from_secs(self.seconds);
        let left = Rc::new(Cell::new(self.count));
        let tasks: Vec<_> = (0..self.at_once)
            .map(|_| {
                let (relay, errors) = (Rc::clone(&self.relay), Rc::clone(&errors));
                let (times, left) = (Rc::clone(&times), Rc::clone(&left));
                spawn_local(async move {
                    while Instant::now() < end && take_one(&left) {
                        let start = Instant::now();
                        let once = async {
                            let mut pair = relay.pair().await?;
                            pair.round(&MESSAGE[..64]).await?;
                            times.borrow_mut().push(start.elapsed());
                            pair.close().await;
                            Ok(())
                        };
                        note(&errors, once).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let spent = cpu(self.pid) - before;
        let done = times.borrow().len();
        json!({
            "load": "setup",
            "tls": self.relay.speaks_tls(),
            "done": done,
            "per_second": done as f64 / start.elapsed().as_secs_f64(),
            "server_us_per_setup": micros(spent, done),
            "ready_us": quantiles(&mut times.borrow_mut()),
            "errors": *errors.borrow(),
        })
    }

    pub async fn echo(&self) -> Value {
        let (errors, times) = (Errors::default(), Rc::new(RefCell::new(Vec::new())));
        let mut pairs = Vec::new();
        for _ in 0..self.tunnels {
            // One round before it counts.
            let warm = async {
                let mut pair = self.relay.pair().await?;
                pair.round(&MESSAGE).await?;
                Ok(pair)
            };
            pairs.extend(note(&errors, warm).await);
        }
        let (pairs, closing) = (Rc::new(RefCell::new(pairs)), Rc::new(RefCell::new(vec![])));
        let before = cpu(self.pid);
        let rounds = self.rounds;
        let tasks: Vec<_> = (0..self.at_once)
            .map(|_| {
                let (pairs, errors) = (Rc::clone(&pairs), Rc::clone(&errors));
                let (times, closing) = (Rc::clone(&times), Rc::clone(&closing));
                spawn_local(async move {
                    let next = || pairs.borrow_mut().pop();
                    while let Some(mut pair) = next() {
                        for _ in 0..rounds {
                            let start = Instant::now();
                            if note(&errors, pair.round(&MESSAGE)).await.is_some() {
                                times.borrow_mut().push(start.elapsed());
                            }
                        }
                        closing.borrow_mut().push(pair);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let spent = cpu(self.pid) - before;
        close(closing.take()).await;
        let messages = 2 * times.borrow().len();
        json!({
            "load": "echo",
            "tls": self.relay.speaks_tls(),
            "messages": messages,
            "server_us_per_message": micros(spent, messages),
            "round_us": quantiles(&mut times.borrow_mut()),
            "errors": *errors.borrow(),
        })
    }

    pub async fn idle(&self) -> Value {
        let errors = Errors::default();
        let (pairs, phones) = (Rc::new(RefCell::new(vec![])), Rc::new(RefCell::new(vec![])));
        let before = memory(self.pid);
        let (left, half) = (Rc::new(Cell::new(self.tunnels)), self.half);
        let tasks: Vec<_> = (0..self.at_once)
            .map(|_| {
                let (relay, errors, left) =
                    (Rc::clone(&self.relay), Rc::clone(&errors), Rc::clone(&left));
                let (pairs, phones) = (Rc::clone(&pairs), Rc::clone(&phones));
                spawn_local(async move {
                    while take_one(&left) {
                        if half {
                            let phone: Option<(Socket, String)> =
                                note(&errors, relay.phone()).await;
                            phones.borrow_mut().extend(phone.map(|(mut phone, _)| {
                                phone.rest();
                                phone
                            }));
                        } else {
                            let pair = async {
                                let mut pair = relay.pair().await?;
                                pair.round(&MESSAGE).await?;
                                pair.rest();
                                Ok(pair)
                            };
                            let pair = note(&errors, pair).await;
                            pairs.borrow_mut().extend(pair);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let opened = pairs.borrow().len() + phones.borrow().len();
        sleep(SETTLED).await;
        let held = memory(self.pid);
        close(pairs.take()).await;
        drop(phones.take());
        sleep(SETTLED).await;
        json!({
            "load": "idle",
            "half": half,
            "tls": self.relay.speaks_tls(),
            "opened": opened,
            "before": before,
            "held": held,
            "after": memory(self.pid),
            "bytes_per_tunnel": (held as f64 - before as f64) / opened.max(1) as f64,
            "errors": *errors.borrow(),
        })
    }
}

fn take_one(left: &Cell<u64>) -> bool {
    let one = left.get() > 0;
    left.set(left.get().saturating_sub(1));
    one
}

async fn note<T>(errors: &Errors, work: impl Future<Output = io::Result<T>>) -> Option<T> {
    let done = timeout(PATIENCE, work).await;
    let why = match done {
        Ok(Ok(done)) => return Some(done),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "not done in time".to_owned(),
    };
    *errors.borrow_mut().entry(why).or_default() += 1;
    None
}

async fn close(pairs: Vec<Pair>) {
    let tasks: Vec<_> = { pairs.into_iter() }
        .map(|pair| spawn_local(pair.close()))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn micros(nanoseconds: u64, by: usize) -> f64 {
    nanoseconds as f64 / 1000.0 / by.max(1) as f64
}

fn quantiles(times: &mut [Duration]) -> Value {
    times.sort_unstable();
    let at = |part: f64| {
        let at = (times.len().saturating_sub(1) as f64 * part) as usize;
        times.get(at).map(|time| time.as_secs_f64() * 1e6)
    };
    json!({ "p50": at(0.5), "p90": at(0.9), "p99": at(0.99) })
}
