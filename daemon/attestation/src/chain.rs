//! The certificates of a statement, from the one that signed it upwards.

use crate::certificate::Certified;
use crate::flaw::Flaw;
use hybrid_protocol::cbor::{self, Value};

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
        for ((below, above), authorities) in self.all().zip(&self.others).zip(0..) {
            let constraints = above.constraints()?.filter(|constraints| constraints.ca);
            let Some(constraints) = constraints else {
                return Err(Flaw::Certificate(
                    "a certificate is issued by one that is no authority's",
                ));
            };
            let most = constraints
                .path_len_constraint
                .map_or(usize::MAX, usize::from);
            if authorities > most {
                return Err(Flaw::Certificate(
                    "more authorities stand below one than it permits",
                ));
            }
            below.is_issued_by(above)?;
        }
        Ok(())
    }

    /// Whether it ends in this root: the root is one of its certificates, or issued one of them.
    pub(crate) fn ends_in(&self, root: &Certified) -> bool {
        // Old roots say nothing about it, and whoever lists them vouches for them.
        let issues = root
            .constraints()
            .is_ok_and(|constraints| constraints.is_none_or(|constraints| constraints.ca));
        self.all().any(|certificate| {
            certificate.der() == root.der() || (issues && certificate.is_issued_by(root).is_ok())
        })
    }
}
