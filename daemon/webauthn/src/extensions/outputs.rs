//! What a phone's extensions gave out, before it is read for one of them.

use hybrid_protocol::cbor::Value as Cbor;

/// What came with a reply: the unsigned outputs, and those inside the authenticator data.
#[derive(Clone, Copy)]
pub(crate) struct ExtensionOutputs<'a> {
    pub(crate) unsigned: Option<&'a Cbor>,
    pub(crate) signed: Option<&'a Cbor>,
}
