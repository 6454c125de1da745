//! The parameters of a request that this key looks at.

use crate::encoded::{Encoded, text_entry};
use crate::rp_id::RpId;
use crate::status::Status;

/// COSE's number of ECDSA with SHA-256 on P-256.
const ES256: i64 = -7;

/// Extensions that are not listed and that Firefox sends all the same. A phone that answered one
/// would break the request: a browser refuses an answer to what it did not get listed.
pub const STRIPPED_EXTENSIONS: [&str; 2] = ["hmac-secret", "hmac-secret-mc"];

/// The options that matter here.
pub struct Options {
    /// `up: false`: nobody is to be asked.
    pub silent: bool,
}

/// clientDataHash.
pub fn hash(value: Option<Encoded<'_>>) -> Result<[u8; 32], Status> {
    let bytes = present(value)?.as_bytes().ok_or(Status::UnexpectedType)?;
    bytes.try_into().map_err(|_| Status::InvalidParameter)
}

/// An rp id.
pub fn rp_id(value: Option<Encoded<'_>>) -> Result<RpId, Status> {
    let text = present(value)?.as_text().ok_or(Status::UnexpectedType)?;
    RpId::new(text).ok_or(Status::InvalidParameter)
}

/// The id of an rp entity.
pub fn rp_id_of_entity(value: Option<Encoded<'_>>) -> Result<RpId, Status> {
    let entity = present(value)?.as_map().ok_or(Status::UnexpectedType)?;
    text_entry(&entity, "name").map_or(Ok(()), is_text)?;
    rp_id(text_entry(&entity, "id"))
}

/// A user entity.
pub fn user(value: Option<Encoded<'_>>) -> Result<(), Status> {
    let entity = present(value)?.as_map().ok_or(Status::UnexpectedType)?;
    text_entry(&entity, "name").map_or(Ok(()), is_text)?;
    text_entry(&entity, "displayName").map_or(Ok(()), is_text)?;
    let id = present(text_entry(&entity, "id"))?;
    id.as_bytes().map(drop).ok_or(Status::UnexpectedType)
}

/// Whether pubKeyCredParams has the algorithm that is listed.
pub fn lists_es256(value: Option<Encoded<'_>>) -> Result<bool, Status> {
    let mut found = false;
    for parameter in present(value)?.as_array().ok_or(Status::UnexpectedType)? {
        let map = parameter.as_map().ok_or(Status::UnexpectedType)?;
        let kind = present(text_entry(&map, "type"))?
            .as_text()
            .ok_or(Status::UnexpectedType)?;
        let algorithm = present(text_entry(&map, "alg"))?.as_int();
        found |= kind == "public-key" && algorithm.ok_or(Status::UnexpectedType)? == ES256;
    }
    Ok(found)
}

/// The names of the extensions that are relayed.
pub fn extensions(value: Option<Encoded<'_>>) -> Result<Vec<String>, Status> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let map = value.as_map().ok_or(Status::UnexpectedType)?;
    let names = map
        .iter()
        .map(|(key, _)| key.as_text().ok_or(Status::UnexpectedType));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let kept = names
        .into_iter()
        .filter(|name| !STRIPPED_EXTENSIONS.contains(name));
    Ok(kept.map(str::to_owned).collect())
}

/// The options map. Unknown options are passed over (CTAP 2.2 §6.1.2).
pub fn options(value: Option<Encoded<'_>>) -> Result<Options, Status> {
    let Some(value) = value else {
        return Ok(Options { silent: false });
    };
    let map = value.as_map().ok_or(Status::UnexpectedType)?;
    let presence = text_entry(&map, "up").map(|up| up.as_bool().ok_or(Status::UnexpectedType));
    Ok(Options {
        silent: presence.transpose()? == Some(false),
    })
}

fn present(value: Option<Encoded<'_>>) -> Result<Encoded<'_>, Status> {
    value.ok_or(Status::MissingParameter)
}

fn is_text(value: Encoded<'_>) -> Result<(), Status> {
    value.as_text().map(drop).ok_or(Status::UnexpectedType)
}
