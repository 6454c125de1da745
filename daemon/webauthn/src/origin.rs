//! Origins as a person types them, and the relying-party ids that they may use.

use hybrid_protocol::printable;
use std::error::Error;
use std::fmt;
use url::{Host, ParseError, Url};

/// The origin of a web page: `https://host[:port]`, or `http://localhost[:port]` as browsers allow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    text: String,
    host: String,
}

/// A relying-party id that its origin may use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RpId(String);

impl Origin {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`OriginError`] says what was expected.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text).map_err(OriginError::from)?;
        // In `example.com:8443` the host stands where URLs have their scheme.
        if url.cannot_be_a_base() && (url.scheme().contains('.') || is_localhost(url.scheme())) {
            return Err(OriginError::NoScheme);
        }
        let scheme = || OriginError::Scheme(shown(url.scheme()));
        // Before the host, which other schemes may do without.
        if !matches!(url.scheme(), "https" | "http") {
            return Err(scheme());
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(OriginError::NotADomain);
        };
        // The URL standard allows it; no name server does.
        if host.contains('"') {
            return Err(OriginError::Quote);
        }
        // Browsers treat `example.com.` as another origin than `example.com`; whoever types the dot
        // does not mean that.
        if host.ends_with('.') {
            return Err(OriginError::TrailingDot);
        }
        let local = is_localhost(host);
        if url.scheme() != "https" && !local {
            return Err(scheme());
        }
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        if !bare || url.password().is_some() {
            return Err(OriginError::MoreThanOrigin);
        }
        Ok(Self {
            text: url.origin().ascii_serialization(),
            host: host.to_owned(),
        })
    }

    /// The text that goes into the client data.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Checks the relying-party id that the options name, or takes the origin's host when they name
    /// none: the id must be the host or a parent domain of it that somebody can register (public
    /// suffix list).
    ///
    /// # Errors
    /// [`OriginError`] when it is neither.
    pub fn rp_id(&self, wanted: Option<&str>) -> Result<RpId, OriginError> {
        let Some(wanted) = wanted else {
            return Ok(RpId(self.host.clone()));
        };
        let Ok(Host::Domain(domain)) = Host::parse(wanted) else {
            return Err(OriginError::RpIdNotADomain(shown(wanted)));
        };
        if domain == self.host {
            return Ok(RpId(domain));
        }
        let parent = self
            .host
            .strip_suffix(&domain)
            .is_some_and(|rest| rest.ends_with('.'));
        // The registrable domain is the suffix and one label: an id must be at least that long.
        if parent && psl::domain_str(&domain).is_some() {
            return Ok(RpId(domain));
        }
        // Related origins (WebAuthn Level 3 section 5.11) are of two domains that somebody registered.
        let unrelated = parent || domain.ends_with('.') || psl::domain_str(&domain).is_none();
        let (rp_id, host) = (shown(&domain), self.host.clone());
        Err(if unrelated {
            OriginError::ForeignRpId { rp_id, host }
        } else {
            OriginError::RelatedOrigin { rp_id, host }
        })
    }
}

impl RpId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for RpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an origin or a relying-party id is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum OriginError {
    /// It does not begin with a scheme.
    NoScheme,
    /// Not a URL.
    Url(ParseError),
    /// An IP address, or no host.
    NotADomain,
    /// The host ends with a dot.
    TrailingDot,
    /// The host has a quotation mark.
    Quote,
    /// Neither `https` nor `http://localhost`.
    Scheme(String),
    /// It has a path, query, fragment or credentials.
    MoreThanOrigin,
    /// The id is not a domain name.
    RpIdNotADomain(String),
    /// The id belongs to somebody else, or to everybody.
    ForeignRpId {
        /// The id that was wanted.
        rp_id: String,
        /// The host that wanted it.
        host: String,
    },
    /// The id is of another domain, which would have to be asked whether it knows the origin.
    RelatedOrigin {
        /// The id that was wanted.
        rp_id: String,
        /// The host that wanted it.
        host: String,
    },
}

impl From<ParseError> for OriginError {
    fn from(error: ParseError) -> Self {
        if error == ParseError::RelativeUrlWithoutBase {
            return Self::NoScheme;
        }
        Self::Url(error)
    }
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => f.write_str(
                "expected an origin such as https://example.com, got none that begins with https://",
            ),
            Self::Url(error) => write!(
                f,
                "expected an origin such as https://example.com, got {}",
                no_url(*error)
            ),
            Self::NotADomain => f.write_str(
                "expected an origin with a domain name; passkeys do not work with IP addresses",
            ),
            Self::TrailingDot => f.write_str("expected a host name without a trailing dot"),
            Self::Quote => f.write_str("expected a host name without quotation marks"),
            Self::Scheme(scheme) => write!(
                f,
                "expected an https origin (or http://localhost), got {scheme}"
            ),
            Self::MoreThanOrigin => {
                f.write_str("expected only scheme, host and port, without path, query or user name")
            }
            Self::RpIdNotADomain(got) if got.is_empty() => {
                f.write_str("expected a domain name as rp.id or rpId, got an empty string")
            }
            Self::RpIdNotADomain(got) => write!(
                f,
                "expected a domain name as rp.id or rpId, got \"{}\"; passkeys do not work with IP addresses, URLs or ports",
                got.escape_debug()
            ),
            Self::ForeignRpId { rp_id, host } => {
                write!(
                    f,
                    "a page on {host} may not use passkeys for {rp_id}: expected {host} or a registrable parent domain of it"
                )
            }
            Self::RelatedOrigin { rp_id, host } => write!(
                f,
                "a page on {host} may not use passkeys for {rp_id}: hybridd does not support related origins, so it does not check whether \
                 https://{rp_id}/.well-known/webauthn lists {host}"
            ),
        }
    }
}

/// What there is in place of a URL; the library's words are its standard's.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add errors; with a scheme before the host these can happen"
)]
const fn no_url(error: ParseError) -> &'static str {
    match error {
        ParseError::EmptyHost => "no host name",
        ParseError::InvalidPort => "a port that is not a number from 0 to 65535",
        ParseError::InvalidIpv4Address | ParseError::InvalidIpv6Address => {
            "an IP address that is none (passkeys need a domain name)"
        }
        ParseError::IdnaError | ParseError::InvalidDomainCharacter => {
            "a host name with a space, another character that no domain name has, or a malformed xn-- part"
        }
        _ => "no URL",
    }
}

impl Error for OriginError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::NoScheme
            | Self::NotADomain
            | Self::TrailingDot
            | Self::Quote
            | Self::Scheme(_)
            | Self::MoreThanOrigin
            | Self::RpIdNotADomain(_)
            | Self::ForeignRpId { .. }
            | Self::RelatedOrigin { .. } => None,
        }
    }
}

/// As much of a text as a person needs to know it again.
fn shown(text: &str) -> String {
    const LONGEST: usize = 100;
    printable(text).chars().take(LONGEST).collect()
}

fn is_localhost(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (typed, written) in [
            ("https://Example.COM", "https://example.com"),
            ("https://example.com:443/", "https://example.com"),
            ("https://example.com:8443", "https://example.com:8443"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(origin(typed).as_str(), written);
        }
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        for text in [
            "",
            "example.com",
            "http://example.com",
            "https://192.0.2.1",
            "https://0x7f.1",
            "https://[::1]",
            "https://example.com.",
            "http://localhost.",
            "https://",
            "ftp://example.com",
            "https://a@example.com",
            "https://example.com/login",
            "https://example.com?x",
            "file:///etc",
            "https://exa\"mple.com",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_without_its_scheme_is_told_what_is_missing() {
        for text in [
            "",
            "example.com",
            "localhost",
            "localhost:8080",
            "example.com:8443",
            "www.example.com/login",
            "“https://example.com”",
            "'https://example.com'",
            "https//example.com",
        ] {
            let refused = Origin::parse(text).unwrap_err().to_string();
            let expected = "expected an origin such as https://example.com, got none that begins with https://";
            assert_eq!(refused, expected, "{text}");
        }
    }

    #[test]
    fn an_origin_without_a_domain_is_refused_for_what_it_is() {
        let refused = |text| Origin::parse(text).unwrap_err().to_string();
        for text in [
            "android:apk-key-hash:AAAA",
            "file:///etc/x.html",
            "chrome-extension://abc",
        ] {
            assert!(refused(text).contains("expected an https origin"), "{text}");
        }
        assert!(refused("https://192.0.2.1").contains("IP addresses"));
        assert!(refused("https://exa\"mple.com").contains("quotation"));
    }

    #[test]
    fn an_id_of_another_domain_is_told_with_both_domains_and_what_is_not_supported() {
        let told = |page: &str, id: &str| origin(page).rp_id(Some(id)).unwrap_err().to_string();
        let related = told("https://example.co.uk", "example.com");
        for word in [
            "example.co.uk",
            "example.com/.well-known/webauthn",
            "does not support",
        ] {
            assert!(related.contains(word), "{word}: {related}");
        }
        for nobodys in ["com", "co.uk", "uk", "example.com."] {
            assert!(
                !told("https://example.co.uk", nobodys).contains("related"),
                "{nobodys}"
            );
        }
    }

    #[test]
    fn what_is_no_url_is_told_without_a_librarys_words() {
        for (text, got) in [
            ("https://", "got no host name"),
            ("https://a:99999", "got a port that is not a number from 0"),
            ("https://a:b", "got a port that is not a number from 0"),
            ("https://[::1", "got an IP address that is none"),
            ("https://1.2.3.4.5", "got an IP address that is none"),
            ("https://exa mple.com", "got a host name with a space"),
            ("https://%zz.com", "got a host name with a space, another"),
            ("https://xn--a.example", "or a malformed xn-- part"),
        ] {
            let told = Origin::parse(text).unwrap_err().to_string();
            assert!(told.contains(got), "{text}: {told}");
        }
    }

    #[test]
    fn a_long_id_is_not_repeated_at_length() {
        let long = format!("{}.example.org", "a".repeat(100_000));
        let error = origin("https://example.com")
            .rp_id(Some(&long))
            .unwrap_err();
        assert!(error.to_string().len() < 1000);
    }

    #[test]
    fn an_id_is_the_host_or_a_registrable_parent() {
        let page = origin("https://login.accounts.example.co.uk");
        for good in [
            "login.accounts.example.co.uk",
            "accounts.example.co.uk",
            "example.co.uk",
            "EXAMPLE.co.uk",
        ] {
            assert!(page.rp_id(Some(good)).is_ok(), "{good}");
        }
        for bad in [
            "co.uk",
            "uk",
            "ample.co.uk",
            "other.co.uk",
            "x.login.accounts.example.co.uk",
            "192.0.2.1",
            "",
            ".",
            ".example.co.uk",
            "example.co.uk.",
            "https://example.co.uk",
            "example.co.uk:443",
        ] {
            assert!(page.rp_id(Some(bad)).is_err(), "{bad}");
        }
        assert_eq!(
            page.rp_id(None).unwrap().as_str(),
            "login.accounts.example.co.uk"
        );
    }

    #[test]
    fn an_id_in_another_script_is_written_in_ascii() {
        let page = origin("https://login.bücher.example");
        assert_eq!(
            page.rp_id(Some("BÜCHER.example")).unwrap().as_str(),
            "xn--bcher-kva.example"
        );
        assert_eq!(
            page.rp_id(Some("xn--bcher-kva.example")).unwrap().as_str(),
            "xn--bcher-kva.example"
        );
    }

    #[test]
    fn a_host_of_one_label_is_its_own_id() {
        assert!(origin("https://intranet").rp_id(Some("intranet")).is_ok());
        assert!(
            origin("https://wiki.intranet")
                .rp_id(Some("intranet"))
                .is_err()
        );
    }

    #[test]
    fn a_private_suffix_separates_its_customers() {
        assert!(
            origin("https://alice.github.io")
                .rp_id(Some("github.io"))
                .is_err()
        );
        assert!(origin("https://localhost").rp_id(Some("localhost")).is_ok());
        assert!(
            origin("https://a.localhost")
                .rp_id(Some("localhost"))
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn reading_any_text_never_panics(text in ".*", id in ".*") {
            let _ = Origin::parse(&text);
            let _ = Origin::parse("https://example.com").unwrap().rp_id(Some(&id));
        }
    }
}
