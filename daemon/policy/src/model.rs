//! What the exports say, typed: a file for each object of Graph. Member names are Graph's.

mod access;
mod canonical;
mod fido2;
mod groups;
mod method;
mod methods;
mod pass;
mod profile;
mod strength;
mod target;
mod user_methods;

pub(crate) use access::REGISTER_SECURITY_INFO;
pub use access::{AccessPolicy, AccessState, AppScope, Control, GrantControls, UserScope};
pub(crate) use fido2::DEFAULT_PROFILE;
pub use fido2::{Fido2, Generation};
pub use groups::Groups;
pub(crate) use groups::Memberships;
pub(crate) use method::MethodKind;
pub use methods::{Campaign, MethodsPolicy, OtherMethod};
pub use pass::{PassPolicy, UserPass};
pub use profile::{AttestationRule, KeyRestrictions, ListKind, PasskeyKinds, PasskeyProfile};
pub use strength::{FidoConfiguration, Strength};
pub use target::{PolicyTarget, TargetId, TargetKind};
pub(crate) use user_methods::Listed;
pub use user_methods::{RegisteredMethod, RegisteredPasskey, UserMethods};
