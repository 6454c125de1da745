//! A session's tunnel, from its route to its WebSocket: all steps, on a connection that was opened ahead if there is one.

use crate::background::Beside;
use crate::clock::now;
use crate::connection::{self, Line};
use crate::error::DialError;
use crate::network::Network;
use crate::preconnect::Ahead;
use crate::redirect;
use crate::steps::{ALL, HTTP, Steps};
use crate::websocket::{self, Tunnel, Upgraded};
use hybrid_diagnosis::observation::network::{NetStep, Step};
use hybrid_protocol::Route;
use url::Url;

/// Opens the tunnel that a session asks for, on a line that was opened ahead if there is one.
pub fn dial(route: Route, network: Network, ahead: Option<Ahead>) -> Beside<Tunnel> {
    Beside::start(|to| async move {
        // Whoever does not listen any more does not want to know.
        let mut tell = |step| drop(to.send(step));
        open(&route, &network, ahead, &mut tell).await
    })
}

async fn open(
    route: &Route,
    network: &Network,
    ahead: Option<Ahead>,
    tell: &mut (dyn FnMut(NetStep) + Send),
) -> Result<Tunnel, DialError> {
    let by = now() + ALL;
    let mut url = Url::parse(&route.url())?;
    let mut ahead = match ahead {
        Some(ahead) => ahead.line(tell).await?,
        None => None,
    };
    let mut steps = Steps::new(route.host.as_str(), by, tell);
    let mut redirects_left = redirect::MOST;
    loop {
        let line = match ahead.take() {
            Some(line) => line,
            None => Line::open(network, &mut steps).await?,
        };
        let waited = line.waited;
        if waited {
            line.notice_silence();
        }
        let request = websocket::upgrade(&url, route.headers(), line.io, redirects_left);
        match steps.run_within(Step::Http, HTTP, request).await {
            Ok(Upgraded::Open(tunnel)) => {
                connection::bear_silence(tunnel.socket.get_ref().as_ref());
                return Ok(*tunnel);
            }
            Ok(Upgraded::Elsewhere(to)) => (url, redirects_left) = (to, redirects_left.saturating_sub(1)),
            // A line that waited may be over without a sign; a fresh one tells the truth.
            Err(error) if waited && error.is_of_a_line_that_was_over() => {}
            Err(error) => return Err(error),
        }
    }
}
