//! Whom a session tells.

use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_protocol::QrText;
use hybrid_webauthn::ReplyError;
use serde_json::Value;

/// Where a session shows itself.
pub trait Ui {
    /// A code to show; it replaces the one before.
    fn code(&mut self, text: &QrText);
    /// Something happened.
    fn entry(&mut self, entry: &TimelineEntry);
    /// The phone replied: the response for the site, or why there is none. Told at once, before the
    /// session is wound up.
    fn replied(&mut self, response: Result<Value, ReplyError>);
    /// It failed, and the person may ask for a new code.
    fn offer_new_code(&mut self) {}
}
