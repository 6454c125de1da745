//! What one user has registered: passkeys, passes, and the kinds of all other methods.

use super::pass::UserPass;
use crate::capability::named;
use crate::given::Given;
use crate::guid::{Guid, parse_aaguid};
use crate::json_node::{Doubts, JsonNode};
use crate::passkey::PasskeyFacts;
use crate::pointer::Pointer;
use hybrid_protocol::ctap::Aaguid;
use hybrid_protocol::printable;

/// A user's methods.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserMethods {
    /// What tells users apart: the name in the export's context, else the file.
    owner: String,
    /// Where the first of the files stands.
    pub place: Pointer,
    /// `fido2AuthenticationMethod`.
    pub passkeys: Vec<RegisteredPasskey>,
    /// `temporaryAccessPassAuthenticationMethod`.
    pub passes: Vec<UserPass>,
    /// All others.
    pub others: Vec<RegisteredMethod>,
}

/// `fido2AuthenticationMethod`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisteredPasskey {
    /// Where it stands.
    pub place: Pointer,
    /// `id`, as it is written.
    pub id: Option<String>,
    /// `displayName`, as the user gave it.
    pub name: Option<String>,
    /// `aaGuid`.
    pub aaguid: Given<Aaguid>,
    /// `passkeyType` is `synced`.
    pub synced: Given<bool>,
    /// `attestationLevel` is `attested`.
    pub attested: Option<bool>,
}

/// Another method than a passkey or a pass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisteredMethod {
    /// Where it stands.
    pub place: Pointer,
    /// Its type without what all types have in common: `phone`, `microsoftAuthenticator`.
    pub kind: String,
}

impl UserMethods {
    /// Of an answer with this context.
    pub(crate) fn read(
        nodes: &[JsonNode<'_>],
        place: &Pointer,
        context: Option<&str>,
        doubts: &mut Doubts,
    ) -> Self {
        let owner = context.and_then(owner);
        let mut methods = Self {
            owner: owner.unwrap_or_else(|| place.file().to_owned()),
            place: place.clone(),
            passkeys: Vec::new(),
            passes: Vec::new(),
            others: Vec::new(),
        };
        for node in nodes {
            let kind = node.text_of("@odata.type").unwrap_or_default();
            let kind = kind.rsplit('.').next().unwrap_or_default();
            if kind.starts_with("fido2") || (kind.is_empty() && node.get("aaGuid").is_some()) {
                methods.passkeys.push(RegisteredPasskey::read(node, doubts));
            } else if kind.starts_with("temporaryAccessPass")
                || node.get("methodUsabilityReason").is_some()
            {
                methods.passes.push(UserPass::read(node, doubts));
            } else {
                let kind = kind.strip_suffix("AuthenticationMethod").unwrap_or(kind);
                methods.others.push(RegisteredMethod {
                    place: node.place.clone(),
                    kind: kind.chars().take(60).collect(),
                });
            }
        }
        methods
    }

    /// Adds these to those of the same user, when there are any.
    pub(crate) fn join(self, users: &mut Vec<Self>) {
        match users.iter_mut().find(|user| user.owner == self.owner) {
            Some(user) => {
                user.passkeys.extend(self.passkeys);
                user.passes.extend(self.passes);
                user.others.extend(self.others);
            }
            None => users.push(self),
        }
    }

    /// The user's id in the directory, when the export was asked for by it.
    pub fn id(&self) -> Option<Guid> {
        Guid::parse(&self.owner)
    }

    /// Whether there is something beside passkeys and passes that can be a second factor.
    pub(crate) fn has_second_factor(&self) -> bool {
        let mut others = self.others.iter();
        others.any(|method| !["password", "email"].contains(&method.kind.as_str()))
    }
}

impl RegisteredPasskey {
    fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let text = |name: &str| {
            let text = node.text_of(name).filter(|text| !text.trim().is_empty())?;
            Some(printable(text).chars().take(80).collect())
        };
        Self {
            place: node.place.clone(),
            id: text("id"),
            name: text("displayName"),
            aaguid: node.given_word("aaGuid", doubts, parse_aaguid),
            synced: node.given_word("passkeyType", doubts, |word| match word {
                "deviceBound" => Some(false),
                "synced" => Some(true),
                _ => None,
            }),
            attested: match node.text_of("attestationLevel") {
                Some("attested") => Some(true),
                Some("notAttested") => Some(false),
                Some(_) | None => None,
            },
        }
    }

    /// What the directory knows of it.
    pub fn facts(&self) -> PasskeyFacts {
        PasskeyFacts {
            aaguid: self.aaguid.value,
            synced: self.synced.value,
            attested_at_registration: self.attested,
            ..PasskeyFacts::default()
        }
    }

    /// What the user calls it, else its model.
    pub fn label(&self) -> String {
        match (&self.name, &self.aaguid.value) {
            (Some(name), _) => format!("\"{name}\""),
            (None, Some(aaguid)) => named(aaguid),
            (None, None) => "a passkey without a name".to_owned(),
        }
    }
}

/// `…/$metadata#users('alice%40example.com')/authentication/methods`
fn owner(context: &str) -> Option<String> {
    let (_, path) = context.split_once("#users('")?;
    let (owner, _) = path.split_once("')")?;
    Some(owner.to_ascii_lowercase())
}
