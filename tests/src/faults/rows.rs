//! All faults, by what is broken.

mod dns;
mod firewall;
mod http;
mod phone;
mod proxy;
mod radio;
mod tls;

use super::Fault;

/// The areas of the matrix with their faults, in the order of the published one.
pub fn all() -> Vec<(&'static str, Vec<Fault>)> {
    vec![
        ("This computer's Bluetooth", radio::faults()),
        ("Received adverts", phone::adverts()),
        ("Names", dns::faults()),
        ("Connections", firewall::faults()),
        ("Proxies", proxy::faults()),
        ("Encryption", tls::faults()),
        ("The relay's answer", http::faults()),
        ("The tunnel", phone::tunnels()),
    ]
}
