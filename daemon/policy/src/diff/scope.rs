//! For whom, where and when a Conditional Access policy holds, in words that can be compared.

use super::role::role;
use crate::given::Given;
use crate::guid::Guid;
use crate::model::{AccessPolicy, REGISTER_SECURITY_INFO};
use crate::pointer::Pointer;
use std::collections::{BTreeMap, BTreeSet};

type Names = Given<Vec<Given<String>>>;

const ALL_USERS: &str = "all users";
const ALL_APPS: &str = "all apps";

/// Each part by itself. A word holds the whole id, so that two that read alike are alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Scope {
    included: BTreeSet<String>,
    excluded: BTreeSet<String>,
    apps: BTreeSet<String>,
    apart: BTreeSet<String>,
    conditions: BTreeMap<String, String>,
    /// Contexts and filters, of which no export tells where they lead.
    open: bool,
}

impl Scope {
    pub(super) fn of(policy: &AccessPolicy) -> Self {
        let (users, apps) = (&policy.users, &policy.apps);
        let people = |lists: &[Names; 3], guests: &Option<Pointer>| {
            let [users, groups, roles] = lists;
            let mut words = worded(users, user);
            words.extend(worded(groups, |id| format!("the group {id}")));
            words.extend(worded(roles, role));
            words.extend(guests.as_ref().map(|_| "guests of named kinds".to_owned()));
            words
        };
        let mut at = worded(&apps.include, app);
        at.extend(worded(&apps.actions, action));
        at.extend(worded(&apps.contexts, |context| {
            format!("the authentication context {context}")
        }));
        at.extend(
            apps.filter
                .as_ref()
                .map(|_| "the apps of a filter".to_owned()),
        );
        let contexts = apps.contexts.value.as_ref();
        Self {
            included: people(&users.include, &users.include_guests),
            excluded: people(&users.exclude, &users.exclude_guests),
            apps: at,
            apart: worded(&apps.exclude, app),
            conditions: policy.conditions.clone(),
            open: apps.filter.is_some() || contexts.is_some_and(|each| !each.is_empty()),
        }
    }

    /// Nothing that exports cannot decide narrows it.
    pub(super) fn is_decided(&self) -> bool {
        self.conditions.is_empty() && !self.open
    }

    /// It may reach someone, or some app, that the other does not.
    pub(super) fn is_wider_than(&self, other: &Self) -> bool {
        let more = |all: &str, mine: &BTreeSet<String>, theirs: &BTreeSet<String>| {
            !theirs.contains(all) && !mine.is_subset(theirs)
        };
        let conditions = other.conditions.iter();
        more(ALL_USERS, &self.included, &other.included)
            || more(ALL_APPS, &self.apps, &other.apps)
            || !other.excluded.is_subset(&self.excluded)
            || !other.apart.is_subset(&self.apart)
            || { conditions }.any(|(name, value)| self.conditions.get(name) != Some(value))
    }

    /// The whole.
    pub(super) fn words(&self) -> String {
        [self.people(), self.places()].join(", ") + &self.circumstances()
    }

    /// The parts that differ from another one.
    pub(super) fn words_beside(&self, other: &Self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut compare = |mine: String, theirs: String| {
            if mine != theirs {
                parts.push(format!("{mine} (before: {theirs})"));
            }
        };
        if (&self.included, &self.excluded) != (&other.included, &other.excluded) {
            compare(self.people(), other.people());
        }
        if (&self.apps, &self.apart) != (&other.apps, &other.apart) {
            compare(self.places(), other.places());
        }
        if self.conditions != other.conditions {
            let (mine, theirs) = (self.conditions_named(), other.conditions_named());
            match mine == theirs {
                true => parts.push(format!("{mine}, with other values than before")),
                false => parts.push(format!("{mine} (before: {theirs})")),
            }
        }
        parts
    }

    fn people(&self) -> String {
        let excluded = match self.excluded.is_empty() {
            true => "nobody excluded".to_owned(),
            false => format!("excluding {}", list(&self.excluded)),
        };
        format!("for {}, {excluded}", list(&self.included))
    }

    fn places(&self) -> String {
        match self.apart.is_empty() {
            true => format!("at {}", list(&self.apps)),
            false => format!("at {} except {}", list(&self.apps), list(&self.apart)),
        }
    }

    fn circumstances(&self) -> String {
        match self.conditions.is_empty() {
            true => String::new(),
            false => format!(", {}", self.conditions_named()),
        }
    }

    fn conditions_named(&self) -> String {
        let names: Vec<&str> = self.conditions.keys().map(String::as_str).collect();
        match names.is_empty() {
            true => "under all conditions".to_owned(),
            false => format!("only under conditions ({})", names.join(", ")),
        }
    }
}

/// The places of lists that differ.
pub(super) fn places(old: &AccessPolicy, new: &AccessPolicy) -> Vec<Pointer> {
    let lists = |policy: &AccessPolicy| -> Vec<(BTreeSet<String>, Pointer)> {
        let (users, apps) = (&policy.users, &policy.apps);
        let each = { users.include.iter() }.chain(&users.exclude).chain([
            &apps.include,
            &apps.exclude,
            &apps.actions,
            &apps.contexts,
        ]);
        each.map(|list| (worded(list, str::to_owned), list.place.clone()))
            .collect()
    };
    let mut places = Vec::new();
    for ((before, _), (after, place)) in lists(old).into_iter().zip(lists(new)) {
        if before != after {
            places.push(place);
        }
    }
    for (before, after) in [
        (&old.users.include_guests, &new.users.include_guests),
        (&old.users.exclude_guests, &new.users.exclude_guests),
        (&old.apps.filter, &new.apps.filter),
    ] {
        if before.is_some() != after.is_some() {
            places.extend(after.clone().or(before.clone()));
        }
    }
    if old.conditions != new.conditions {
        places.extend(new.circumstances.iter().chain(&old.circumstances).cloned());
    }
    places
}

fn worded(names: &Names, word: impl Fn(&str) -> String) -> BTreeSet<String> {
    let Some(list) = &names.value else {
        return BTreeSet::new();
    };
    let each = list.iter().map(|name| match &name.value {
        Some(name) => word(name),
        None => "something unreadable".to_owned(),
    });
    each.filter(|word| !word.is_empty()).collect()
}

fn user(name: &str) -> String {
    match name {
        "all" => ALL_USERS.to_owned(),
        "guestsorexternalusers" => "guests and external users".to_owned(),
        "none" => String::new(),
        id => format!("the user {id}"),
    }
}

fn app(name: &str) -> String {
    match name {
        "all" => ALL_APPS.to_owned(),
        "none" => String::new(),
        "office365" => "Office365".to_owned(),
        "microsoftadminportals" => "MicrosoftAdminPortals".to_owned(),
        name if Guid::parse(name).is_some() => format!("the app {name}"),
        name => name.to_owned(),
    }
}

fn action(name: &str) -> String {
    match name {
        REGISTER_SECURITY_INFO => "registering security info".to_owned(),
        "urn:user:registerdevice" => "registering a device".to_owned(),
        name => name.to_owned(),
    }
}

/// The first of them.
fn list(words: &BTreeSet<String>) -> String {
    const SHOWN: usize = 6;
    let mut shown: Vec<&str> = words.iter().take(SHOWN).map(String::as_str).collect();
    let more = match words.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("{more} more"),
    };
    if !more.is_empty() {
        shown.push(&more);
    }
    match shown.is_empty() {
        true => "nobody and nothing".to_owned(),
        false => shown.join(", "),
    }
}
