//! Faults of firewalls, routes and links.

use crate::faults::Fault;
use crate::faults::When::{AtOnce, Within};
use crate::faults::scene::{Dns, End, GOOD, Phone, RELAY, RELAY_V6, Scene, Server, Step};
use hybrid_diagnosis::finding::Certainty::{Certain, Likely};

/// A firewall with this verdict on what matches.
macro_rules! firewall {
    ($($rule:literal),+) => {
        concat!(
            "nft add table inet wall\nnft 'add chain inet wall out { type filter hook output priority 0; }'\n",
            $("nft add rule inet wall out ", $rule, "\n"),+
        )
    };
}

/// A router that forgets connections on which this computer sent nothing for 2 s, and says nothing
/// of it.
const FORGETFUL: &str = "nft add table inet router\n\
    nft 'add set inet router known { type inet_service; flags dynamic,timeout; timeout 2s; }'\n\
    nft 'add chain inet router in { type filter hook input priority 0; }'\n\
    nft 'add rule inet router in tcp dport 443 tcp flags & (syn | ack) == syn add @known { tcp sport } accept'\n\
    nft 'add rule inet router in tcp dport 443 tcp sport @known update @known { tcp sport } accept'\n\
    nft 'add rule inet router in tcp dport 443 drop'\n\
    nft 'add rule inet router in tcp sport 443 tcp dport != @known drop'\n";

/// The relay is elsewhere, and this is the way there.
macro_rules! route {
    ($route:literal) => {
        concat!(
            "ip addr del 203.0.113.10/32 dev lo\nip route add ",
            $route,
            "\n"
        )
    };
}

const fn scene(network: &'static str) -> Scene {
    Scene {
        network,
        phone: Phone::Advert,
        ..GOOD
    }
}

const BOTH: Dns = Dns::Answers {
    v4: &[RELAY],
    v6: &[RELAY_V6],
};

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::new(
            "a firewall drops connections to port 443",
            scene(firewall!("tcp dport 443 drop")),
        )
        .sign_in("NW03", Likely, Within(6))
        .doctor("NW03", Likely, Within(5))
        .in_words("no response within"),
        Fault::new(
            "a firewall rejects port 443 (ICMP)",
            scene(firewall!("tcp dport 443 reject with icmpx type admin-prohibited")),
        )
        .both("NW03", Likely, AtOnce),
        Fault::new(
            "a firewall resets connections to port 443",
            scene(firewall!("tcp dport 443 reject with tcp reset")),
        )
        .both("NW03", Likely, AtOnce)
        .in_words("refused"),
        Fault::new(
            "no server listens on the relay's port",
            Scene {
                server: Server::Nobody,
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .both("NW03", Likely, AtOnce),
        Fault::new(
            "the route to the relay is a black hole",
            scene(route!("blackhole 203.0.113.10/32")),
        )
        .both("NW03", Likely, AtOnce),
        Fault::new(
            "the route to the relay is marked unreachable",
            scene(route!("unreachable 203.0.113.10/32")),
        )
        .both("NW03", Likely, AtOnce),
        Fault::new(
            "the route to the relay is prohibited",
            scene(route!("prohibit 203.0.113.10/32")),
        )
        .both("NW03", Likely, AtOnce)
        .in_words("denied"),
        Fault::new(
            "this computer is not connected",
            scene("ip link del up0\nip addr flush dev lo scope global\necho nameserver 10.0.0.53 > /etc/resolv.conf\n"),
        )
        .both("NW23", Certain, AtOnce),
        Fault::new(
            "this computer has no route to the internet, but names resolve",
            scene("ip route del default\nip addr del 203.0.113.10/32 dev lo\n"),
        )
        .both("NW23", Certain, AtOnce),
        Fault::new(
            "the network is lost while waiting",
            Scene {
                later: "ip link del up0\nip addr del 203.0.113.10/32 dev lo\n",
                phone: Phone::None,
                seconds: 4,
                ..GOOD
            },
        )
        .sign_in("NW23", Certain, Within(2)),
        Fault::new(
            "the router does not respond",
            scene("ip addr del 203.0.113.10/32 dev lo\n"),
        )
        .sign_in("NW03", Likely, Within(6))
        .doctor("NW03", Likely, Within(5)),
        Fault::new(
            "a VPN takes the relay's traffic and does not forward it",
            scene(concat!(
                "ip tuntap add tun0 mode tun\nip addr add 10.8.0.2/24 dev tun0\nip link set tun0 up\n",
                route!("203.0.113.0/24 dev tun0")
            )),
        )
        .sign_in("NW22", Likely, Within(6))
        .doctor("NW22", Likely, Within(5))
        .in_words("tun0"),
        Fault::new(
            "the relay has no IPv6 address, and there is no IPv4",
            scene(
                "ip link del up0\nip addr del 203.0.113.10/32 dev lo\n\
                 ip link add up6 type veth peer name up7\nip addr add 2001:db8:1::2/64 dev up6 nodad\n\
                 ip link set up6 up\nip link set up7 up\nip -6 route add default via 2001:db8:1::1\n",
            ),
        )
        .both("NW05", Likely, AtOnce),
        Fault::new(
            "packets to the relay's IPv6 address are lost",
            Scene {
                dns: BOTH,
                network: firewall!("ip6 daddr 2001:db8::10 drop"),
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor("NW04", Certain, Within(6)),
        Fault::new(
            "the relay's IPv6 address refuses connections",
            Scene {
                dns: BOTH,
                network: firewall!("ip6 daddr 2001:db8::10 tcp dport 443 reject with tcp reset"),
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor("NW04", Certain, AtOnce),
        Fault::new(
            "packets to the relay's IPv4 address are lost, IPv6 works",
            Scene {
                dns: BOTH,
                network: firewall!("ip daddr 203.0.113.10 tcp dport 443 drop"),
                ..GOOD
            },
        )
        .sign_in_works(),
        Fault::new(
            "large packets from the relay are lost",
            Scene {
                // The kernel cuts into packets before the firewall looks, as it does for a real
                // link.
                network: concat!(
                    "ip link set lo gso_max_segs 1\n",
                    firewall!("tcp sport 443 meta length gt 640 drop")
                ),
                ..GOOD
            },
        )
        .sign_in_works()
        .doctor("NW20", Likely, Within(3)),
        Fault::new(
            "the router has dropped the connection that waited for the phone",
            Scene {
                network: FORGETFUL,
                phone: Phone::Real(&["--fault", "late-advert=3"]),
                ..GOOD
            },
        )
        .sign_in_works(),
        Fault::new(
            "the connection is accepted, but no data follows",
            Scene {
                server: Server::Stops(Step::Accept, End::Silence),
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .sign_in("NW07", Likely, Within(5))
        .doctor("NW07", Likely, Within(5)),
        Fault::new(
            "the connection is reset at the first byte",
            Scene {
                server: Server::Stops(Step::FirstByte, End::Reset),
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .both("NW21", Likely, AtOnce)
        .in_words("reset"),
        Fault::new(
            "the connection is closed at the first byte",
            Scene {
                server: Server::Stops(Step::FirstByte, End::Close),
                phone: Phone::Advert,
                ..GOOD
            },
        )
        .both("NW21", Likely, AtOnce),
    ]
}
