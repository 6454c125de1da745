//! A session's tunnel, from its route to its WebSocket: all steps, on a connection that was opened
//! ahead if there is one.

use crate::background::BackgroundTask;
use crate::clock::now;
use crate::connection::{self, Connection};
use crate::error::DialError;
use crate::network::Network;
use crate::preconnect::Preconnection;
use crate::redirect;
use crate::steps::{ALL, HTTP, StepRunner};
use crate::websocket::{self, Tunnel, Upgraded};
use hybrid_diagnosis::observation::network::{NetStep, Step};
use hybrid_protocol::Route;
use url::Url;

/// Opens the tunnel that a session asks for, on a connection that was opened ahead if there is one.
pub fn dial(
    route: Route,
    network: Network,
    ahead: Option<Preconnection>,
) -> BackgroundTask<Tunnel> {
    BackgroundTask::start(|to| async move {
        // Whoever does not listen any more does not want to know.
        let mut tell = |step| drop(to.send(step));
        open(&route, &network, ahead, &mut tell).await
    })
}

async fn open(
    route: &Route,
    network: &Network,
    ahead: Option<Preconnection>,
    tell: &mut (dyn FnMut(NetStep) + Send),
) -> Result<Tunnel, DialError> {
    let by = now() + ALL;
    let mut url = Url::parse(&route.url())?;
    let mut ahead = match ahead {
        Some(ahead) => ahead.connection(tell).await?,
        None => None,
    };
    let mut steps = StepRunner::new(route.host.as_str(), by, tell);
    let mut redirects_left = redirect::MOST;
    // Each round makes one request on one connection, and a connection never takes a second one.
    // A round follows only a redirect, of which there are `MOST`, or the failure of the connection
    // that was opened ahead, of which there is one: after `take` every connection is fresh. The
    // steps stop it at `by` whatever it does, and whoever drops the task may interrupt it at any
    // await: the connection is closed then, and no step is told any more.
    loop {
        let connection = match ahead.take() {
            Some(connection) => connection,
            None => Connection::open(network, &mut steps).await?,
        };
        let waited = connection.waited;
        if waited {
            connection.notice_silence();
        }
        let request = websocket::upgrade(&url, route.headers(), connection.io, redirects_left);
        match steps.run_within(Step::Http, HTTP, request).await {
            Ok(Upgraded::Open(tunnel)) => {
                connection::bear_silence(tunnel.socket.get_ref().as_ref());
                return Ok(*tunnel);
            }
            Ok(Upgraded::Elsewhere(to)) => {
                (url, redirects_left) = (to, redirects_left.saturating_sub(1))
            }
            // A connection that waited may be over without a sign; a fresh one tells the truth.
            Err(error) if waited && error.is_of_a_connection_that_was_over() => {}
            Err(error) => return Err(error),
        }
    }
}
