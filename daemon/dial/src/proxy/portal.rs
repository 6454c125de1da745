//! The proxy of the desktop's settings, as `org.freedesktop.portal.ProxyResolver` tells it:
//! GNOME's, KDE's, and what a PAC file decides.

use crate::proxy::Proxy;
use std::time::Duration;
use tokio::time::timeout;
use zbus::proxy;

/// A desktop that is there answers at once; a PAC file may have to be fetched.
const ANSWER: Duration = Duration::from_secs(2);

/// It is told under this name.
const DESKTOP: &str = "the desktop's settings";

#[proxy(
    interface = "org.freedesktop.portal.ProxyResolver",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop"
)]
trait Resolver {
    fn lookup(&self, uri: &str) -> zbus::Result<Vec<String>>;
}

/// The proxies for a host; none when it is reached directly, `None` when no desktop can be asked.
pub(crate) async fn lookup(host: &str) -> Option<Vec<Proxy>> {
    // Without a session bus there is no desktop; zbus would look for one by itself.
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS")?;
    let asked = async {
        let bus = zbus::Connection::session().await?;
        ResolverProxy::new(&bus)
            .await?
            .lookup(&format!("https://{host}/"))
            .await
    };
    let answer = timeout(ANSWER, asked).await.ok()?.ok()?;
    Some(read(&answer))
}

/// A list in the order of preference. `direct://` at its head means no proxy; behind a proxy it is
/// the way out when that one fails, which a firewall would not let pass and a person would not want
/// unasked.
fn read(answer: &[String]) -> Vec<Proxy> {
    answer
        .iter()
        .take_while(|proxy| !proxy.starts_with("direct"))
        .filter_map(|proxy| Proxy::read(proxy, DESKTOP).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direct_ends_the_list_and_unknown_schemes_are_passed_over() {
        let list = |text: &[&str]| {
            let text: Vec<_> = text.iter().map(|text| (*text).to_owned()).collect();
            read(&text)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert!(list(&["direct://"]).is_empty());
        assert_eq!(
            list(&["gopher://a", "http://b:3128", "direct://", "http://c"]),
            ["http://b:3128 (the desktop's settings)"]
        );
    }
}
