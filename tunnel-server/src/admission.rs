//! Who is let in: the limits, whom they count for, and the refusals.

pub(crate) mod address;
pub(crate) mod limits;
pub(crate) mod pending;
pub(crate) mod refusal;
pub(crate) mod shrink;
