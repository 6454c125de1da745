//! What a passkey is, and who vouches for it. A library without IO: bytes, metadata and the time come
//! in, what was found out comes back.
//!
//! | question | answer |
//! | --- | --- |
//! | what is this response, these options, this record, this pasted field? | [`Inspection::of`] |
//! | are these metadata the FIDO Alliance's? | [`Metadata::read`] |
//! | what does it say that a policy can be asked about? | [`Evidence::of`] |
//! | is this attestation statement what it claims to be? | [`verify_attestation`] |
//!
//! Attestation is verified here, on x509-cert and ring: `packed` (with certificates or without),
//! `fido-u2f`, `apple`, `android-key`, `tpm` and `none`. Roots come from metadata that a person
//! imports, and from nowhere else. A model (AAGUID) is *attested* when a verified statement ends in a
//! root that the metadata list for it, and *claimed* otherwise.
//!
//! # Example
//! ```
//! use hybrid_attestation::Inspection;
//!
//! let pasted = b"de1e552d-db1d-4423-a619-566b625cdc84";
//! let inspection = Inspection::of(pasted, None, 1_796_000_000)?;
//! assert!(inspection.to_string().contains("Microsoft Authenticator on Android"));
//! assert!(inspection.to_string().contains("claimed"));
//! # Ok::<(), hybrid_attestation::IntakeError>(())
//! ```

mod certificate;
mod chain;
mod date;
mod doubled;
mod evidence;
mod fitness;
mod flaw;
pub mod hazmat;
mod inspection;
mod intake;
mod key;
mod material;
mod metadata;
mod object;
mod octets;
mod scheme;
mod sheet;
mod statement;
mod tlv;
mod verification;
mod views;

pub use date::Date;
pub use evidence::{Evidence, NoEvidence};
pub use flaw::Flaw;
pub use inspection::Inspection;
pub use intake::{IntakeError, LONGEST as LONGEST_INPUT};
pub use metadata::{Metadata, MetadataEntry, MetadataError};
pub use sheet::Sheet;
pub use verification::{Vouched, verify_assertion, verify_attestation};
