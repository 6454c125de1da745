//! The proxy of the desktop's settings, as `org.freedesktop.portal.ProxyResolver` tells it:
//! GNOME's, KDE's, and what a PAC file decides.

use crate::proxy::Proxy;
use crate::proxy::address::ProxyAddressError;
use hybrid_key_bus::session_bus_words;
use hybrid_protocol::printable;
use std::error::Error;
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;
use zbus::{DBusError as _, proxy};

/// A desktop that is there answers at once; a PAC file may have to be fetched.
const ANSWER: Duration = Duration::from_secs(2);
/// More proxies than any desktop names; each may cost a wait.
const MOST_PROXIES: usize = 16;

/// It is told under this name.
pub(crate) const DESKTOP: &str = "the desktop's settings";

#[proxy(
    interface = "org.freedesktop.portal.ProxyResolver",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop"
)]
trait Resolver {
    fn lookup(&self, uri: &str) -> zbus::Result<Vec<String>>;
}

/// What the desktop says of a host.
pub(crate) enum DesktopAnswer {
    /// There is no desktop, or none that knows of proxies.
    NoDesktop,
    /// It is reached directly.
    Direct,
    /// By the first of these that works.
    Through(Vec<Proxy>),
    /// It names proxies alone that cannot be used; why the first one cannot.
    Unusable(ProxyAddressError),
    /// It does not say.
    Unknown(NoDesktopAnswer),
}

/// Why it is not known what the desktop's settings say.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoDesktopAnswer {
    /// The session bus cannot be reached.
    Bus(zbus::Error),
    /// The desktop's proxy service did not answer in time.
    Silent,
    /// It answered with an error, as when a PAC file cannot be fetched or run.
    Failed(zbus::Error),
}

/// Asks the desktop how a host is reached.
pub(crate) async fn lookup(host: &str) -> DesktopAnswer {
    // Without a session bus there is no desktop; zbus would look for one by itself.
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none_or(|bus| bus.is_empty()) {
        return DesktopAnswer::NoDesktop;
    }
    let asked = async {
        let bus = zbus::Connection::session()
            .await
            .map_err(NoDesktopAnswer::Bus)?;
        let resolver = ResolverProxy::new(&bus)
            .await
            .map_err(NoDesktopAnswer::Failed)?;
        let answer = resolver.lookup(&format!("https://{host}/")).await;
        answer.map_err(NoDesktopAnswer::Failed)
    };
    match timeout(ANSWER, asked).await {
        Ok(Ok(answer)) => read(&answer),
        Ok(Err(NoDesktopAnswer::Failed(error))) if is_nobody(&error) => DesktopAnswer::NoDesktop,
        Ok(Err(why)) => DesktopAnswer::Unknown(why),
        Err(_) => DesktopAnswer::Unknown(NoDesktopAnswer::Silent),
    }
}

/// No such service, or one without this interface: there is nobody who could know of a proxy.
fn is_nobody(error: &zbus::Error) -> bool {
    const NOBODY: [&str; 5] = [
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.UnknownMethod",
        "org.freedesktop.DBus.Error.UnknownInterface",
        "org.freedesktop.DBus.Error.UnknownObject",
    ];
    // Errors of D-Bus's own come as a type of theirs.
    if let zbus::Error::FDO(error) = error {
        return NOBODY.contains(&error.name().as_str());
    }
    matches!(error, zbus::Error::MethodError(name, ..) if NOBODY.contains(&name.as_str()))
}

/// A list in the order of preference. `direct://` at its head means no proxy; behind a proxy it is
/// the way out when that one fails, which a firewall would not let pass and a person would not want
/// unasked.
fn read(answer: &[String]) -> DesktopAnswer {
    let mut proxies = Vec::new();
    let mut unusable = None;
    let named = { answer.iter() }.take_while(|proxy| !proxy.trim().starts_with("direct"));
    for proxy in named.take(MOST_PROXIES) {
        match Proxy::read(proxy, DESKTOP) {
            Ok(proxy) => proxies.push(proxy),
            Err(why) => unusable = unusable.or(Some(why)),
        }
    }
    match (proxies.is_empty(), unusable) {
        (false, _) => DesktopAnswer::Through(proxies),
        (true, Some(why)) => DesktopAnswer::Unusable(why),
        (true, None) => DesktopAnswer::Direct,
    }
}

impl fmt::Display for NoDesktopAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the desktop's proxy settings are unknown: ")?;
        match self {
            Self::Bus(error) => {
                let why = printable(&session_bus_words(error));
                write!(f, "the session bus is unreachable ({why})")
            }
            Self::Silent => write!(
                f,
                "the desktop's proxy service did not respond within {} s",
                ANSWER.as_secs()
            ),
            Self::Failed(zbus::Error::MethodError(name, why, _)) => {
                let why = why.as_deref().unwrap_or(name.as_str());
                let why = printable(why);
                write!(f, "the desktop's proxy service failed ({why})")
            }
            Self::Failed(zbus::Error::FDO(error)) => {
                let name = error.name();
                let why =
                    printable(zbus::DBusError::description(&**error).unwrap_or(name.as_str()));
                write!(f, "the desktop's proxy service failed ({why})")
            }
            Self::Failed(_) => {
                f.write_str("the desktop's proxy service failed (its response is malformed)")
            }
        }
    }
}

impl Error for NoDesktopAnswer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Bus(error) | Self::Failed(error) => Some(error),
            Self::Silent => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_that_is_not_there_is_told_without_a_librarys_words() {
        let told = |error| NoDesktopAnswer::Bus(error).to_string();
        let address = zbus::Error::Address("invalid tcp `port`".to_owned());
        assert!(told(address).contains("DBUS_SESSION_BUS_ADDRESS is not"));
        let handshake = zbus::Error::Handshake("Unknown command: x".to_owned());
        assert!(told(handshake).ends_with("or rejects this user)"));
        let os = std::io::Error::from_raw_os_error(13);
        let os = zbus::Error::InputOutput(os.into());
        assert!(told(os).ends_with("(Permission denied (os error 13))"));
    }

    fn told(answer: &[&str]) -> String {
        let answer: Vec<_> = answer.iter().map(|text| (*text).to_owned()).collect();
        match read(&answer) {
            DesktopAnswer::Direct => "direct".to_owned(),
            DesktopAnswer::Through(proxies) => {
                let proxies: Vec<_> = proxies.iter().map(ToString::to_string).collect();
                proxies.join(", ")
            }
            DesktopAnswer::Unusable(why) => why.to_string(),
            DesktopAnswer::NoDesktop | DesktopAnswer::Unknown(_) => panic!("it has answered"),
        }
    }

    #[test]
    fn direct_ends_the_list_and_what_cannot_be_used_is_passed_over_for_what_can() {
        assert_eq!(told(&["direct://"]), "direct");
        assert_eq!(
            told(&["gopher://a", "http://b:3128", "direct://", "http://c"]),
            "http://b:3128 (the desktop's settings)"
        );
    }

    #[test]
    fn proxies_that_cannot_be_used_are_no_direct_way() {
        for answer in [&["gopher://a"][..], &["socks4://a:1080", "direct://"]] {
            assert!(told(answer).contains("got the scheme"), "{answer:?}");
        }
        assert!(told(&[""]).contains("got no host"));
    }
}
