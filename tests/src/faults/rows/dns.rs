//! Faults of name servers and filters.

use crate::faults::Fault;
use crate::faults::When::{AtOnce, Within};
use crate::faults::scene::{Dns, GOOD, Phone, RELAY, RELAY_V6, Scene};
use hybrid_diagnosis::finding::Certainty::{Certain, Likely};

const SERVFAIL: u8 = 2;
const NXDOMAIN: u8 = 3;
const REFUSED: u8 = 5;

const fn scene(dns: Dns) -> Scene {
    Scene {
        dns,
        phone: Phone::Advert,
        ..GOOD
    }
}

const fn addresses(v4: &'static [&'static str], v6: &'static [&'static str]) -> Scene {
    scene(Dns::Answers { v4, v6 })
}

pub(super) fn faults() -> Vec<Fault> {
    let filter = "mount_hosts() { printf '127.0.0.1 localhost\\n0.0.0.0 cable.ua5v.com cable.auth.com\\n' > /etc/hosts; }; mount_hosts";
    vec![
        Fault::new(
            "the name server reports that the name does not exist",
            scene(Dns::Refuses(NXDOMAIN)),
        )
        .both("NW01", Certain, AtOnce)
        .in_words("NXDOMAIN"),
        Fault::new(
            "the name server fails (SERVFAIL)",
            scene(Dns::Refuses(SERVFAIL)),
        )
        .both("NW01", Certain, AtOnce)
        .in_words("SERVFAIL"),
        Fault::new(
            "the name server refuses to answer",
            scene(Dns::Refuses(REFUSED)),
        )
        .both("NW01", Certain, AtOnce)
        .in_words("REFUSED"),
        Fault::new("the name has no address", addresses(&[], &[]))
            .both("NW01", Certain, AtOnce)
            .in_words("no address"),
        Fault::new("the name server does not respond", scene(Dns::Silent))
            .sign_in("NW01", Certain, Within(5))
            .doctor("NW01", Certain, Within(5))
            .in_words("no response"),
        Fault::new("there is no name server", scene(Dns::Nobody)).both("NW01", Certain, AtOnce),
        Fault::new("the name server answers with garbage", scene(Dns::Garbage))
            .sign_in("NW01", Certain, Within(5))
            .doctor("NW01", Certain, Within(5)),
        Fault::new(
            "the name server's answer is truncated",
            scene(Dns::Truncated),
        )
        .both("NW01", Certain, AtOnce),
        Fault::new("a filter returns 0.0.0.0", addresses(&["0.0.0.0"], &[]))
            .both("NW02", Certain, AtOnce)
            .in_words("0.0.0.0"),
        Fault::new(
            "a filter returns 0.0.0.0 and ::",
            addresses(&["0.0.0.0"], &["::"]),
        )
        .both("NW02", Certain, AtOnce),
        Fault::new(
            "a proxy returns a made-up address (198.18.0.0/15)",
            addresses(&["198.18.0.7"], &[]),
        )
        .both("NW02", Certain, AtOnce)
        .in_words("198.18.0.7"),
        Fault::new(
            "the hosts file maps the relay's name to 0.0.0.0",
            Scene {
                network: filter,
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .both("NW02", Certain, AtOnce),
        Fault::new(
            "a filter returns 0.0.0.0 in addition to the real address",
            Scene {
                dns: Dns::Answers {
                    v4: &["0.0.0.0", RELAY],
                    v6: &[],
                },
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor_works(),
        Fault::new(
            "the relay has only an IPv6 address, and there is no IPv6",
            Scene {
                network: "ip -6 addr flush dev lo scope global\n",
                ..addresses(&[], &[RELAY_V6])
            },
        )
        .both("NW03", Likely, AtOnce),
        Fault::new(
            "the name server knows only one relay, and the phone uses it",
            Scene {
                dns: Dns::KnowsOnly("cable.ua5v.com"),
                ..GOOD
            },
        )
        .doctor("NW01", Certain, AtOnce),
        Fault::new(
            "the name server knows only one relay, and the phone uses the other",
            Scene {
                phone: Phone::Domain(1),
                ..scene(Dns::KnowsOnly("cable.ua5v.com"))
            },
        )
        .sign_in("NW01", Certain, AtOnce),
        Fault::new(
            "the relay is reachable over IPv4 and IPv6",
            Scene {
                dns: Dns::Answers {
                    v4: &[RELAY],
                    v6: &[RELAY_V6],
                },
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor_works(),
    ]
}
