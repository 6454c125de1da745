//! Two connections carried with back-pressure, from waiting to goodbye.

pub(crate) mod closing;
pub(crate) mod endpoint;
pub(crate) mod lifecycle;
pub(crate) mod ticker;
