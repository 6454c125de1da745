//! What was found in an input: the pieces, before anything is made of them.

use hybrid_policy::parse_aaguid;
use hybrid_protocol::ctap::Aaguid;
use hybrid_webauthn::OptionsKind;
use serde_json::{Map, Value};

/// One thing that can be inspected.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Material {
    /// A response with an attestation object, or that alone.
    Registration(ResponseParts),
    /// A response with a signature, or authenticator data alone.
    SignIn(ResponseParts),
    /// What a site asks for.
    Options(OptionsKind, Map<String, Value>),
    /// What a directory keeps of a passkey.
    Record(Map<String, Value>),
    /// Client data alone.
    ClientData(Vec<u8>),
    /// A model's id alone.
    Model(Aaguid),
}

/// The bytes of a response, and what its JSON says beside them.
#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct ResponseParts {
    pub(crate) attestation_object: Option<Vec<u8>>,
    pub(crate) authenticator_data: Option<Vec<u8>>,
    pub(crate) client_data: Option<Vec<u8>>,
    pub(crate) signature: Option<Vec<u8>>,
    /// They come from a CTAP reply that has a member twice.
    pub(crate) doubled: bool,
    /// The outer object.
    pub(crate) outer: Map<String, Value>,
    /// Its member `response`, or the outer object where everything stands in one.
    pub(crate) inner: Map<String, Value>,
}

/// The names by which records of passkeys give the model.
const MODEL_NAMES: [&str; 2] = ["aaguid", "authenticatoraaguid"];

/// A member, whatever the case of its name: PowerShell writes some in capitals.
pub(crate) fn member<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let found = members.get(name).or_else(|| {
        let mut all = members.iter();
        all.find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    });
    found.filter(|value| !value.is_null())
}

impl Material {
    /// What an object is, if it is anything.
    pub(crate) fn of_object(members: &Map<String, Value>) -> Option<Self> {
        let inner = member(members, "response").and_then(Value::as_object);
        let inner = inner.unwrap_or(members);
        if member(inner, "attestationObject").is_some() {
            return Some(Self::Registration(ResponseParts::read(members, inner)));
        }
        if member(inner, "authenticatorData").is_some() {
            return Some(Self::SignIn(ResponseParts::read(members, inner)));
        }
        let has = |name| member(members, name).is_some();
        let kind = if has("pubKeyCredParams") || (has("rp") && has("user")) {
            Some(OptionsKind::Registration)
        } else if has("challenge") && (has("rpId") || has("allowCredentials") || has("timeout")) {
            Some(OptionsKind::SignIn)
        } else {
            None
        };
        if let Some(kind) = kind {
            return Some(Self::Options(kind, members.clone()));
        }
        model(members).map(|_| Self::Record(members.clone()))
    }
}

/// The model that a record names; the text is whatever stands there.
pub(crate) fn model(record: &Map<String, Value>) -> Option<(&str, Option<Aaguid>)> {
    let text = { MODEL_NAMES.iter() }.find_map(|name| member(record, name)?.as_str())?;
    Some((text, parse_aaguid(text)))
}

impl ResponseParts {
    fn read(outer: &Map<String, Value>, inner: &Map<String, Value>) -> Self {
        let bytes = |name| member(inner, name).and_then(crate::octets::of_json);
        Self {
            attestation_object: bytes("attestationObject"),
            authenticator_data: bytes("authenticatorData"),
            client_data: bytes("clientDataJSON"),
            signature: bytes("signature"),
            doubled: false,
            outer: outer.clone(),
            inner: inner.clone(),
        }
    }
}
