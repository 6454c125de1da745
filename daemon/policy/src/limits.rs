//! The numbers of this crate: its own bounds, and Microsoft's limits with their names.

/// A single export that is larger is refused; real ones stay far below.
pub const MAX_FILE: usize = 16 << 20;
/// So many files are read at once.
pub const MAX_FILES: usize = 64;
/// So many doubts about one file are told; the rest are counted.
pub const MAX_DOUBTS: usize = 50;
/// An export that is older makes nothing certain.
pub const FRESH_DAYS: i64 = 7;
/// Multi-factor authentication must be younger than this when a passkey is added.
pub const MFA_MINUTES: i64 = 5;
/// After signing in with a one-time pass, registration must be finished in this time.
pub const ONE_TIME_PASS_MINUTES: i64 = 10;
/// Microsoft takes the Metadata Service over once a month, up to four weeks late.
pub const METADATA_INGEST_DAYS: i64 = 28;
/// Profiles that a tenant may have, the default one included.
pub const MAX_PROFILES: usize = 3;
/// The size of the policy that the service stores.
pub const MAX_POLICY_BYTES: usize = 20 << 10;
/// With more passkeys than this, iPhones may fail to sign in.
pub const PASSKEYS_THAT_SIGN_IN: usize = 3;
/// Microsoft's recommendation for one user.
pub const PASSKEYS_RECOMMENDED: usize = 20;
