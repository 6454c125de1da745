//! Connections to the relays that phones of today choose, opened while the code is shown: they tell
//! early what will not work, and spare the dial all but its request.

use crate::background::{BackgroundTask, TaskEvent};
use crate::connection::Connection;
use crate::error::DialError;
use crate::local_routes::Egress;
use crate::network::Network;
use crate::steps::{ALL, StepRunner};
use hybrid_diagnosis::observation::network::{NetStep, Step};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until};

/// A relay that closes connections which ask for nothing is not dialled more often than this.
const AGAIN: Duration = Duration::from_secs(5);
/// After a failure; sooner when the network changes.
const RETRY: Duration = Duration::from_secs(10);
/// Between looks at whether the network has changed.
const LOOK: Duration = Duration::from_secs(1);

/// Connections that are being opened or wait to be used. Dropping it closes them.
pub struct Preconnections {
    connections: HashMap<String, Preconnection>,
    told: mpsc::UnboundedReceiver<NetStep>,
}

/// One connection, open or being opened.
pub struct Preconnection {
    wanted: Option<oneshot::Sender<()>>,
    task: JoinHandle<Option<Handover>>,
}

/// What is there when a connection is wanted.
enum Handover {
    /// It waits.
    Open(Connection),
    /// It is being opened, and has come so far. The steps are the dial's.
    UnderWay {
        done: Vec<NetStep>,
        rest: BackgroundTask<Connection>,
    },
}

impl Preconnections {
    /// Begins to open connections to the relays that the network names.
    pub fn start(network: &Network) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let connections = network.preconnect.iter().map(|host| {
            let (wanted, want) = oneshot::channel();
            let task = tokio::spawn(keep(host.clone(), network.clone(), tell.clone(), want));
            (
                host.clone(),
                Preconnection {
                    wanted: Some(wanted),
                    task,
                },
            )
        });
        Self {
            connections: connections.collect(),
            told,
        }
    }

    /// The next step of opening one of them, when it is the first of its kind or differs from the
    /// one before. Cancel-safe.
    pub async fn step(&mut self) -> NetStep {
        match self.told.recv().await {
            Some(step) => step,
            None => std::future::pending().await,
        }
    }

    /// Takes the connection to a host.
    pub fn take(&mut self, host: &str) -> Option<Preconnection> {
        self.connections.remove(host)
    }
}

impl Preconnection {
    /// The connection that waits, or the one that is being opened, whose steps are told, those
    /// first that are done already; nothing when there is neither.
    pub(crate) async fn connection(
        mut self,
        tell: &mut (dyn FnMut(NetStep) + Send),
    ) -> Result<Option<Connection>, DialError> {
        if let Some(wanted) = self.wanted.take() {
            let _ = wanted.send(());
        }
        match (&mut self.task).await.ok().flatten() {
            Some(Handover::Open(mut connection)) => {
                connection.waited = true;
                Ok(Some(connection))
            }
            Some(Handover::UnderWay { done, rest }) => {
                done.into_iter().for_each(&mut *tell);
                rest.finish(tell).await.map(Some)
            }
            None => Ok(None),
        }
    }
}

impl Drop for Preconnection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps a connection open until it is wanted.
///
/// At any time there is one connection or one attempt, never two, and an attempt begins only once
/// what came before is dropped. `wanted` is looked at first at every wait, so whoever asks is
/// answered at once with what there is: the open connection, the attempt with the steps it has
/// done (they were told as news of what is opened ahead, and are told again as the dial's), or
/// nothing between two attempts, where the dial opens its own. Since `Preconnection` is given up
/// only by sending `wanted` or by dropping it, and dropping closes the channel as well as the task,
/// every wait ends. An attempt ends by its own deadline; the waits for a connection that is open and
/// after a failure may be interrupted by a change of the routes, which begins the next attempt
/// without a pause; the pause before a connection that was closed is opened again may not, and is
/// five seconds at most.
async fn keep(
    host: String,
    network: Network,
    told: mpsc::UnboundedSender<NetStep>,
    mut wanted: oneshot::Receiver<()>,
) -> Option<Handover> {
    let mut told_before = ToldOutcomes::default();
    loop {
        // Before the attempt: routes that change while it runs are a change once it is over.
        let (began, egress) = (Instant::now(), Egress::now());
        let (mut rest, mut done) = (open(host.clone(), network.clone()), Vec::new());
        let connection = loop {
            tokio::select! {
                biased;
                _ = &mut wanted => return Some(Handover::UnderWay { done, rest }),
                heard = rest.next() => match heard {
                    TaskEvent::Step(step) => {
                        if told_before.is_news(&step) {
                            let _ = told.send(step.clone());
                        }
                        // As many as there are steps and proxies: the attempt is one dial.
                        done.push(step);
                    }
                    TaskEvent::Done(connection) => break connection,
                },
            }
        };
        match connection {
            Ok(mut connection) => tokio::select! {
                biased;
                _ = &mut wanted => return Some(Handover::Open(connection)),
                () = connection.closed() => {}
                // At once: that the network is lost, or another one, is to be told while it
                // matters.
                () = egress_changed(egress) => continue,
            },
            Err(_) => tokio::select! {
                biased;
                _ = &mut wanted => return None,
                () = egress_changed(egress) => continue,
                () = sleep(RETRY) => continue,
            },
        }
        // Only a connection that was open and is over leads here; all else went on above.
        tokio::select! {
            biased;
            _ = &mut wanted => return None,
            () = sleep_until((began + AGAIN).into()) => {}
        }
    }
}

/// What was told of one relay, so that each attempt tells only what differs from the one before.
#[derive(Default)]
struct ToldOutcomes(HashMap<Step, (bool, Option<&'static str>)>);

impl ToldOutcomes {
    fn is_news(&mut self, step: &NetStep) -> bool {
        let news = (step.outcome.is_ok(), step.code);
        let is_news = self.0.insert(step.step, news) != Some(news);
        if step.outcome.is_err() && step.step != Step::Tls {
            // No connection is open any more; that one is again will be news.
            self.0.remove(&Step::Tls);
        }
        is_news
    }
}

/// Begins to open a connection.
fn open(host: String, network: Network) -> BackgroundTask<Connection> {
    let by = Instant::now() + ALL;
    BackgroundTask::start(|to| async move {
        let mut tell = |step| drop(to.send(step));
        Connection::open(&network, &mut StepRunner::new(&host, by, &mut tell)).await
    })
}

/// Waits until this computer has another way to the internet, or none, or one again.
async fn egress_changed(egress: Egress) {
    while Egress::now() == egress {
        sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once_and_a_line_that_is_open_again_is_news() {
        let mut told_before = ToldOutcomes::default();
        let mut told = |step, ok: bool| {
            told_before.is_news(&NetStep {
                step,
                host: "cable.ua5v.com".to_owned(),
                took: Duration::ZERO,
                outcome: if ok {
                    Ok(String::new())
                } else {
                    Err(String::new())
                },
                addr: None,
                code: None,
            })
        };
        assert!(told(Step::Dns, true) && told(Step::Tcp, true) && told(Step::Tls, true));
        assert!(!told(Step::Dns, true) && !told(Step::Tcp, true) && !told(Step::Tls, true));
        assert!(
            told(Step::Dns, false) && !told(Step::Dns, false),
            "the network is lost"
        );
        assert!(told(Step::Dns, true) && !told(Step::Tcp, true) && told(Step::Tls, true));
    }
}
