//! Linking: what a phone offers to be remembered by, and what a desktop sends to reach it again.

use crate::id::LinkId;

/// What the kind of operation is called in a QR code and in a client payload.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Hint {
    /// `ga`: authenticatorGetAssertion, a sign-in.
    SignIn,
    /// `mc`: authenticatorMakeCredential, a registration.
    Register,
    /// `dcp`: presentation of a digital credential. Never sent by a desktop that speaks CTAP alone.
    Present,
    /// `dci`: issuance of a digital credential.
    Issue,
}

impl Hint {
    /// The text on the wire.
    pub const fn text(self) -> &'static str {
        match self {
            Self::SignIn => "ga",
            Self::Register => "mc",
            Self::Present => "dcp",
            Self::Issue => "dci",
        }
    }

    /// Reads the text on the wire; `None` when it is unknown.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::SignIn, Self::Register, Self::Present, Self::Issue].into_iter().find(|hint| hint.text() == text)
    }
}

/// What a linked phone is told through the relay (wire.md section 8, step 2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientPayload {
    /// Which link is meant.
    pub link_id: LinkId,
    /// Salt of this transaction's advert key.
    pub nonce: [u8; 16],
    /// What the phone will be asked for.
    pub hint: Hint,
}

impl ClientPayload {
    /// CBOR `{1: link id, 2: nonce, 3: hint}` in upper-case hex, for the request header.
    pub fn header_value(&self) -> String {
        use crate::cbor::{Value, write};
        let map = Value::Map(vec![
            (Value::from(1), Value::Bytes(self.link_id.as_bytes().to_vec())),
            (Value::from(2), Value::Bytes(self.nonce.to_vec())),
            (Value::from(3), Value::from(self.hint.text())),
        ]);
        hex::encode_upper(write(&map))
    }
}
