//! Health and metrics for the operator: a listener of its own, on loopback unless told otherwise.

use crate::server::accepting::Accepting;
use crate::server::state::RelayState;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet, yield_now};
use tokio::time::timeout;

/// Connections at the same time; a monitor needs one.
const CONNECTIONS: usize = 64;
const TIME: Duration = Duration::from_secs(5);
const HEAD: usize = 4096;
/// No new tunnels here, a balancer is to ask another node.
const UNAVAILABLE: &str = "503 Service Unavailable";

/// Serves `/healthz`, `/readyz` and `/metrics` until it is dropped.
pub(crate) async fn serve(state: Arc<RelayState>, listener: TcpListener) {
    let mut visitors = Visitors::default();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let asked = visitors.make_room();
        let (state, has_asked) = (Arc::clone(&state), Arc::clone(&asked));
        let answered = visitors.tasks.spawn(async move {
            let _ = timeout(TIME, answer(&state, stream, &has_asked)).await;
        });
        visitors.all.push_back(Visitor { asked, answered });
        // Who has asked already is answered before the next one is let in, who might push it out.
        yield_now().await;
    }
}

/// Who is connected, from the oldest on.
#[derive(Default)]
struct Visitors {
    all: VecDeque<Visitor>,
    tasks: JoinSet<()>,
}

struct Visitor {
    /// Whether it has said what it wants.
    asked: Arc<AtomicBool>,
    answered: AbortHandle,
}

impl Visitors {
    /// Sends somebody away when there are too many: the oldest of those who have said nothing, or
    /// the oldest of all. So nobody keeps others from being answered.
    fn make_room(&mut self) -> Arc<AtomicBool> {
        while self.tasks.try_join_next().is_some() {}
        self.all.retain(|visitor| !visitor.answered.is_finished());
        if self.all.len() >= CONNECTIONS {
            let silent = |visitor: &Visitor| !visitor.asked.load(Ordering::Relaxed);
            let oldest = self.all.iter().position(silent).unwrap_or(0);
            if let Some(visitor) = self.all.remove(oldest) {
                visitor.answered.abort();
            }
        }
        Arc::default()
    }
}

async fn answer(state: &RelayState, mut stream: TcpStream, asked: &AtomicBool) -> io::Result<()> {
    let mut head = Vec::with_capacity(512);
    while crate::http::upgrade::end(&head, 0).is_none() {
        if head.len() >= HEAD || stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    asked.store(true, Ordering::Relaxed);
    let answer = respond(state, &head);
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

fn respond(state: &RelayState, head: &[u8]) -> String {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let _ = request.parse(head);
    // A monitor may add parameters.
    let path = { request.path }.and_then(|path| path.split('?').next());
    let (status, kind, body) = match (request.method, path) {
        (Some("GET"), Some("/healthz")) => ("200 OK", "text/plain", "ok\n".to_owned()),
        (Some("GET"), Some("/readyz")) if state.is_draining() => {
            (UNAVAILABLE, "text/plain", "draining\n".to_owned())
        }
        (Some("GET"), Some("/readyz")) => match state.accepting.now() {
            Accepting::Open => ("200 OK", "text/plain", "ready\n".to_owned()),
            Accepting::Stuck => (
                UNAVAILABLE,
                "text/plain",
                "connections cannot be accepted\n".to_owned(),
            ),
            Accepting::Gone => (
                UNAVAILABLE,
                "text/plain",
                "connections are not accepted\n".to_owned(),
            ),
        },
        (Some("GET"), Some("/metrics")) => (
            "200 OK",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            state.metrics.text(&state.gauges()),
        ),
        (Some("GET"), Some(_)) => (
            "404 Not Found",
            "text/plain",
            "expected /healthz, /readyz or /metrics\n".to_owned(),
        ),
        (_, _) => (
            "405 Method Not Allowed",
            "text/plain",
            "expected GET\n".to_owned(),
        ),
    };
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Server;
    use crate::settings::config::Config;

    #[tokio::test]
    async fn readyz_is_503_when_the_task_that_accepts_has_ended_or_fails() {
        let relay = Server::bind(Config::plain("127.0.0.1:0".parse().unwrap()))
            .await
            .unwrap();
        let ready = || respond(relay.state(), b"GET /readyz HTTP/1.1\r\n\r\n");
        assert!(ready().starts_with("HTTP/1.1 200 "));
        relay.state().accepting.set(Accepting::Stuck);
        assert!(ready().starts_with("HTTP/1.1 503 ") && ready().ends_with("cannot be accepted\n"));
        relay.stop_accepting().await;
        assert!(ready().starts_with("HTTP/1.1 503 ") && ready().ends_with("are not accepted\n"));
    }
}
