//! The site: from options, or from the page and the hash in a response.

use crate::material::member;
use hybrid_policy::{Conveyance, ENTRA_HOSTS, Site};
use hybrid_webauthn::OptionsKind;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use url::Url;

/// Stands for a site whose name a response does not give.
const UNNAMED: &str = "a site that the response does not name";

pub(super) fn of_options(kind: OptionsKind, members: &Map<String, Value>) -> Site {
    let text = |members: &Map<String, Value>, name| {
        member(members, name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let rp = member(members, "rp").and_then(Value::as_object);
    let rp_id = match kind {
        OptionsKind::Registration => rp.and_then(|rp| text(rp, "id")),
        OptionsKind::SignIn => text(members, "rpId"),
    };
    let mut site = Site::entra();
    site.rp_id = rp_id.unwrap_or_else(|| "a site that the options do not name".to_owned());
    if kind == OptionsKind::SignIn {
        return site;
    }
    // WebAuthn's default is none.
    site.attestation = Some(match text(members, "attestation").as_deref() {
        Some("indirect" | "direct" | "enterprise") => Conveyance::Wanted,
        Some(_) | None => Conveyance::None,
    });
    let params = member(members, "pubKeyCredParams").and_then(Value::as_array);
    site.algorithms = params.filter(|params| !params.is_empty()).map(|params| {
        params
            .iter()
            .filter_map(|one| one.get("alg")?.as_i64())
            .collect()
    });
    let selection = member(members, "authenticatorSelection").and_then(Value::as_object);
    let attachment = selection.and_then(|selection| text(selection, "authenticatorAttachment"));
    site.wants_platform = attachment.as_deref() == Some("platform");
    site
}

/// The authenticator signs the hash of the site's name; the page is at that name or below it.
pub(super) fn of_response(client_data: Option<&[u8]>, hash: &[u8; 32]) -> Site {
    let is_it = |name: &str| Sha256::digest(name).as_slice() == hash;
    let page = client_data.and_then(host);
    let above = page.as_deref().and_then(|host| {
        let parts = host.match_indices('.').map(|(dot, _)| dot + 1);
        let mut names = std::iter::once(0)
            .chain(parts)
            .filter_map(|start| host.get(start..));
        names.find(|name| is_it(name))
    });
    let known = || ENTRA_HOSTS.into_iter().find(|name| is_it(name));
    let mut site = Site::entra();
    site.rp_id = above.or_else(known).unwrap_or(UNNAMED).to_owned();
    site
}

fn host(client_data: &[u8]) -> Option<String> {
    let bytes = client_data
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(client_data);
    let data: Value = serde_json::from_slice(bytes).ok()?;
    let origin = Url::parse(data.get("origin")?.as_str()?).ok()?;
    origin.host_str().map(str::to_owned)
}
