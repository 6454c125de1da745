//! Whole sessions in virtual time: every stage with success, silence, wrong input and cancel.

mod linked;
mod pair;
mod qr;
