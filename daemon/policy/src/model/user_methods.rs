//! What one user has registered: passkeys, passes, and the kinds of all other methods.

use super::pass::UserPass;
use crate::export_kind::ExportKind;
use crate::given::Given;
use crate::guid::{Guid, parse_aaguid};
use crate::json_node::{Doubts, JsonNode};
use crate::model_name::named;
use crate::passkey::PasskeyFacts;
use crate::pointer::Pointer;
use crate::truth::{Held, Lack};
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
    /// Where the files stand.
    places: Vec<Pointer>,
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

/// What a list of methods says of itself.
pub(crate) struct Listed<'a> {
    pub(crate) place: &'a Pointer,
    /// The user whom its context names.
    pub(crate) owner: Option<String>,
    /// By its context it has methods of all kinds.
    pub(crate) of_all_kinds: bool,
    pub(crate) incomplete: bool,
}

impl UserMethods {
    pub(crate) fn read(nodes: &[JsonNode<'_>], listed: &Listed<'_>, doubts: &mut Doubts) -> Self {
        let place = listed.place;
        let file = || format!("file {}", place.file());
        let mut methods = Self {
            owner: listed.owner.clone().unwrap_or_else(file),
            place: place.clone(),
            passkeys: Vec::new(),
            passes: Vec::new(),
            others: Vec::new(),
            places: vec![place.clone()],
            of_all_kinds: listed.of_all_kinds,
            incomplete: listed.incomplete,
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
                methods.of_all_kinds = true;
                let kind = kind.strip_suffix("AuthenticationMethod").unwrap_or(kind);
                methods.others.push(RegisteredMethod {
                    place: node.place.clone(),
                    kind: printable(kind).chars().take(60).collect(),
                });
            }
        }
        methods
    }

    /// Adds these to those of the same user, when there are any; what both list counts once.
    pub(crate) fn join(self, users: &mut Vec<Self>) {
        let same = |user: &&mut Self| !apart(&user.owner, &self.owner);
        let Some(user) = users.iter_mut().find(same) else {
            users.push(self);
            return;
        };
        // Of a name and an id the id says more.
        if self.id().is_some() {
            user.owner = self.owner;
        }
        for passkey in self.passkeys {
            let known = |mine: &RegisteredPasskey| mine.id.is_some() && mine.id == passkey.id;
            if !user.passkeys.iter().any(known) {
                user.passkeys.push(passkey);
            }
        }
        for pass in self.passes {
            let known = |mine: &UserPass| !mine.id.is_empty() && mine.id == pass.id;
            if !user.passes.iter().any(known) {
                user.passes.push(pass);
            }
        }
        user.others.extend(self.others);
        user.places.extend(self.places);
        user.of_all_kinds |= self.of_all_kinds;
        user.incomplete |= self.incomplete;
    }

    /// The user's id in the directory, when the export was asked for by it.
    pub fn id(&self) -> Option<Guid> {
        Guid::parse(&self.owner)
    }

    /// Whether one of the methods leads to registering a passkey. A list of passkeys or of passes
    /// alone does not tell that there is none.
    pub(crate) fn can_begin(&self) -> Held {
        let single = |kind: &str| SINGLE_FACTORS.iter().any(|single| kind.starts_with(single));
        let mut others = self.others.iter();
        let has = others.any(|method| !single(&method.kind)) || !self.passkeys.is_empty();
        let held = match has || (self.of_all_kinds && !self.incomplete) {
            true => Held::given(has),
            false => Held::unknown(Lack::Export(ExportKind::UserMethods)),
        };
        self.places.iter().fold(held, Held::on)
    }

    /// Whether the files tell of all methods.
    pub(crate) const fn is_complete(&self) -> bool {
        self.of_all_kinds && !self.incomplete
    }
}

/// Methods with which nobody has done multi-factor authentication.
const SINGLE_FACTORS: [&str; 3] = ["password", "email", "qrCodePin"];

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

/// Whether these are two users. An id and a name may be of one; a file without either is by itself.
fn apart(one: &str, other: &str) -> bool {
    let by_file = |owner: &str| owner.starts_with("file ");
    let alike = Guid::parse(one).is_some() == Guid::parse(other).is_some();
    one != other && (alike || by_file(one) || by_file(other))
}
