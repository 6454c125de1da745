//! `conditionalAccessPolicy`: for whom, where, under which circumstances, and what it asks for.

use super::canonical::meaning;
use super::strength::Strength;
use crate::given::Given;
use crate::guid::Guid;
use crate::json_node::{Doubts, JsonNode, is_empty};
use crate::pointer::Pointer;

/// A Conditional Access policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessPolicy {
    /// Where it stands.
    pub place: Pointer,
    /// Its id, as it is written; empty when there is none.
    pub id: String,
    /// As the tenant calls it.
    pub name: String,
    /// `state`.
    pub state: Given<AccessState>,
    /// `conditions/users`.
    pub users: UserScope,
    /// `conditions/applications`.
    pub apps: AppScope,
    /// Conditions that no export decides: risk, location, device and whatever is not known here.
    pub circumstances: Vec<Pointer>,
    /// `conditions/clientAppTypes`, when it names nothing but clients of older protocols, which know
    /// no passkeys.
    pub legacy_clients: Option<Pointer>,
    /// `grantControls`; `None` inside when the policy only shapes sessions.
    pub grant: Given<Option<GrantControls>>,
    /// One spelling of all that it does.
    pub(crate) canonical: String,
}

/// `state`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AccessState {
    /// It applies.
    Enabled,
    /// It does not.
    Disabled,
    /// `enabledForReportingButNotEnforced`.
    ReportOnly,
}

/// A list of ids or words, each with its place.
pub(crate) type Names = Given<Vec<Given<String>>>;

/// For whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserScope {
    /// `includeUsers`, `includeGroups`, `includeRoles`.
    pub include: [Given<Vec<Given<String>>>; 3],
    /// `excludeUsers`, `excludeGroups`, `excludeRoles`.
    pub exclude: [Given<Vec<Given<String>>>; 3],
    /// `includeGuestsOrExternalUsers` is there.
    pub include_guests: Option<Pointer>,
    /// `excludeGuestsOrExternalUsers` is there.
    pub exclude_guests: Option<Pointer>,
}

/// Where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppScope {
    /// `includeApplications`.
    pub include: Given<Vec<Given<String>>>,
    /// `excludeApplications`.
    pub exclude: Given<Vec<Given<String>>>,
    /// `includeUserActions`.
    pub actions: Given<Vec<Given<String>>>,
    /// `includeAuthenticationContextClassReferences`.
    pub contexts: Given<Vec<Given<String>>>,
    /// `applicationFilter`, which depends on attributes of apps.
    pub filter: Option<Pointer>,
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrantControls {
    /// Where it stands.
    pub place: Pointer,
    /// `operator` is `AND`.
    pub all: Given<bool>,
    /// The controls.
    pub controls: Vec<Control>,
}

/// One control.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Control {
    /// A word of `builtInControls`.
    BuiltIn(Given<String>),
    /// `authenticationStrength`.
    Strength(Strength),
    /// Terms of use and factors of others.
    Foreign(Pointer),
}

/// The action of adding a method.
pub(crate) const REGISTER_SECURITY_INFO: &str = "urn:user:registersecurityinfo";

impl AccessPolicy {
    pub(crate) fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let name = node.name_of("displayName");
        let conditions = node.filled("conditions");
        let nothing = JsonNode::new(&serde_json::Value::Null, node.place_of("conditions"));
        let conditions = conditions.as_ref().unwrap_or(&nothing);
        Self {
            place: node.place.clone(),
            id: node.text_of("id").map_or_else(String::new, id),
            name: name.unwrap_or_else(|| "without a name".to_owned()),
            state: node.given_word("state", doubts, |word| match word {
                "enabled" => Some(AccessState::Enabled),
                "disabled" => Some(AccessState::Disabled),
                "enabledForReportingButNotEnforced" => Some(AccessState::ReportOnly),
                _ => None,
            }),
            users: UserScope::read(conditions, doubts),
            apps: AppScope::read(conditions, doubts),
            circumstances: circumstances(conditions),
            legacy_clients: conditions
                .filled("clientAppTypes")
                .filter(is_legacy)
                .map(|node| node.place),
            grant: GrantControls::read(node, doubts),
            canonical: meaning(node.value),
        }
    }
}

impl UserScope {
    fn read(conditions: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let place = conditions.place_of("users");
        let nothing = JsonNode::new(&serde_json::Value::Null, place);
        let users = conditions.filled("users").unwrap_or(nothing);
        Self {
            include: ["includeUsers", "includeGroups", "includeRoles"]
                .map(|name| names(&users, name, doubts)),
            exclude: ["excludeUsers", "excludeGroups", "excludeRoles"]
                .map(|name| names(&users, name, doubts)),
            include_guests: users
                .meant("includeGuestsOrExternalUsers")
                .map(|node| node.place),
            exclude_guests: users
                .meant("excludeGuestsOrExternalUsers")
                .map(|node| node.place),
        }
    }
}

impl AppScope {
    fn read(conditions: &JsonNode<'_>, doubts: &mut Doubts) -> Self {
        let place = conditions.place_of("applications");
        let nothing = JsonNode::new(&serde_json::Value::Null, place);
        let apps = conditions.filled("applications").unwrap_or(nothing);
        Self {
            include: names(&apps, "includeApplications", doubts),
            exclude: names(&apps, "excludeApplications", doubts),
            actions: names(&apps, "includeUserActions", doubts),
            contexts: names(&apps, "includeAuthenticationContextClassReferences", doubts),
            filter: apps.meant("applicationFilter").map(|node| node.place),
        }
    }
}

impl GrantControls {
    fn read(node: &JsonNode<'_>, doubts: &mut Doubts) -> Given<Option<Self>> {
        let Some(member) = node.get("grantControls") else {
            return Given::absent(node.place_of("grantControls"));
        };
        let place = member.place.clone();
        if member.value.is_null() || member.is_hollow() {
            return Given {
                value: Some(None),
                place,
            };
        }
        let mut controls = Vec::new();
        let built_in = names(&member, "builtInControls", doubts);
        match built_in.value {
            Some(words) => controls.extend(words.into_iter().map(Control::BuiltIn)),
            None => controls.push(Control::BuiltIn(Given::absent(built_in.place))),
        }
        if let Some(strength) = member.meant("authenticationStrength") {
            controls.push(Control::Strength(Strength::read(&strength, doubts)));
        }
        const READ: [&str; 3] = ["operator", "builtInControls", "authenticationStrength"];
        let others = unread(&member, &READ).into_iter();
        controls.extend(others.map(Control::Foreign));
        let all = member.given_word("operator", doubts, |word| match word {
            "AND" => Some(true),
            "OR" => Some(false),
            _ => None,
        });
        Given {
            value: Some(Some(Self {
                place: place.clone(),
                all,
                controls,
            })),
            place,
        }
    }
}

/// In one spelling, where it is one.
fn id(text: &str) -> String {
    let text: String = text.chars().take(80).collect();
    Guid::parse(&text).map_or(text, |id| id.to_string())
}

/// A list of names. Ids are compared in one spelling, words in one case.
fn names(node: &JsonNode<'_>, name: &str, doubts: &mut Doubts) -> Names {
    node.given_items(name, doubts, |text| {
        let id = Guid::parse(text).map(|id| id.to_string());
        Some(id.unwrap_or_else(|| text.to_ascii_lowercase()))
    })
}

/// Members that say something and are not read here.
fn unread(node: &JsonNode<'_>, read: &[&str]) -> Vec<Pointer> {
    let members = node.all_members().into_iter();
    let others = members.filter(|(name, member)| {
        let known = read.iter().any(|known| known.eq_ignore_ascii_case(name));
        !known && !name.contains('@') && !is_empty(member.value)
    });
    others.map(|(_, member)| member.place).collect()
}

/// Conditions that narrow the policy, other than those of users and applications that are read.
fn circumstances(conditions: &JsonNode<'_>) -> Vec<Pointer> {
    const USERS: [&str; 8] = [
        "includeUsers",
        "includeGroups",
        "includeRoles",
        "excludeUsers",
        "excludeGroups",
        "excludeRoles",
        "includeGuestsOrExternalUsers",
        "excludeGuestsOrExternalUsers",
    ];
    const APPS: [&str; 5] = [
        "includeApplications",
        "excludeApplications",
        "includeUserActions",
        "includeAuthenticationContextClassReferences",
        "applicationFilter",
    ];
    let inner = |name: &str, read: &[&str]| {
        let node = conditions.filled(name);
        node.map_or_else(Vec::new, |node| unread(&node, read))
    };
    let narrows = |name: &str, node: &JsonNode<'_>| match name.to_ascii_lowercase().as_str() {
        "users" | "applications" => false,
        "clientapptypes" => !is_legacy(node) && !has_every_modern_client(node),
        _ => !name.contains('@') && !is_everything(node),
    };
    let members = conditions.all_members().into_iter();
    let narrowing = members.filter(|(name, node)| !is_empty(node.value) && narrows(name, node));
    let narrowing = narrowing.map(|(_, node)| node.place);
    narrowing
        .chain(inner("users", &USERS))
        .chain(inner("applications", &APPS))
        .collect()
}

/// A passkey is used in a browser or in an app's.
fn has_every_modern_client(node: &JsonNode<'_>) -> bool {
    let has = |word: &str| node.items().iter().any(|item| item.text() == Some(word));
    has("all") || (has("browser") && has("mobileAppsAndDesktopClients"))
}

fn is_legacy(node: &JsonNode<'_>) -> bool {
    const OLDER: [&str; 3] = ["exchangeActiveSync", "easSupported", "other"];
    let items = node.items();
    let older = |item: &JsonNode<'_>| item.text().is_some_and(|word| OLDER.contains(&word));
    !items.is_empty() && items.iter().all(older)
}

/// `includePlatforms` or `includeLocations` of all, and nothing excluded.
fn is_everything(node: &JsonNode<'_>) -> bool {
    let everything = |node: &JsonNode<'_>| {
        let items = node.items();
        let all = |item: &JsonNode<'_>| {
            let word = item.text();
            word.is_some_and(|word| word.eq_ignore_ascii_case("all"))
        };
        !items.is_empty() && items.iter().all(all)
    };
    let mut filled = node
        .members()
        .filter(|(name, member)| !name.contains('@') && !is_empty(member.value));
    let Some((name, first)) = filled.next() else {
        return false;
    };
    let includes = ["includeplatforms", "includelocations"];
    includes.contains(&name.to_ascii_lowercase().as_str())
        && everything(&first)
        && filled.next().is_none()
}
