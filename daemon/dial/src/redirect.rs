//! Redirects: followed on the same host, port and scheme alone, a few times. Anything else could
//! lead a desktop into its own network, or hand the payload for a linked phone to a stranger.

use url::Url;

/// More than this is a loop.
pub(crate) const MOST: usize = 5;

/// Where a redirect leads, when it may be followed.
pub(crate) fn follow(from: &Url, location: Option<&str>) -> Option<Url> {
    let mut to = from.join(location?).ok()?;
    // Servers that know nothing of WebSocket write https.
    if to.scheme() == "https" {
        to.set_scheme("wss").ok()?;
    }
    let same = to.scheme() == "wss"
        && to.host() == from.host()
        && to.port_or_known_default() == from.port_or_known_default()
        && to.username().is_empty()
        && to.password().is_none();
    same.then_some(to)
}

/// Whom a redirect leads to, without the path, which may hold the tunnel's id.
pub(crate) fn whom(location: &str) -> Option<String> {
    let url = Url::parse(location).ok()?;
    url.host_str()
        .map(|host| format!("{}://{host}", url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HERE: &str = "wss://cable.ua5v.com/cable/connect/010203/00";

    fn followed(location: &str) -> Option<String> {
        follow(&Url::parse(HERE).unwrap(), Some(location)).map(|url| url.to_string())
    }

    #[test]
    fn only_the_same_relay_is_followed() {
        for (location, to) in [
            ("/other/path", "wss://cable.ua5v.com/other/path"),
            ("https://cable.ua5v.com/x", "wss://cable.ua5v.com/x"),
            ("wss://CABLE.UA5V.COM:443/x", "wss://cable.ua5v.com/x"),
        ] {
            assert_eq!(followed(location).as_deref(), Some(to), "{location}");
        }
        for refused in [
            "ws://cable.ua5v.com/x",
            "http://cable.ua5v.com/x",
            "wss://cable.auth.com/x",
            "wss://cable.ua5v.com:8443/x",
            "//192.168.0.1/x",
            "wss://user@cable.ua5v.com/x",
            "wss://[",
        ] {
            assert_eq!(followed(refused), None, "{refused}");
        }
        assert_eq!(follow(&Url::parse(HERE).unwrap(), None), None);
    }

    #[test]
    fn whom_it_leads_to_is_told_without_the_path() {
        assert_eq!(
            whom("https://portal.example/secret?x").as_deref(),
            Some("https://portal.example")
        );
        assert_eq!(whom("/cable/connect/010203/00"), None);
    }

    proptest! {
        #[test]
        fn any_location_stays_on_the_host_or_is_refused(location in ".*") {
            if let Some(url) = follow(&Url::parse(HERE).unwrap(), Some(&location)) {
                prop_assert_eq!(url.host_str(), Some("cable.ua5v.com"));
                prop_assert_eq!(url.scheme(), "wss");
            }
        }
    }
}
