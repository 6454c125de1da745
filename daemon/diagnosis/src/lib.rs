//! Why a cross-device sign-in hangs: from what was seen to the cause, what it means and what to do.
//!
//! Pure data and rules, without IO: a [`timeline`] of what happened and the results of [`check`]s
//! go into [`explain`], and findings of the
//! [`catalogue`] come out. [`chromium_log`] does the same for what another desktop wrote;
//! [`lookup`] finds what a person asks for; [`wording`] says in words what happens.

mod bounded_lines;
pub mod catalogue;
pub mod check;
pub mod chromium_log;
pub mod explain;
pub mod finding;
pub mod lookup;
pub mod observation;
mod plain_text;
pub mod timeline;
pub mod wording;
