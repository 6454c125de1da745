//! The certificates of a statement, from the one that signed it upwards.

use crate::certificate::Certified;
use crate::flaw::Flaw;
use hybrid_protocol::cbor::{self, Value};
use x509_cert::ext::pkix::BasicConstraints;

/// No maker's chain is longer.
const MOST: usize = 8;

/// At least one certificate.
pub(crate) struct Chain {
    first: Certified,
    others: Vec<Certified>,
}

impl Chain {
    /// `x5c` of a statement, read; `None` when it has none.
    pub(crate) fn read(statement: &[(Value, Value)]) -> Result<Option<Self>, Flaw> {
        let Some(list) = cbor::text_entry(statement, "x5c") else {
            return Ok(None);
        };
        let malformed = || Flaw::Malformed("the statement's list of certificates (x5c)");
        let list = list.as_array().ok_or_else(malformed)?;
        if !(1..=MOST).contains(&list.len()) {
            return Err(malformed());
        }
        let mut all = Vec::with_capacity(list.len());
        for item in list {
            all.push(Certified::read(item.as_bytes().ok_or_else(malformed)?)?);
        }
        let mut all = all.into_iter();
        let first = all.next().ok_or_else(malformed)?;
        let others = all.collect();
        Ok(Some(Self { first, others }))
    }

    /// The certificate whose key signed the statement.
    pub(crate) const fn first(&self) -> &Certified {
        &self.first
    }

    pub(crate) fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// All of them, the signer's first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Certified> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Each is issued by the next, and all but the first are of authorities.
    pub(crate) fn verify(&self) -> Result<(), Flaw> {
        self.all().try_for_each(Certified::check_critical)?;
        for ((below, above), authorities) in self.all().zip(&self.others).zip(0..) {
            let constraints = above.constraints()?.filter(|constraints| constraints.ca);
            let Some(constraints) = constraints else {
                return Err(Flaw::Certificate(
                    "a certificate is issued by one that is no authority's",
                ));
            };
            check_depth(&constraints, authorities)?;
            above.check_signs_certificates()?;
            below.is_issued_by(above)?;
        }
        Ok(())
    }

    /// Whether it ends in this root: the root is one of its certificates, or issued one of them.
    ///
    /// # Errors
    /// [`Flaw`] when the root issued one of them, and permits no such chain.
    pub(crate) fn ends_in(&self, root: &Certified) -> Result<bool, Flaw> {
        if self
            .all()
            .any(|certificate| certificate.der() == root.der())
        {
            return Ok(true);
        }
        // Old roots say nothing about it, and whoever lists them vouches for them.
        let constraints = root.constraints()?;
        if constraints
            .as_ref()
            .is_some_and(|constraints| !constraints.ca)
        {
            return Ok(false);
        }
        let issued = self
            .all()
            .position(|certificate| certificate.is_issued_by(root).is_ok());
        let Some(authorities) = issued else {
            return Ok(false);
        };
        root.check_critical()?;
        root.check_signs_certificates()?;
        if let Some(constraints) = constraints {
            check_depth(&constraints, authorities)?;
        }
        Ok(true)
    }
}

/// No more authorities stand below one than it permits (RFC 5280 section 4.2.1.9).
fn check_depth(constraints: &BasicConstraints, authorities: usize) -> Result<(), Flaw> {
    let most = constraints.path_len_constraint.map(usize::from);
    if most.is_some_and(|most| authorities > most) {
        return Err(Flaw::Certificate(
            "more authorities stand below one than it permits",
        ));
    }
    Ok(())
}
