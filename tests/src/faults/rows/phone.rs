//! Adverts that are not the phone's, and tunnels in which it is not, or does not stay.

use crate::faults::Fault;
use crate::faults::When::{AtOnce, Within};
use crate::faults::scene::{End, GOOD, Phone, Scene, Server, Then};
use hybrid_diagnosis::finding::Certainty::{Certain, Likely};

/// How long a person waits here.
const WAITS: u64 = 17;

const fn heard(phone: Phone) -> Scene {
    Scene {
        phone,
        seconds: WAITS,
        ..GOOD
    }
}

const fn accepts(then: Then) -> Scene {
    Scene {
        server: Server::Accepts(then),
        phone: Phone::Advert,
        ..GOOD
    }
}

/// The phone's user takes long to answer.
const fn waits(server: Server) -> Scene {
    Scene {
        server,
        phone: Phone::Real(&["--user", "ask"]),
        ..GOOD
    }
}

pub(super) fn adverts() -> Vec<Fault> {
    vec![
        Fault::new("other devices, but no phone", heard(Phone::None)).sign_in(
            "AD01",
            Likely,
            Within(15),
        ),
        Fault::new(
            "a phone that scanned another person's code",
            heard(Phone::Foreign),
        )
        .sign_in("AD02", Likely, Within(15)),
        Fault::new(
            "the test advert of hybridd beacon, but no phone",
            heard(Phone::Beacon),
        )
        .sign_in("AD01", Likely, Within(15))
        .in_words("hybridd beacon"),
        Fault::new(
            "a phone that scanned the previous code",
            heard(Phone::Stale),
        )
        .sign_in("AD03", Certain, AtOnce),
        Fault::new(
            "the correct advert, as data of another Bluetooth service",
            heard(Phone::OtherService),
        )
        .sign_in("AD01", Likely, Within(15)),
        Fault::new(
            "BlueZ lists an advert from an earlier attempt",
            heard(Phone::Remembered),
        )
        .sign_in("AD01", Likely, Within(15)),
        Fault::new("an advert that is too short", heard(Phone::Short)).sign_in(
            "AD04",
            Likely,
            Within(15),
        ),
        Fault::new(
            "an advert that names an unknown relay",
            Scene {
                seconds: 3,
                ..heard(Phone::Domain(200))
            },
        )
        .sign_in("AD06", Certain, AtOnce),
        Fault::new("the user cancels", heard(Phone::Stopped)).sign_in("US01", Certain, AtOnce),
    ]
}

pub(super) fn tunnels() -> Vec<Fault> {
    vec![
        Fault::new("the phone is silent", accepts(Then::Silent)).sign_in("HS01", Likely, Within(6)),
        Fault::new("only pings arrive", accepts(Then::Pings)).sign_in("HS01", Likely, Within(6)),
        Fault::new("a message that is not a handshake", accepts(Then::Noise))
            .sign_in("HS02", Likely, AtOnce),
        Fault::new("a text message", accepts(Then::Text)).sign_in("HS06", Likely, AtOnce),
        Fault::new("an undefined WebSocket frame", accepts(Then::BadFrame))
            .sign_in("HS06", Likely, AtOnce),
        Fault::new(
            "the tunnel is closed before the handshake",
            accepts(Then::Closes),
        )
        .sign_in("HS07", Likely, AtOnce),
        Fault::new(
            "the connection ends before the handshake",
            accepts(Then::Ends(End::Close)),
        )
        .sign_in("HS07", Likely, AtOnce),
        Fault::new(
            "the connection is reset before the handshake",
            accepts(Then::Ends(End::Reset)),
        )
        .sign_in("HS07", Likely, AtOnce),
        Fault::new(
            "the user declines",
            Scene {
                phone: Phone::Real(&["--user", "deny"]),
                ..GOOD
            },
        )
        .sign_in("CT27", Likely, AtOnce),
        Fault::new(
            "the phone's user does not answer",
            Scene {
                seconds: WAITS,
                ..waits(Server::Relay)
            },
        )
        .sign_in("PH07", Likely, Within(15)),
        Fault::new(
            "the connection is lost while the user decides",
            waits(Server::CutWhenIdle(5)),
        )
        .sign_in("NW21", Likely, AtOnce),
        Fault::new(
            "the connection is closed after 30 s without data",
            waits(Server::CutWhenIdle(30)),
        )
        .sign_in("NW19", Likely, AtOnce),
    ]
}
