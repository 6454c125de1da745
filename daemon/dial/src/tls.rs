//! TLS to a relay: 1.2 and 1.3, ordinary certificate checks against the system's store.

pub(crate) mod certificate;

use crate::fact::Fact;
use crate::stream::ByteStream;
use crate::tls::certificate::{CertificateInfo, Witness};
use hybrid_diagnosis::catalogue::{LARGE_PACKETS_LOST, TLS_INSPECTED};
use hybrid_process::{NoTrustStore, TrustStore};
use rustls_pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::client::{Resumption, VerifierBuilderError, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, AlertDescription, CertificateError, ClientConfig, RootCertStore};

/// Those who are trusted, read when they are first needed: the system's store takes a few
/// milliseconds.
pub(crate) struct Trust {
    anchors: TrustAnchors,
    trusted: OnceLock<Result<Trusted, NoTrust>>,
}

/// Those who are trusted, as they were read.
#[derive(Clone)]
struct Trusted {
    verifier: Arc<dyn ServerCertVerifier>,
    /// Where they were read; nothing when they were given.
    store: Option<Arc<TrustStore>>,
}

/// The authorities whose certificates are trusted.
#[derive(Clone)]
#[non_exhaustive]
pub enum TrustAnchors {
    /// What the system trusts, `SSL_CERT_FILE` and `SSL_CERT_DIR` included.
    System,
    /// These roots alone, for embedding.
    Roots(Vec<CertificateDer<'static>>),
}

/// An encrypted connection.
pub(crate) struct Encrypted {
    pub(crate) stream: TlsStream<Box<dyn ByteStream>>,
    seen: Option<CertificateInfo>,
    /// It came about in small packets alone.
    pub(crate) small_packets: bool,
}

/// Why TLS failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsProblem {
    /// Signed by somebody whom this system does not trust.
    UnknownIssuer {
        /// Who it is; empty when that is not known.
        issuer: String,
        /// Whom it trusts, when somebody has named them.
        trusted: Option<String>,
    },
    /// Signed by a public authority that is missing among those whom this system trusts.
    AuthorityMissing {
        /// Who it is.
        issuer: String,
        /// Whom it trusts.
        trusted: String,
    },
    /// Expired, says this machine's clock.
    Expired,
    /// Not valid yet, says this machine's clock.
    NotYetValid,
    /// For another name.
    WrongName,
    /// The connection was cut during the handshake.
    Cut(io::Error),
    /// The relay's name cannot stand in a certificate.
    Name(InvalidDnsNameError),
    /// The certificates of this system cannot be used.
    NoTrust(NoTrust),
    /// Anything else.
    Other(io::Error),
}

/// Why nobody can be trusted: the roots, or the settings of the library that looks at them, do not
/// work.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NoTrust {
    /// There are no authorities.
    Store(NoTrustStore),
    /// The settings of TLS do not work.
    Library(rustls::Error),
    /// The roots that were given cannot be used.
    Roots(VerifierBuilderError),
}

/// Encrypts a connection to a relay.
pub(crate) async fn encrypt(
    trust: &Trust,
    host: &str,
    io: Box<dyn ByteStream>,
) -> Result<Encrypted, TlsProblem> {
    let Trusted { verifier, store } = trust.trusted().map_err(TlsProblem::NoTrust)?;
    let witness = Arc::new(Witness::new(verifier));
    let config = config(Arc::clone(&witness))
        .map_err(|error| TlsProblem::NoTrust(NoTrust::Library(error)))?;
    let name = ServerName::try_from(host.to_owned()).map_err(TlsProblem::Name)?;
    match TlsConnector::from(Arc::new(config)).connect(name, io).await {
        Ok(stream) => Ok(Encrypted {
            stream,
            seen: witness.seen(),
            small_packets: false,
        }),
        Err(error) => Err(problem(error, witness.seen(), store.as_deref())),
    }
}

impl Trust {
    pub(crate) const fn new(anchors: TrustAnchors) -> Self {
        Self {
            anchors,
            trusted: OnceLock::new(),
        }
    }

    /// The same, read anew at the next use.
    pub(crate) fn reloaded(&self) -> Self {
        Self::new(self.anchors.clone())
    }

    /// Where those who are trusted were read; nothing when they were given.
    pub(crate) fn store(&self) -> Result<Option<Arc<TrustStore>>, NoTrust> {
        self.trusted().map(|trusted| trusted.store)
    }

    fn trusted(&self) -> Result<Trusted, NoTrust> {
        self.trusted.get_or_init(|| self.anchors.read()).clone()
    }
}

impl TrustAnchors {
    fn read(&self) -> Result<Trusted, NoTrust> {
        let (roots, store) = match self {
            Self::System => {
                let store = TrustStore::of_system().map_err(NoTrust::Store)?;
                (store.roots.clone(), Some(Arc::new(store)))
            }
            Self::Roots(given) => {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(given.iter().cloned());
                (roots, None)
            }
        };
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        Ok(Trusted {
            verifier: verifier.build().map_err(NoTrust::Roots)?,
            store,
        })
    }
}

/// The library calls any verifier but its own dangerous; the witness leaves the decision to one of
/// its own.
fn config(witness: Arc<Witness>) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(witness)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Each connection has a configuration of its own: tickets would be kept for nobody.
    config.resumption = Resumption::disabled();
    Ok(config)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these have a remedy of their own"
)]
fn problem(
    error: io::Error,
    seen: Option<CertificateInfo>,
    store: Option<&TrustStore>,
) -> TlsProblem {
    match of_library(&error) {
        Some(rustls::Error::InvalidCertificate(certificate)) => match certificate {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                untrusted(seen, store)
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                TlsProblem::Expired
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                TlsProblem::NotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsProblem::WrongName
            }
            _ => TlsProblem::Other(error),
        },
        Some(_) => TlsProblem::Other(error),
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => TlsProblem::Cut(error),
            _ => TlsProblem::Other(error),
        },
    }
}

/// Nobody whom this system trusts has signed it. What public authorities vouch for is no inspector's:
/// then it is the store that is not what people believe.
fn untrusted(seen: Option<CertificateInfo>, store: Option<&TrustStore>) -> TlsProblem {
    let (issuer, public) = seen.map_or_else(Default::default, |seen| (seen.issuer, seen.public));
    let trusted = store.map(|store| match store.doubts() {
        Some(doubts) => format!("{store}; {doubts}"),
        None => store.to_string(),
    });
    match trusted {
        Some(trusted) if public => TlsProblem::AuthorityMissing { issuer, trusted },
        trusted => TlsProblem::UnknownIssuer {
            issuer,
            trusted: trusted.filter(|_| store.is_some_and(TrustStore::is_named)),
        },
    }
}

/// What the library found wrong, when it was not the connection.
fn of_library(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// How the library that checks certificates calls one that is an authority's. It says so in no other
/// way; a test looks whether it still does.
const AUTHORITY: &str = "CaUsedAsEndEntity";

/// What the library found wrong, for a person: its own words are for its authors.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the library's many errors these are told apart"
)]
fn words(error: &rustls::Error) -> String {
    let words = match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other))
            if other.to_string() == AUTHORITY =>
        {
            "the certificate belongs to a certificate authority (CA:TRUE), not to a server; the relay's operator has to reissue it with CA:FALSE"
        }
        rustls::Error::InvalidCertificate(CertificateError::Revoked) => {
            "the certificate is revoked"
        }
        rustls::Error::InvalidCertificate(_) => {
            "the certificate is malformed, or is not a server certificate"
        }
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS",
        rustls::Error::AlertReceived(alert) => {
            return format!("the relay aborted the handshake: {}", alert_words(*alert));
        }
        rustls::Error::PeerIncompatible(_) => {
            "the relay supports no TLS version or cipher that this computer supports"
        }
        _ => "the relay violates the TLS protocol",
    };
    words.to_owned()
}

/// An alert by its name in RFC 8446 section 6, which administrators look up.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "these are sent by relays and balancers that are set up otherwise than we need"
)]
fn alert_words(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::ProtocolVersion => {
            "it supports only other versions of TLS (alert protocol_version)".to_owned()
        }
        AlertDescription::UnrecognisedName => {
            "it does not serve this name (alert unrecognized_name)".to_owned()
        }
        AlertDescription::HandshakeFailure => {
            "it accepts none of this computer's ciphers (alert handshake_failure)".to_owned()
        }
        AlertDescription::CertificateRequired => {
            "it requires a client certificate (alert certificate_required)".to_owned()
        }
        AlertDescription::InternalError => {
            "it had an internal error (alert internal_error)".to_owned()
        }
        AlertDescription::AccessDenied => "it denied access (alert access_denied)".to_owned(),
        other => format!("alert {}", u8::from(other)),
    }
}

impl Fact for Encrypted {
    fn fact(&self) -> String {
        let version = self.stream.get_ref().1.protocol_version();
        let version = match version {
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            Some(_) | None => "TLS",
        };
        let seen = self
            .seen
            .as_ref()
            .map_or_else(String::new, |seen| format!(", {seen}"));
        let small = if self.small_packets {
            "; with small packets, because large ones are lost"
        } else {
            ""
        };
        format!("{version}{seen}{small}")
    }

    fn oddity(&self) -> Option<&'static str> {
        if self.small_packets {
            return Some(LARGE_PACKETS_LOST.code);
        }
        self.seen
            .as_ref()
            .is_some_and(|seen| !seen.public)
            .then_some(TLS_INSPECTED.code)
    }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer { issuer, trusted } => {
                if issuer.is_empty() {
                    f.write_str(
                        "the certificate is not signed by an authority that this system trusts",
                    )?;
                } else {
                    write!(
                        f,
                        "the certificate is signed by {issuer}, which this system does not trust"
                    )?;
                }
                match trusted {
                    Some(trusted) => write!(f, " (it trusts {trusted})"),
                    None => Ok(()),
                }
            }
            Self::AuthorityMissing { issuer, trusted } => write!(
                f,
                "the certificate is signed by {issuer}, a public authority that is missing from those that this system trusts ({trusted})"
            ),
            Self::Expired => {
                f.write_str("the certificate has expired, according to this computer's clock")
            }
            Self::NotYetValid => {
                f.write_str("the certificate is not valid yet, according to this computer's clock")
            }
            Self::WrongName => f.write_str("the certificate is for another name"),
            Self::Cut(error) if error.kind() == io::ErrorKind::UnexpectedEof => f.write_str(
                "the connection was closed during the TLS handshake, without a TLS alert",
            ),
            Self::Cut(error) => write!(
                f,
                "the connection was lost during the TLS handshake: {error}"
            ),
            Self::Name(error) => write!(f, "TLS failed: {error}"),
            Self::NoTrust(error) => {
                write!(f, "this computer trusts no certificate authority: {error}")
            }
            Self::Other(error) => match of_library(error) {
                Some(error) => write!(f, "TLS failed: {}", words(error)),
                None => write!(f, "TLS failed: {error}"),
            },
        }
    }
}

impl fmt::Display for NoTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Library(error) => error.fmt(f),
            Self::Roots(error) => error.fmt(f),
        }
    }
}

impl Error for TlsProblem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Cut(error) | Self::Other(error) => Some(error),
            Self::Name(error) => Some(error),
            Self::NoTrust(error) => Some(error),
            Self::UnknownIssuer { .. }
            | Self::AuthorityMissing { .. }
            | Self::Expired
            | Self::NotYetValid
            | Self::WrongName => None,
        }
    }
}

impl Error for NoTrust {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Library(error) => Some(error),
            Self::Roots(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio_rustls::rustls::pki_types::UnixTime;

    #[test]
    fn those_who_are_trusted_are_read_once_and_again_when_they_are_to_be() {
        let name = ["relay.example".to_owned()];
        let roots = |names: &[String]| {
            let pair = rcgen::generate_simple_self_signed(names).unwrap();
            vec![pair.cert.der().clone()]
        };
        let trust = Trust::new(TrustAnchors::Roots(roots(&name)));
        let verifier = |trust: &Trust| trust.trusted().ok().unwrap().verifier;
        let (once, twice) = (verifier(&trust), verifier(&trust));
        assert!(Arc::ptr_eq(&once, &twice));
        let anew = verifier(&trust.reloaded());
        assert!(!Arc::ptr_eq(&once, &anew));
    }

    #[test]
    fn a_public_authority_that_is_missing_here_is_no_inspection() {
        let seen = |public| CertificateInfo {
            issuer: "CN=somebody".to_owned(),
            key: String::new(),
            public,
        };
        // This system's, whatever is in it; where there is none nobody is known to be missing.
        let store = TrustStore::of_system();
        if let Ok(store) = &store {
            let missing = untrusted(Some(seen(true)), Some(store));
            assert!(matches!(missing, TlsProblem::AuthorityMissing { .. }));
            assert!(
                missing.to_string().contains("public authority"),
                "{missing}"
            );
        }
        let private = untrusted(Some(seen(false)), store.as_ref().ok());
        assert!(matches!(private, TlsProblem::UnknownIssuer { .. }));
    }

    #[test]
    fn a_certificate_that_is_an_authoritys_is_named_so_and_no_librarys_text_is_shown() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["relay.test".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.not_after = rcgen::date_time_ymd(2099, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let name = ServerName::try_from("relay.test").unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
        let verified = { verifier.build().unwrap() }.verify_server_cert(
            certificate.der(),
            &[],
            &name,
            &[],
            now,
        );
        let error = io::Error::other(verified.unwrap_err());
        let said = TlsProblem::Other(error).to_string();
        assert!(said.contains("(CA:TRUE)"), "{said}");
        assert!(
            !said.contains("Entity") && !said.contains("Other("),
            "{said}"
        );
    }
}
