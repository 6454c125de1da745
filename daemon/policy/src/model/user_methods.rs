//! What one user has registered: passkeys, passes, and the names of all other methods.

use super::pass::UserPass;
use crate::export_kind::ExportKind;
use crate::given::Given;
use crate::guid::parse_aaguid;
use crate::json_node::{Doubts, JsonNode};
use crate::pointer::Pointer;
use crate::truth::{Held, Lack};
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;

/// A user's methods.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct UserMethods {
    /// `fido2AuthenticationMethod`.
    pub passkeys: Vec<RegisteredPasskey>,
    /// `temporaryAccessPassAuthenticationMethod`.
    pub passes: Vec<UserPass>,
    /// Other methods that can be a second factor, by their type.
    pub second_factors: Vec<String>,
    /// Where the files stand.
    pub places: Vec<Pointer>,
    /// A file lists methods of all kinds, and not passkeys or passes alone.
    of_all_kinds: bool,
    /// A file is a page of several.
    incomplete: bool,
}

/// `fido2AuthenticationMethod`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisteredPasskey {
    /// Where it stands.
    pub place: Pointer,
    /// Its id in the directory; empty when there is none.
    pub id: String,
    /// `displayName`, as the user gave it.
    pub name: Option<String>,
    /// `aaGuid`.
    pub aaguid: Given<Aaguid>,
    /// `passkeyType` is `synced`.
    pub synced: Given<bool>,
}

/// What a list of methods says of itself.
pub(crate) struct Listed<'a> {
    pub(crate) place: &'a Pointer,
    /// By its context it has methods of all kinds.
    pub(crate) of_all_kinds: bool,
    pub(crate) incomplete: bool,
}

impl UserMethods {
    pub(crate) fn read(nodes: &[JsonNode<'_>], listed: &Listed<'_>, doubts: &mut Doubts) -> Self {
        let mut methods = Self {
            places: vec![listed.place.clone()],
            of_all_kinds: listed.of_all_kinds,
            incomplete: listed.incomplete,
            ..Self::default()
        };
        for node in nodes {
            let kind = node.text_of("@odata.type").unwrap_or_default();
            let kind = kind.rsplit('.').next().unwrap_or_default();
            if kind.starts_with("fido2") || (kind.is_empty() && node.get("aaGuid").is_some()) {
                methods.passkeys.push(RegisteredPasskey {
                    place: node.place.clone(),
                    id: node.text_of("id").unwrap_or_default().to_owned(),
                    name: { node.text_of("displayName") }
                        .filter(|text| !text.trim().is_empty())
                        .map(|text| printable(text).chars().take(80).collect()),
                    aaguid: node.given_word("aaGuid", doubts, parse_aaguid),
                    synced: node.given_word("passkeyType", doubts, |word| match word {
                        "deviceBound" => Some(false),
                        "synced" => Some(true),
                        _ => None,
                    }),
                });
            } else if kind.starts_with("temporaryAccessPass")
                || node.get("methodUsabilityReason").is_some()
            {
                methods.passes.push(UserPass::read(node, doubts));
            } else {
                methods.of_all_kinds = true;
                if !is_single_factor(kind) {
                    let kind = printable(kind).chars().take(60).collect();
                    methods.second_factors.push(kind);
                }
            }
        }
        methods
    }

    /// With what another file says; what both list counts once.
    pub(crate) fn join(&mut self, other: Self) {
        for passkey in other.passkeys {
            let known = |mine: &RegisteredPasskey| !mine.id.is_empty() && mine.id == passkey.id;
            if !self.passkeys.iter().any(known) {
                self.passkeys.push(passkey);
            }
        }
        for pass in other.passes {
            let known = |mine: &UserPass| !mine.id.is_empty() && mine.id == pass.id;
            if !self.passes.iter().any(known) {
                self.passes.push(pass);
            }
        }
        self.second_factors.extend(other.second_factors);
        self.places.extend(other.places);
        self.of_all_kinds |= other.of_all_kinds;
        self.incomplete |= other.incomplete;
    }

    /// Whether one of the methods leads to registering a passkey. A list of passkeys or of passes
    /// alone does not tell that there is none.
    pub(crate) fn can_begin(&self) -> Held {
        let has = !self.second_factors.is_empty() || !self.passkeys.is_empty();
        let held = match has || (self.of_all_kinds && !self.incomplete) {
            true => Held::given(has),
            false => Held::unknown(Lack::Export(ExportKind::UserMethods)),
        };
        self.places.iter().fold(held, Held::on)
    }
}

/// Methods with which nobody has done multi-factor authentication.
fn is_single_factor(kind: &str) -> bool {
    const SINGLE: [&str; 3] = ["password", "email", "qrCodePin"];
    SINGLE.iter().any(|single| kind.starts_with(single))
}
