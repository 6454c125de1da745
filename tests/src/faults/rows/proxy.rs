//! Faults of proxies.

use crate::faults::Fault;
use crate::faults::When::{AtOnce, Within};
use crate::faults::scene::{GOOD, Phone, Proxy, Scene};
use hybrid_diagnosis::finding::Certainty::{Certain, Likely};

/// Nothing gets out but through the proxy.
const WALL: &str = "nft add table inet wall\n\
                    nft 'add chain inet wall out { type filter hook output priority 0; }'\n\
                    nft add rule inet wall out tcp dport 443 drop\n";
const HTTP: &[(&str, &str)] = &[("HTTPS_PROXY", "http://203.0.113.20:3128")];
const WITH_PASSWORD: &[(&str, &str)] = &[("HTTPS_PROXY", "http://alice:secret@203.0.113.20:3128")];
const SOCKS: &[(&str, &str)] = &[("ALL_PROXY", "socks5h://203.0.113.20:1080")];

const fn scene(proxy: Proxy, env: &'static [(&'static str, &'static str)]) -> Scene {
    Scene {
        proxy,
        env,
        network: WALL,
        phone: Phone::Advert,
        ..GOOD
    }
}

const fn works(proxy: Proxy, env: &'static [(&'static str, &'static str)]) -> Scene {
    Scene {
        proxy,
        env,
        network: WALL,
        ..GOOD
    }
}

const fn http(answer: &'static str) -> Scene {
    scene(Proxy::Answers(answer), HTTP)
}

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::new("only the proxy is reachable, and it works", works(Proxy::Connects(None), HTTP))
            .sign_in_works()
            .doctor_works(),
        Fault::new("the same with name and password", works(Proxy::Connects(Some(("alice", "secret"))), WITH_PASSWORD))
            .sign_in_works()
            .doctor_works(),
        Fault::new("the same with a SOCKS5 proxy", works(Proxy::Socks(0), SOCKS)).sign_in_works().doctor_works(),
        Fault::new(
            "a broken proxy that the relay's host is exempt from (NO_PROXY)",
            Scene {
                env: &[("HTTPS_PROXY", "http://203.0.113.20:3128"), ("NO_PROXY", "ua5v.com,.auth.com")],
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor_works(),
        Fault::new("the proxy refuses the relay's host (403)", http("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
            .both("NW11", Certain, AtOnce).in_words("403"),
        Fault::new("the proxy cannot reach the relay (502)", http("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
            .both("NW11", Certain, AtOnce).in_words("502"),
        Fault::new("the proxy is overloaded (503)", http("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"))
            .both("NW11", Certain, AtOnce),
        Fault::new("the proxy times out waiting for the relay (504)", http("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n"))
            .both("NW11", Certain, AtOnce),
        Fault::new("the proxy requires a password, and none is set", scene(Proxy::Connects(Some(("alice", "secret"))), HTTP))
            .both("NW10", Certain, AtOnce).in_words("Basic"),
        Fault::new("the proxy's password is wrong", scene(Proxy::Connects(Some(("alice", "other"))), WITH_PASSWORD))
            .both("NW10", Certain, AtOnce).in_words("rejected"),
        Fault::new(
            "the proxy requires NTLM or Negotiate",
            http("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"),
        )
        .both("NW10", Certain, AtOnce).in_words("NTLM, Negotiate"),
        Fault::new("no proxy listens at the configured address", scene(Proxy::None, HTTP)).both("NW24", Certain, AtOnce).in_words("refused"),
        Fault::new("the proxy's name does not exist", scene(Proxy::None, &[("HTTPS_PROXY", "http://proxy.office.example:3128")]))
            .both("NW24", Certain, AtOnce),
        Fault::new("the configured proxy address is invalid", scene(Proxy::None, &[("HTTPS_PROXY", "gopher://203.0.113.20")]))
            .both("NW24", Certain, AtOnce),
        Fault::new("the proxy does not respond", scene(Proxy::Silent, HTTP)).sign_in("NW24", Certain, Within(6)).doctor("NW24", Certain, Within(6)),
        Fault::new("the proxy closes the connection", scene(Proxy::HangsUp, HTTP)).both("NW24", Certain, AtOnce),
        Fault::new("the proxy's answer is not HTTP", http("220 mail.example ESMTP\r\n")).both("NW24", Certain, AtOnce),
        Fault::new("the SOCKS5 proxy does not allow the connection", scene(Proxy::Socks(2), SOCKS)).both("NW11", Certain, AtOnce).in_words("not allowed by ruleset"),
        Fault::new("the SOCKS5 proxy cannot reach the relay", scene(Proxy::Socks(5), SOCKS)).both("NW11", Certain, AtOnce),
        Fault::new("the SOCKS5 proxy requires a password", scene(Proxy::SocksWithPassword, SOCKS)).both("NW10", Certain, AtOnce),
        Fault::new(
            "only the proxy is reachable, but NO_PROXY exempts the relay's host",
            scene(
                Proxy::Connects(None),
                &[
                    ("HTTPS_PROXY", "http://203.0.113.20:3128"),
                    ("NO_PROXY", "ua5v.com,.auth.com"),
                ],
            ),
        )
        .sign_in("NW09", Likely, Within(6)).doctor("NW09", Likely, Within(6)).in_words("NO_PROXY"),
        Fault::new(
            "only the proxy is reachable, but it is set only for plain HTTP",
            scene(Proxy::Connects(None), &[("http_proxy", "http://203.0.113.20:3128")]),
        )
        .sign_in("NW09", Likely, Within(6)).doctor("NW09", Likely, Within(6)).in_words("http_proxy"),
        Fault::new("a proxy is required, and none is set", Scene { phone: Phone::Advert, network: WALL, proxy: Proxy::Connects(None), ..GOOD })
            .sign_in("NW03", Likely, Within(6)).doctor("NW03", Likely, Within(6)),
    ]
}
