//! How a phone waits at a relay to be contacted: `/cable/listen/<contact id>`. Ours; outside the
//! specification.
//!
//! The contact id **is** a public key (P-256, 33 bytes compressed), so nobody can listen under a
//! phone's contact id, or revoke it, without the private half. All messages are binary and
//! canonical CBOR:
//!
//! ```text
//! relay -> phone  {1: challenge, 32 random bytes}
//! phone -> relay  {1: "listen" or "revoke", 2: signature, 64 bytes}
//! relay -> phone  {}                                  the proof was good; for "revoke" a close 1000 follows
//! relay -> phone  {1: tunnel id, 2: routing id, 3: client payload}      one for each contact
//! ```
//!
//! The signature is ECDSA with SHA-256, r ‖ s, over `hybrid relay listen` or `hybrid relay revoke`,
//! a zero byte and the challenge. The challenge is fresh for every connection and answered once, so
//! a recorded proof is worthless; the word is signed, so a proof for one request is none for the
//! other. A relay could pass another relay's challenge on to a phone: a phone therefore has one key
//! for each relay, and uses it for nothing else.

use crate::cbor::{self, Value};
use crate::id::{ContactId, RoutingId, TunnelId};
use crate::key::{BadScalar, PrivateKey};
use crate::link::{BadPayload, ClientPayload};
use crate::secret::Secret;
use core::fmt;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};

/// A phone's key for one relay; its public half is the contact id that linked desktops are given.
#[derive(Clone)]
pub struct ContactKey(PrivateKey);

impl ContactKey {
    /// Takes 32 random bytes.
    ///
    /// # Errors
    /// [`BadScalar`] as for [`PrivateKey::new`]: draw again.
    pub fn new(bytes: &Secret<32>) -> Result<Self, BadScalar> {
        PrivateKey::new(bytes).map(Self)
    }

    /// The contact id under which this phone can be reached.
    pub fn contact_id(&self) -> ContactId {
        ContactId::from_key(&self.0.public())
    }

    /// The message that proves the request to the relay that sent this challenge.
    pub fn prove(&self, challenge: &Challenge, request: ContactRequest) -> Vec<u8> {
        let signature: Signature =
            SigningKey::from(self.0.scalar()).sign(&signed(challenge, request));
        cbor::write(&Value::Map(vec![
            (Value::from(1), Value::from(request.text())),
            (Value::from(2), Value::Bytes(signature.to_bytes().to_vec())),
        ]))
    }
}

/// What somebody who holds a contact key wants of its relay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContactRequest {
    /// To be told of contacts.
    Listen,
    /// That the contact id is dead for good: desktops are answered 410 and forget the link.
    Revoke,
}

impl ContactRequest {
    const fn text(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Revoke => "revoke",
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        [Self::Listen, Self::Revoke]
            .into_iter()
            .find(|request| request.text() == text)
    }
}

/// What a relay asks to be signed; drawn anew for every connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Challenge([u8; Self::LEN]);

impl Challenge {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Takes random bytes.
    pub const fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The relay's first message.
    pub fn write(&self) -> Vec<u8> {
        cbor::write(&Value::Map(vec![(
            Value::from(1),
            Value::Bytes(self.0.to_vec()),
        )]))
    }
}

/// The longest proof, for a relay that bounds what it reads.
pub const MAX_PROOF: usize = 80;

/// Checks a phone's answer to a challenge.
///
/// # Errors
/// [`BadProof`] when it is not in the form above, or not signed by this contact id for this
/// challenge.
pub fn verify(
    proof: &[u8],
    contact: &ContactId,
    challenge: &Challenge,
) -> Result<ContactRequest, BadProof> {
    let Ok(Value::Map(map)) = cbor::read(proof) else {
        return Err(BadProof);
    };
    let request =
        { cbor::entry(&map, 1).and_then(Value::as_text) }.and_then(ContactRequest::from_text);
    let request = request.ok_or(BadProof)?;
    let signature = { cbor::entry(&map, 2).and_then(Value::as_bytes) }.ok_or(BadProof)?;
    let signature = Signature::from_slice(signature).map_err(|_| BadProof)?;
    let key = contact.key().ok_or(BadProof)?;
    VerifyingKey::from(key.point())
        .verify(&signed(challenge, request), &signature)
        .map_err(|_| BadProof)?;
    Ok(request)
}

/// The message that a proof was good.
pub fn accepted() -> Vec<u8> {
    cbor::write(&Value::Map(Vec::new()))
}

/// The message that a desktop wants the phone; `payload` is passed on as the desktop sent it.
pub fn contact(tunnel: TunnelId, routing: RoutingId, payload: &[u8]) -> Vec<u8> {
    cbor::write(&Value::Map(vec![
        (Value::from(1), Value::Bytes(tunnel.as_bytes().to_vec())),
        (Value::from(2), Value::Bytes(routing.as_bytes().to_vec())),
        (Value::from(3), Value::Bytes(payload.to_vec())),
    ]))
}

/// How a relay told this phone that a linked desktop wants it.
pub struct Contact {
    /// The tunnel that the relay made up.
    pub tunnel: TunnelId,
    /// Where it waits.
    pub routing: RoutingId,
    /// What the desktop said.
    pub payload: ClientPayload,
}

/// The phone's side of one connection to `/cable/listen`, without IO.
///
/// ```
/// use hybrid_protocol::contact::{self, Challenge, ContactKey, ListenEvent, Listener, ContactRequest};
/// use hybrid_protocol::Secret;
///
/// let key = ContactKey::new(&Secret::new([1; 32]))?;
/// let (contact_id, challenge) = (key.contact_id(), Challenge::new([2; 32]));
/// let mut listener = Listener::new(key, ContactRequest::Listen);
/// let Ok(ListenEvent::Answer(proof)) = listener.handle_message(&challenge.write()) else { panic!() };
/// assert_eq!(contact::verify(&proof, &contact_id, &challenge), Ok(ContactRequest::Listen));
/// assert!(matches!(listener.handle_message(&contact::accepted()), Ok(ListenEvent::Accepted)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Listener {
    key: ContactKey,
    request: ContactRequest,
    stage: Expecting,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expecting {
    Challenge,
    Verdict,
    Contact,
}

/// What a message of the relay means to a listening phone.
#[non_exhaustive]
pub enum ListenEvent {
    /// Send this to the relay.
    Answer(Vec<u8>),
    /// The relay knows us: contacts may come. For [`ContactRequest::Revoke`]: it is done.
    Accepted,
    /// A desktop wants us.
    Contact(Contact),
}

impl Listener {
    /// Begins when the relay has answered the upgrade.
    pub const fn new(key: ContactKey, request: ContactRequest) -> Self {
        Self {
            key,
            request,
            stage: Expecting::Challenge,
        }
    }

    /// Takes a binary message of the relay.
    ///
    /// # Errors
    /// [`BadMessage`] when it is not what comes next: close with 1002. A bad *payload* is the
    /// desktop's fault and ends nothing: drop that contact.
    pub fn handle_message(&mut self, message: &[u8]) -> Result<ListenEvent, BadMessage> {
        let Ok(Value::Map(map)) = cbor::read(message) else {
            return Err(BadMessage::Form);
        };
        let bytes = |key| {
            let value = cbor::entry(&map, key).and_then(Value::as_bytes);
            value.map(Vec::as_slice).ok_or(BadMessage::Form)
        };
        match self.stage {
            Expecting::Challenge => {
                let challenge = Challenge(bytes(1)?.try_into().map_err(|_| BadMessage::Form)?);
                self.stage = Expecting::Verdict;
                Ok(ListenEvent::Answer(
                    self.key.prove(&challenge, self.request),
                ))
            }
            Expecting::Verdict => {
                self.stage = Expecting::Contact;
                Ok(ListenEvent::Accepted)
            }
            Expecting::Contact => Ok(ListenEvent::Contact(Contact {
                tunnel: TunnelId::new(bytes(1)?.try_into().map_err(|_| BadMessage::Form)?),
                routing: RoutingId::new(bytes(2)?.try_into().map_err(|_| BadMessage::Form)?),
                payload: ClientPayload::read(bytes(3)?).map_err(BadMessage::Payload)?,
            })),
        }
    }
}

/// A message that is not a proof for this contact id and challenge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadProof;

impl fmt::Display for BadProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the contact id was not proven to be the phone's own")
    }
}

impl core::error::Error for BadProof {}

/// A message of the relay that a listening phone cannot use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BadMessage {
    /// It is not what comes next.
    Form,
    /// A contact whose client payload is none.
    Payload(BadPayload),
}

impl fmt::Display for BadMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("the relay's message is not the one that comes next"),
            Self::Payload(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for BadMessage {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Payload(error) => Some(error),
            Self::Form => None,
        }
    }
}

fn signed(challenge: &Challenge, request: ContactRequest) -> Vec<u8> {
    [
        "hybrid relay ".as_bytes(),
        request.text().as_bytes(),
        &[0],
        &challenge.0,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::LinkId;
    use crate::link::Hint;
    use proptest::prelude::*;

    fn key(n: u8) -> ContactKey {
        ContactKey::new(&Secret::new([n; 32])).unwrap()
    }

    #[test]
    fn a_proof_is_good_for_its_key_its_challenge_and_its_wish_alone() {
        let challenge = Challenge::new([9; 32]);
        let proof = key(1).prove(&challenge, ContactRequest::Listen);
        assert!(proof.len() <= MAX_PROOF);
        assert_eq!(
            verify(&proof, &key(1).contact_id(), &challenge),
            Ok(ContactRequest::Listen)
        );
        assert_eq!(
            verify(&proof, &key(2).contact_id(), &challenge),
            Err(BadProof)
        );
        assert_eq!(
            verify(&proof, &key(1).contact_id(), &Challenge::new([8; 32])),
            Err(BadProof)
        );
        let Ok(Value::Map(mut map)) = cbor::read(&proof) else {
            panic!("not a map")
        };
        map[0].1 = Value::from("revoke");
        let forged = cbor::write(&Value::Map(map));
        assert_eq!(
            verify(&forged, &key(1).contact_id(), &challenge),
            Err(BadProof)
        );
    }

    #[test]
    fn a_contact_id_that_is_no_key_cannot_be_proven() {
        let challenge = Challenge::new([9; 32]);
        let proof = key(1).prove(&challenge, ContactRequest::Listen);
        for id in [vec![1], vec![0; 33], vec![5; 33], [2; 33].to_vec()] {
            let id = ContactId::new(id).unwrap();
            assert_eq!(verify(&proof, &id, &challenge), Err(BadProof));
        }
    }

    #[test]
    fn a_listener_answers_once_and_then_hears_contacts() {
        let mut listener = Listener::new(key(1), ContactRequest::Listen);
        let challenge = Challenge::new([7; 32]).write();
        assert!(matches!(
            listener.handle_message(&challenge),
            Ok(ListenEvent::Answer(_))
        ));
        assert!(matches!(
            listener.handle_message(&accepted()),
            Ok(ListenEvent::Accepted)
        ));
        assert!(matches!(
            listener.handle_message(&challenge),
            Err(BadMessage::Form)
        ));
        let payload = ClientPayload {
            link_id: LinkId::new([1; 8]),
            nonce: [2; 16],
            hint: Hint::SignIn,
        };
        let message = contact(
            TunnelId::new([3; 16]),
            RoutingId::new([4; 3]),
            &payload.write(),
        );
        let Ok(ListenEvent::Contact(heard)) = listener.handle_message(&message) else {
            panic!("no contact")
        };
        assert_eq!(heard.tunnel, TunnelId::new([3; 16]));
        assert_eq!(heard.routing, RoutingId::new([4; 3]));
        assert_eq!(heard.payload, payload);
        let message = contact(
            TunnelId::new([3; 16]),
            RoutingId::new([4; 3]),
            b"no payload",
        );
        assert!(matches!(
            listener.handle_message(&message),
            Err(BadMessage::Payload(_))
        ));
    }

    proptest! {
        #[test]
        fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = verify(&bytes, &key(1).contact_id(), &Challenge::new([0; 32]));
            for begun in 0..3 {
                let mut listener = Listener::new(key(1), ContactRequest::Listen);
                for first in [Challenge::new([7; 32]).write(), accepted()].iter().take(begun) {
                    let _ = listener.handle_message(first);
                }
                let _ = listener.handle_message(&bytes);
            }
        }
    }
}
