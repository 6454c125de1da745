//! Whether an organisation's Microsoft Entra policy accepts a passkey, judged from exports alone.
//!
//! A library without IO: bytes of files, facts about a passkey and the time come in, verdicts come
//! out. It asks no server, knows no secret, and says of everything what it rests on.
//!
//! | question | answer |
//! | --- | --- |
//! | will this passkey be accepted, and where is it asked for? | [`check`], [`check_files`] |
//! | what is odd about these exports? | [`lint`] |
//! | what does this change do, and who is locked out? | [`diff`] |
//! | who may register what? | [`assignments`] |
//! | how do I get the exports? | [`how_to_export`] |
//! | how does a person decide? | [`Topic`] |
//!
//! Two layers are never mixed: capability (the authentication methods policy: may it be used at all)
//! and enforcement (Conditional Access: where is it asked for, and is it enough there). What an
//! export leaves out is unknown and never false. A model (AAGUID) without attestation is a claim.
//!
//! # Example
//! ```
//! use hybrid_policy::{Admission, ExportFile, Inquiry, Moment, Occasion, Way, check_files};
//!
//! let export = br#"{"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
//!     "excludeTargets": [], "includeTargets": [{"targetType": "group", "id": "all_users",
//!         "allowedPasskeyProfiles": ["00000000-0000-0000-0000-000000000001"]}],
//!     "passkeyProfiles": [{"id": "00000000-0000-0000-0000-000000000001", "name": "Default",
//!         "passkeyTypes": "deviceBound", "attestationEnforcement": "registrationOnly",
//!         "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []}}]}"#;
//! let file = ExportFile { name: "fido2.json", bytes: export, written: None };
//! let inquiry = Inquiry::new(Occasion::BeforeRegistration, Way::Qr, Moment(1_790_000_000));
//!
//! let judgement = check_files(&[file], &inquiry);
//! assert_eq!(judgement.outcome(), Admission::Refused);
//! let ruling = judgement.find("PK050").expect("attestation rules QR codes out");
//! assert!(ruling.flip.contains("fido2.json#/passkeyProfiles/0/attestationEnforcement"));
//! ```
//!
//! From hybrid-webauthn's decoded response to [`PasskeyFacts`]: the AAGUID and the flags BE and UV
//! of the authenticator data, and the attestation's format, go over as they are.

mod admission;
mod assignment;
mod bootstrap;
mod capability;
pub mod catalogue;
mod check;
mod confidence;
mod diff;
mod doubt;
mod enforcement;
mod export_kind;
mod exports;
mod fact;
mod given;
mod guid;
mod holder;
mod how_to_export;
mod import;
mod inquiry;
mod json_node;
mod judgement;
pub mod limits;
mod lint;
pub mod model;
mod model_name;
mod moment;
mod outlook;
mod passkey;
mod pointer;
mod premise;
mod provider;
mod ruling;
mod topics;
mod truth;

pub use admission::Admission;
pub use assignment::{Assignment, ModelNames, assignments};
pub use check::{check, check_files};
pub use confidence::Confidence;
pub use diff::{AccessChange, Change, Difference, PasskeyChange, PopulationChange, diff};
pub use doubt::{Doubt, Why};
pub use enforcement::Requirement;
pub use export_kind::ExportKind;
pub use exports::{Cloud, Exports};
pub use fact::Fact;
pub use given::Given;
pub use guid::{Guid, parse_aaguid};
pub use holder::{DeviceFacts, Holder, PhoneSystem};
pub use how_to_export::how_to_export;
pub use hybrid_protocol::ctap::Aaguid;
pub use import::{ExportFile, ImportError, ImportFault, holds_secret, read};
pub use inquiry::{Client, Conveyance, ENTRA_HOSTS, ENTRA_SITE, Inquiry, Occasion, Site, Way};
pub use judgement::Judgement;
pub use lint::lint;
pub use model::Groups;
pub use moment::Moment;
pub use outlook::{Outlook, outlook};
pub use passkey::{AttestationFacts, ChainFacts, MetadataFacts, PasskeyFacts, Transport};
pub use pointer::Pointer;
pub use ruling::{Effect, Ruling};
pub use topics::{TOPICS, Topic};
pub use truth::{Held, Lack, Truth};
