//! Answers to the request for the tunnel.

use crate::faults::Fault;
use crate::faults::When::{AtOnce, Within};
use crate::faults::scene::{End, GOOD, Phone, Scene, Server, Step};
use hybrid_diagnosis::finding::Certainty::{Certain, Likely};

/// An answer without content.
macro_rules! status {
    ($status:literal) => {
        concat!(
            "HTTP/1.1 ",
            $status,
            "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    };
}

/// A web page.
macro_rules! page {
    ($status:literal) => {
        concat!(
            "HTTP/1.1 ", $status,
            "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<html>hi</html>"
        )
    };
}

/// An accepting answer with these headers.
macro_rules! accept {
    ($($header:literal),*) => {
        concat!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", $($header, "\r\n",)* "\r\n")
    };
}

const fn answers(text: &'static str) -> Scene {
    with(Server::Answers(text))
}

const fn with(server: Server) -> Scene {
    Scene {
        server,
        phone: Phone::Advert,
        ..GOOD
    }
}

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = statuses();
    faults.extend([
        Fault::new("a portal's page", answers(page!("200 OK"))).both("NW08", Likely, AtOnce),
        Fault::new(
            "a portal's redirect to another host",
            answers(status!("302 Found\r\nLocation: https://login.hotel.example/")),
        )
        .both("NW18", Likely, AtOnce)
        .in_words("login.hotel.example"),
        Fault::new(
            "a redirect to another path of the relay",
            Scene {
                server: Server::Moved,
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor_works(),
        Fault::new(
            "a redirect loop",
            answers(status!(
                "307 Temporary Redirect\r\nLocation: https://cable.ua5v.com/elsewhere"
            )),
        )
        .both("NW18", Likely, AtOnce),
        Fault::new(
            "a redirect to plain HTTP",
            answers(status!("301 Moved\r\nLocation: http://cable.ua5v.com/")),
        )
        .both("NW18", Likely, AtOnce),
        Fault::new(
            "network authentication is required (511)",
            answers(status!("511 Network Authentication Required")),
        )
        .both("NW08", Likely, AtOnce)
        .in_words("511"),
        Fault::new(
            "an inspecting proxy forwards without Upgrade",
            with(Server::WithoutUpgrade),
        )
        .both("NW12", Likely, AtOnce),
        Fault::new(
            "a slow relay",
            Scene {
                server: Server::Slow(3),
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor_works(),
        Fault::new(
            "the clocks of relay and computer differ",
            answers("HTTP/1.1 404 Not Found\r\nDate: Wed, 01 Jan 2020 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n"),
        )
        .doctor("PH11", Certain, AtOnce),
        Fault::new(
            "an ordinary response instead of a tunnel (200)",
            answers(status!("200 OK")),
        )
        .both("NW12", Likely, AtOnce),
        Fault::new("an upgrade is required (426)", answers(status!("426 Upgrade Required")))
            .both("NW12", Likely, AtOnce),
        Fault::new("an answer that is not HTTP", answers("220 mail.example ESMTP\r\n")).both("NW12", Likely, AtOnce),
        Fault::new(
            "accepted without the subprotocol",
            answers(accept!("Sec-WebSocket-Accept: {accept}")),
        )
        .sign_in("NW13", Likely, AtOnce),
        Fault::new(
            "accepted with another subprotocol",
            answers(accept!(
                "Sec-WebSocket-Accept: {accept}",
                "Sec-WebSocket-Protocol: chat"
            )),
        )
        .sign_in("NW13", Likely, AtOnce),
        Fault::new(
            "accepted with a wrong key",
            answers(accept!(
                "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "Sec-WebSocket-Protocol: fido.cable"
            )),
        )
        .sign_in("NW12", Likely, AtOnce),
        Fault::new(
            "no response to the request",
            with(Server::Stops(Step::Request, End::Silence)),
        )
        .both("NW12", Likely, Within(5))
        .in_words("within"),
        Fault::new(
            "the connection is closed instead of a response",
            with(Server::Stops(Step::Request, End::Close)),
        )
        .both("NW21", Likely, AtOnce),
        Fault::new(
            "the connection is reset instead of a response",
            with(Server::Stops(Step::Request, End::Reset)),
        )
        .both("NW21", Likely, AtOnce),
    ]);
    faults
}

/// The lab's certificate is a private authority's, as an inspecting proxy's would be: who answered
/// is never certain here.
fn statuses() -> Vec<Fault> {
    vec![
        Fault::new("the relay answers 400", answers(status!("400 Bad Request")))
            .sign_in("NW14", Likely, AtOnce)
            .doctor_works(),
        Fault::new(
            "the relay answers 401",
            answers(status!("401 Unauthorized")),
        )
        .sign_in("NW14", Likely, AtOnce),
        Fault::new("the relay answers 403", answers(status!("403 Forbidden")))
            .sign_in("NW14", Likely, AtOnce)
            .doctor_works(),
        Fault::new("the relay answers 404", answers(status!("404 Not Found")))
            .sign_in("NW15", Likely, AtOnce)
            .doctor_works(),
        Fault::new(
            "the relay answers 404 with a page",
            answers(page!("404 Not Found")),
        )
        .sign_in("NW15", Likely, AtOnce)
        .doctor_works(),
        // Only a linked phone is gone for good (NW16); this is the tunnel of a code.
        Fault::new("the relay answers 410", answers(status!("410 Gone")))
            .sign_in("NW15", Likely, AtOnce)
            .doctor_works(),
        Fault::new("the relay answers 409", answers(status!("409 Conflict")))
            .sign_in("NW17", Likely, AtOnce),
        Fault::new(
            "the relay answers 429 with Retry-After",
            answers(status!("429 Too Many Requests\r\nRetry-After: 30")),
        )
        .both("NW17", Likely, AtOnce)
        .in_words("30 s"),
        Fault::new(
            "the relay answers 500",
            answers(status!("500 Internal Server Error")),
        )
        .both("NW17", Likely, AtOnce)
        .in_words("500"),
        Fault::new("the relay answers 502", answers(status!("502 Bad Gateway")))
            .both("NW17", Likely, AtOnce),
        Fault::new(
            "the relay answers 503",
            answers(status!("503 Service Unavailable")),
        )
        .both("NW17", Likely, AtOnce),
        Fault::new(
            "the relay answers 503 with a page",
            answers(page!("503 Service Unavailable")),
        )
        .both("NW17", Likely, AtOnce),
    ]
}
