//! Whom a session tells.

use hybrid_diagnosis::timeline::TimelineEntry;
use hybrid_protocol::QrText;
use hybrid_webauthn::{GetInfo, ReplyError};

/// Where a session shows itself.
pub trait Ui {
    /// What comes of a phone's reply: [`Request::Response`](super::Request::Response).
    type Response;

    /// A code to show; it replaces the one before.
    fn code(&mut self, text: &QrText);
    /// Something happened.
    fn entry(&mut self, entry: &TimelineEntry);
    /// The phone replied: the response for whoever asked, or why there is none. Told at once,
    /// before the session is wound up.
    fn replied(&mut self, response: Result<Self::Response, ReplyError>);
    /// The phone is there, and says what it is.
    fn greeted(&mut self, phone: &GetInfo) {
        let _ = phone;
    }
    /// It failed, and the person may ask for a new code.
    fn offer_new_code(&mut self) {}
}
