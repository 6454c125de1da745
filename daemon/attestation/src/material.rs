//! What was found in an input: the pieces, before anything is made of them.

use crate::object::AttestationObject;
use crate::octets;
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

/// A member, however its name is written.
pub(crate) fn member<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let found = members.get(name).or_else(|| {
        let mut all = members.iter();
        all.find(|(known, _)| is_name(known, name))
            .map(|(_, value)| value)
    });
    found.filter(|value| !value.is_null())
}

/// Whether this is the name, as another language writes it: PowerShell with capitals, Python and Rust
/// with underscores (`client_data_json`).
pub(crate) fn is_name(written: &str, name: &str) -> bool {
    let letters = written.bytes().filter(|byte| !b"_-".contains(byte));
    letters
        .map(|byte| byte.to_ascii_lowercase())
        .eq(name.bytes().map(|byte| byte.to_ascii_lowercase()))
}

impl Material {
    /// What an object is, if it is anything.
    pub(crate) fn of_object(members: &Map<String, Value>) -> Option<Self> {
        let inner = member(members, "response").and_then(Value::as_object);
        let inner = inner.unwrap_or(members);
        if member(inner, "attestationObject").is_some() || of_another_name(inner).is_some() {
            return Some(Self::Registration(ResponseParts::read(members, inner)));
        }
        if { AUTHENTICATOR_DATA.iter() }.any(|name| member(inner, name).is_some()) {
            return Some(Self::SignIn(ResponseParts::read(members, inner)));
        }
        let has = |name| member(members, name).is_some();
        if is_client_data(members) {
            return serde_json::to_vec(members).ok().map(Self::ClientData);
        }
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

/// Client data that somebody has decoded. Their hash is not that of the bytes any more.
fn is_client_data(members: &Map<String, Value>) -> bool {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let is_kind = text("type").is_some_and(|kind| kind.starts_with("webauthn."));
    is_kind && text("challenge").is_some() && text("origin").is_some()
}

/// The model that a record names, if what stands there is a model's id, also as bytes.
pub(crate) fn model(record: &Map<String, Value>) -> Option<Option<Aaguid>> {
    let value = { MODEL_NAMES.iter() }.find_map(|name| member(record, name))?;
    let named = value.as_str().and_then(parse_aaguid);
    let bytes = || octets::of_json(value)?.try_into().ok().map(Aaguid);
    let is_some_id = value.is_string() || value.is_array() || value.is_object();
    is_some_id.then(|| named.or_else(bytes))
}

/// Names of members of a response; the second one of each is another company's.
const AUTHENTICATOR_DATA: [&str; 2] = ["authenticatorData", "authData"];
const CLIENT_DATA: [&str; 2] = ["clientDataJSON", "clientData"];
const SIGNATURE: [&str; 2] = ["signature", "signatureData"];

/// Members that hold bytes, by which a response is known or verified.
const BYTES: [&str; 4] = [
    "attestationObject",
    "authenticatorData",
    "clientDataJSON",
    "signature",
];

/// Another company's name of the attestation object. In options the same name has a word.
fn of_another_name(inner: &Map<String, Value>) -> Option<Vec<u8>> {
    let bytes = member(inner, "attestation").and_then(octets::of_json);
    bytes.filter(|bytes| AttestationObject::read(bytes).is_ok())
}

impl ResponseParts {
    fn read(outer: &Map<String, Value>, inner: &Map<String, Value>) -> Self {
        let bytes = |name: &str| member(inner, name).and_then(octets::of_json);
        let either = |names: [&str; 2]| names.into_iter().find_map(bytes);
        Self {
            attestation_object: bytes("attestationObject").or_else(|| of_another_name(inner)),
            authenticator_data: either(AUTHENTICATOR_DATA),
            client_data: either(CLIENT_DATA),
            signature: either(SIGNATURE),
            doubled: false,
            outer: outer.clone(),
            inner: inner.clone(),
        }
    }
    /// Members that are to hold bytes and hold none, with what they hold.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        BYTES.into_iter().filter_map(|name| {
            let value = member(&self.inner, name)?;
            let unread = octets::of_json(value).is_none();
            unread.then(|| (name, octets::in_words(value)))
        })
    }
}
