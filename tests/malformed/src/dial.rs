//! The parsers of hybrid-dial: what proxies, name servers and relays answer.

use hybrid_dial::hazmat;
use hybrid_dial::proxy_without_login;
use std::str;
use url::Url;

/// A proxy's answer to CONNECT: read byte for byte, it says the same once and for all.
pub fn connect_answer(data: &[u8]) {
    for end in 0..data.len().min(256) {
        // The first word ends it.
        if !matches!(hazmat::connect_answer(&data[..end]), Ok(false)) {
            return;
        }
    }
    if let Err(problem) = hazmat::connect_answer(data) {
        assert!(!format!("{problem:?}").is_empty());
    }
}

/// The address of a proxy, and on the line below hosts that are reached without it.
pub fn proxy(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (address, exempt) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(shown) = proxy_without_login(address) {
        let again = shown.trim_end_matches(" with credentials that are not shown");
        assert_eq!(proxy_without_login(again).unwrap(), again);
    }
    if hazmat::is_exempt(exempt, "cable.ua5v.com") {
        assert!(exempt.contains('*') || exempt.to_ascii_lowercase().contains("com"));
    }
}

/// A name server's answer, a name that is asked for, and a resolv.conf.
pub fn name_servers(data: &[u8]) {
    let _ = hazmat::dns_answer(data, 0x0707).to_string();
    let text = String::from_utf8_lossy(data);
    if let Some(question) = hazmat::dns_question(0x0707, &text) {
        // A question is no answer.
        let read = hazmat::dns_answer(&question, 0x0707).to_string();
        assert_eq!(read, "malformed response");
    }
    assert!(hazmat::servers(text.as_bytes()).len() <= 3);
}

/// A certificate, as far as it is told.
pub fn certificate(data: &[u8]) {
    assert!(hazmat::certificate(data).starts_with("signed by "));
}

/// Where a relay leads: to itself, or nowhere.
pub fn redirect(data: &[u8]) {
    let Ok(location) = str::from_utf8(data) else {
        return;
    };
    let here = Url::parse("wss://cable.ua5v.com/cable/connect/010203/00").unwrap();
    if let Some(there) = hazmat::redirect(&here, location) {
        assert_eq!(
            (there.scheme(), there.host_str()),
            ("wss", Some("cable.ua5v.com"))
        );
        assert_eq!(
            (there.port_or_known_default(), there.username()),
            (Some(443), "")
        );
    }
    if let Some(named) = hazmat::redirect_names(location) {
        assert!(!named.contains('@') && !named.contains('?'));
    }
}

/// A relay's answer to the request for a tunnel.
pub fn upgrade_answer(data: &[u8]) {
    let url = Url::parse("wss://cable.ua5v.com/cable/connect/010203/00").unwrap();
    if let Err(error) = hazmat::upgrade_answer(&url, data.to_vec()).unwrap() {
        let _ = (error.fault(), error.to_string());
    }
}
