//! A tunnel that is being opened beside the session, so that the person can stop it and the radio goes on.

use crate::dial::{Ahead, DialError, NetStep, Network, Tunnel, dial};
use hybrid_protocol::Route;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A tunnel that is being opened; given up when dropped.
pub(super) struct Dialing {
    task: JoinHandle<Result<Tunnel, DialError>>,
    steps: mpsc::UnboundedReceiver<NetStep>,
}

/// What came of it so far.
pub(super) enum Dialed {
    Step(NetStep),
    Done(Result<Tunnel, DialError>),
}

impl Dialing {
    pub(super) fn start(route: Route, network: Network, ahead: Option<Ahead>) -> Self {
        let (sender, steps) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            // The receiver outlives the task or nobody wants to know.
            let mut tell = |step| drop(sender.send(step));
            dial(&route, &network, ahead, &mut tell).await
        });
        Self { task, steps }
    }

    /// The next step, or the end, after which there is nothing. Cancel-safe.
    pub(super) async fn next(dialing: &mut Option<Self>) -> Dialed {
        let Some(open) = dialing else {
            return std::future::pending().await;
        };
        if let Some(step) = open.steps.recv().await {
            return Dialed::Step(step);
        }
        let done = (&mut open.task).await;
        *dialing = None;
        Dialed::Done(done.unwrap_or_else(|error| Err(DialError::Broken(error.to_string()))))
    }
}

impl Drop for Dialing {
    fn drop(&mut self) {
        self.task.abort();
    }
}
