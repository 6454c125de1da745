//! The largeBlob extension, in the form that fits one command: the blob travels inside the command,
//! compressed with DEFLATE.

use super::outputs::ExtensionOutputs;
use crate::webidl::{Member, WrongMember};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hybrid_protocol::cbor::{self, Value as Cbor};
use miniz_oxide::{deflate, inflate};
use serde_json::{Value, json};

/// A blob that unpacks to more than this is not passed on: a small frame could fill the memory.
const MAX_BLOB: usize = 1 << 20;
const COMPRESSION_LEVEL: u8 = 6;

/// What a site wants of the blob: a place for it, its content, or other content.
pub(super) struct LargeBlobInput {
    /// How much it wants a place for it, which registrations alone are asked for.
    pub(super) support: LargeBlobSupport,
    read: bool,
    pub(super) write: Option<Vec<u8>>,
}

/// A word that is unknown or left out counts as preferred (WebAuthn Level 3 section 10.1.5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LargeBlobSupport {
    Required,
    Preferred,
}

impl LargeBlobSupport {
    pub(super) fn for_registration(self) -> Cbor {
        let word = match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
        };
        Cbor::Map(vec![(Cbor::from("support"), Cbor::from(word))])
    }
}

impl LargeBlobInput {
    pub(super) fn read(blob: Member<'_>) -> Result<Self, WrongMember> {
        let blob = blob.dictionary()?;
        let support = blob.optional("support", Member::text)?;
        Ok(Self {
            support: match support.as_deref() {
                Some("required") => LargeBlobSupport::Required,
                _ => LargeBlobSupport::Preferred,
            },
            read: blob.get("read").is_some_and(Member::boolean),
            write: blob.optional("write", Member::bytes)?,
        })
    }

    pub(super) const fn wants_read(&self) -> bool {
        self.read
    }

    pub(super) fn for_sign_in(&self) -> Option<Cbor> {
        if let Some(blob) = &self.write {
            let packed = deflate::compress_to_vec(blob, COMPRESSION_LEVEL);
            return Some(Cbor::Map(vec![
                (Cbor::from("write"), Cbor::Bytes(packed)),
                (Cbor::from("originalSize"), Cbor::from(blob.len() as u64)),
            ]));
        }
        self.read
            .then(|| Cbor::Map(vec![(Cbor::from("read"), Cbor::from(true))]))
    }

    pub(super) fn sign_in_result(&self, outputs: ExtensionOutputs<'_>) -> Value {
        let output = output(outputs);
        if self.write.is_some() {
            let written = output
                .and_then(|output| cbor::text_entry(output, "written"))
                .and_then(Cbor::as_bool);
            return json!({ "written": written.unwrap_or_default() });
        }
        let blob = output.filter(|_| self.read).and_then(unpack);
        blob.map_or_else(
            || json!({}),
            |blob| json!({ "blob": URL_SAFE_NO_PAD.encode(blob) }),
        )
    }
}

pub(super) fn registration_result(outputs: ExtensionOutputs<'_>) -> Value {
    let supported = output(outputs)
        .and_then(|output| cbor::text_entry(output, "supported"))
        .and_then(Cbor::as_bool);
    json!({ "supported": supported.unwrap_or_default() })
}

fn output<'a>(outputs: ExtensionOutputs<'a>) -> Option<&'a [(Cbor, Cbor)]> {
    let map = outputs.unsigned?.as_map()?;
    cbor::text_entry(map, "largeBlob")?
        .as_map()
        .map(Vec::as_slice)
}

/// `None` when the blob is damaged, which WebAuthn reports like a missing one.
fn unpack(output: &[(Cbor, Cbor)]) -> Option<Vec<u8>> {
    let packed = cbor::text_entry(output, "blob")?.as_bytes()?;
    let size = cbor::text_entry(output, "originalSize").and_then(cbor::as_uint)?;
    let blob = inflate::decompress_to_vec_with_limit(packed, MAX_BLOB).ok()?;
    (blob.len() as u64 == size).then_some(blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(json: &Value) -> LargeBlobInput {
        LargeBlobInput::read(Member::new(json, String::new())).unwrap()
    }

    fn read(packed: Vec<u8>, size: u64) -> Value {
        let output = Cbor::Map(vec![(
            Cbor::from("largeBlob"),
            Cbor::Map(vec![
                (Cbor::from("blob"), Cbor::Bytes(packed)),
                (Cbor::from("originalSize"), Cbor::from(size)),
            ]),
        )]);
        let input = input(&json!({"read": true}));
        input.sign_in_result(ExtensionOutputs {
            unsigned: Some(&output),
            signed: None,
        })
    }

    #[test]
    fn a_blob_is_unpacked_and_a_damaged_or_huge_one_is_as_if_absent() {
        let pack = |blob: &[u8]| deflate::compress_to_vec(blob, COMPRESSION_LEVEL);
        assert_eq!(read(pack(b"ABC"), 3), json!({"blob": "QUJD"}));
        assert_eq!(read(pack(b"ABC"), 4), json!({}));
        assert_eq!(read(vec![0xff; 9], 3), json!({}));
        assert_eq!(
            read(pack(&vec![0; MAX_BLOB + 1]), MAX_BLOB as u64 + 1),
            json!({})
        );
    }

    #[test]
    fn what_is_written_travels_packed_with_its_size() {
        let input = input(&json!({"write": "QUJD"}));
        let map = input.for_sign_in().unwrap();
        let map = map.as_map().unwrap();
        let packed = cbor::text_entry(map, "write").unwrap().as_bytes().unwrap();
        assert_eq!(inflate::decompress_to_vec(packed).unwrap(), b"ABC");
        assert_eq!(cbor::text_entry(map, "originalSize"), Some(&Cbor::from(3)));
    }
}
