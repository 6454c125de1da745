//! A certificate chain as it is sent: the certificate that belongs to the key, then whoever signed
//! it; and what an operator should know of the file that it was read from.

use crate::http::pem::{self, BadPem, Passed};
use core::fmt;
use core::time::Duration;
use rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::BasicConstraints;

/// A chain, in the order in which TLS sends it.
pub(crate) struct Chain {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) remarks: Vec<ChainRemark>,
}

/// What will keep clients away, or may be a mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ChainRemark {
    /// The certificate says of itself that it is an authority's.
    Authority,
    /// Somebody else signed it, and nobody's certificate stands behind it.
    Alone,
    /// The file has them in another order.
    Sorted,
    /// There is more in the file than certificates.
    Passed { read: usize, passed: Passed },
}

impl Chain {
    /// Reads a chain; `is_ours` tells whether a certificate belongs to the key.
    ///
    /// # Errors
    /// [`BadPem`] as from [`pem::certificates`].
    pub(crate) fn read(
        pem: &[u8],
        is_ours: impl Fn(&CertificateDer<'static>) -> bool,
    ) -> Result<Self, BadPem> {
        let found = pem::certificates(pem)?;
        let read = found.len();
        let certificates = sorted(found.clone(), is_ours);
        let mut remarks = Vec::new();
        let first = certificates
            .first()
            .and_then(|der| Certificate::from_der(der).ok());
        if first.as_ref().is_some_and(is_authority) {
            remarks.push(ChainRemark::Authority);
        }
        if read == 1 && first.is_some_and(|first| !is_signed_by(&first, &first)) {
            remarks.push(ChainRemark::Alone);
        }
        if certificates != found {
            remarks.push(ChainRemark::Sorted);
        }
        let passed = Passed::of(pem);
        if passed != Passed::default() {
            remarks.push(ChainRemark::Passed { read, passed });
        }
        Ok(Self {
            certificates,
            remarks,
        })
    }

    /// When the first certificate expires, counted from 1970; `None` when it does not say so in a
    /// way that we can read.
    pub(crate) fn expires(&self) -> Option<Duration> {
        let certificate = Certificate::from_der(self.certificates.first()?).ok()?;
        let validity = certificate.tbs_certificate().validity();
        Some(validity.not_after.to_unix_duration())
    }
}

/// The certificate that belongs to the key, whoever signed it, whoever signed that one; then those
/// that have no place, as they came.
fn sorted(
    mut found: Vec<CertificateDer<'static>>,
    is_ours: impl Fn(&CertificateDer<'static>) -> bool,
) -> Vec<CertificateDer<'static>> {
    // Without one of ours the file is wrong, and is said to be.
    let mut next = found.iter().position(is_ours);
    let mut chain: Vec<CertificateDer<'static>> = Vec::with_capacity(found.len());
    while let Some(at) = next {
        let this = found.remove(at);
        next = Certificate::from_der(&this).ok().and_then(|this| {
            found.iter().position(|other| {
                Certificate::from_der(other).is_ok_and(|other| is_signed_by(&this, &other))
            })
        });
        chain.push(this);
    }
    chain.extend(found);
    chain
}

/// By the names: who checks signatures is the client.
fn is_signed_by(certificate: &Certificate, by: &Certificate) -> bool {
    let issuer = certificate.tbs_certificate().issuer().to_der();
    let subject = by.tbs_certificate().subject().to_der();
    matches!((issuer, subject), (Ok(issuer), Ok(subject)) if issuer == subject)
}

fn is_authority(certificate: &Certificate) -> bool {
    let constraints = certificate
        .tbs_certificate()
        .get_extension::<BasicConstraints>();
    constraints.is_ok_and(|found| found.is_some_and(|(_, constraints)| constraints.ca))
}

impl fmt::Display for ChainRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority => f.write_str(
                "the certificate is a CA certificate (CA:TRUE), as `openssl req -x509` creates: many clients reject it as a server certificate; \
                 recreate it with `-addext basicConstraints=critical,CA:FALSE`",
            ),
            Self::Alone => f.write_str(
                "the file holds only the relay's certificate, without the intermediate that signed it: clients that do not have the intermediate \
                 reject the relay; append it to the file (certbot's fullchain.pem), unless your own authority signed the certificate directly",
            ),
            Self::Sorted => f.write_str(
                "the certificates in the file are not in the order that TLS requires and were sorted: put the relay's own first, then its issuer",
            ),
            Self::Passed { read, passed } => write!(
                f,
                "certificates read from the file: {read}; skipped: {passed}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    /// A root, whom it let sign, and a server's certificate, as PEM; the last one's key comes first.
    fn three() -> [String; 3] {
        let authority = |name: &str| {
            let mut params = CertificateParams::new([]).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params
        };
        let (root_key, middle_key, key) = (key(), key(), key());
        let root = authority("root").self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(authority("root"), root_key);
        let middle = authority("middle");
        let middle_pem = middle.signed_by(&middle_key, &root_issuer).unwrap().pem();
        let middle_issuer = Issuer::new(middle, middle_key);
        let leaf = CertificateParams::new(["relay.test".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &middle_issuer).unwrap().pem();
        [leaf, middle_pem, root.pem()]
    }

    fn key() -> KeyPair {
        KeyPair::generate().unwrap()
    }

    fn first(pem: &str) -> CertificateDer<'static> {
        pem::certificates(pem.as_bytes()).unwrap().remove(0)
    }

    #[test]
    fn any_order_becomes_the_one_that_is_sent() {
        let pems = three();
        let ours = pems.each_ref().map(|pem| first(pem));
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let file: String = order.map(|at| pems[at].as_str()).concat();
            let chain = Chain::read(file.as_bytes(), |der| *der == ours[0]).unwrap();
            assert_eq!(chain.certificates, ours, "{order:?}");
            let expected = if order == [0, 1, 2] {
                vec![]
            } else {
                vec![ChainRemark::Sorted]
            };
            assert_eq!(chain.remarks, expected, "{order:?}");
        }
    }

    #[test]
    fn a_leaf_alone_and_an_authoritys_certificate_are_remarked_on() {
        let [leaf, _, root] = three();
        let remarks = |pem: &str| Chain::read(pem.as_bytes(), |_| true).unwrap().remarks;
        assert_eq!(remarks(&leaf), [ChainRemark::Alone]);
        assert_eq!(remarks(&root), [ChainRemark::Authority]);
        let own = rcgen::generate_simple_self_signed(["relay.test".to_owned()]).unwrap();
        assert_eq!(remarks(&own.cert.pem()), []);
    }

    #[test]
    fn what_is_no_certificate_is_told_by_kind_and_not_by_content() {
        let [leaf, middle, _] = three();
        let key = key().serialize_pem();
        let file = format!("subject=CN relay\n\n# mine\n{leaf}{key} {middle}");
        let chain = Chain::read(file.as_bytes(), |_| true).unwrap();
        let said: Vec<String> = chain.remarks.iter().map(ToString::to_string).collect();
        let said = said.join("\n");
        assert!(said.contains("read from the file: 1;"), "{said}");
        assert!(said.contains("PRIVATE KEY"), "{said}");
        assert!(said.contains("1 damaged BEGIN lines"), "{said}");
        assert!(!said.contains("CN relay"), "{said}");
        assert!(!said.contains(key.lines().nth(1).unwrap()), "{said}");
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), ours in any::<bool>()) {
            let _ = Chain::read(&bytes, |_| ours);
        }
    }
}
