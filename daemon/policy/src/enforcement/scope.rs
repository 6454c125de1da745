//! Whether a Conditional Access policy applies: to the person, the app, and the circumstances.

use crate::fact;
use crate::given::Given;
use crate::guid::Guid;
use crate::holder::Holder;
use crate::inquiry::Inquiry;
use crate::model::{AccessPolicy, REGISTER_SECURITY_INFO, UserScope};
use crate::pointer::Pointer;
use crate::truth::{Held, Lack};

type Names = Given<Vec<Given<String>>>;

/// Whether it applies to a sign-in.
pub(super) fn applies(policy: &AccessPolicy, inquiry: &Inquiry) -> Held {
    if let Some(place) = &policy.legacy_clients {
        return Held::decided(false, place);
    }
    let circumstances = policy.circumstances.iter().map(circumstance);
    let parts = [
        includes(&policy.users, &inquiry.holder),
        app(policy, inquiry.app),
    ];
    Held::all(parts.into_iter().chain(circumstances))
}

/// Whether it can keep someone from registering: by the action, or by all resources.
pub(crate) fn applies_to_registration(policy: &AccessPolicy) -> Held {
    let action = has(&policy.apps.actions, REGISTER_SECURITY_INFO);
    action.or(has(&policy.apps.include, "all"))
}

fn circumstance(place: &Pointer) -> Held {
    Held::unknown(Lack::Circumstance(place.clone()))
}

/// Whether a policy is for this person.
pub(crate) fn includes(users: &UserScope, holder: &Holder) -> Held {
    let guest = || match holder.guest {
        Some(guest) => Held::given(guest),
        None => Held::unknown(Lack::Fact(fact::GUEST)),
    };
    let by_guests = |place: &Option<Pointer>| match place {
        // Kinds of guests and their tenants narrow it further.
        Some(place) if holder.guest != Some(false) => circumstance(place),
        Some(_) | None => Held::given(false),
    };
    let among = |lists: &[Names; 3], guests: &Option<Pointer>| {
        let [people, groups, roles] = lists;
        let parts = [
            has(people, "all"),
            has(people, "guestsorexternalusers").and(guest()),
            any_of(people, |id| holder.is(id)),
            any_of(groups, |id| holder.belongs_to(id)),
            any_of(roles, |id| holder.has_role(id)),
            by_guests(guests),
        ];
        Held::any(parts)
    };
    let excluded = among(&users.exclude, &users.exclude_guests);
    among(&users.include, &users.include_guests).and(excluded.negated())
}

fn app(policy: &AccessPolicy, app: Option<Guid>) -> Held {
    let apps = &policy.apps;
    let contexts = apps.contexts.value.iter().flatten().next();
    if let Some(context) = contexts {
        return circumstance(&context.place);
    }
    let named = match app {
        Some(app) => names_app(&apps.include, app),
        // Without an app the question is for all that the policy names.
        None => apps.include.held(|list| {
            list.iter()
                .any(|name| name.value.as_deref() != Some("none"))
        }),
    };
    // A filter chooses apps by their attributes, beside those that are listed.
    let chosen = match (&apps.filter, app) {
        (Some(place), Some(_)) => circumstance(place),
        (Some(place), None) => Held::decided(true, place),
        (None, _) => Held::given(false),
    };
    let included = has(&apps.include, "all").or(named).or(chosen);
    let excluded = match app {
        Some(app) => names_app(&apps.exclude, app),
        None => Held::given(false),
    };
    let filter = match &apps.filter {
        Some(place) if app.is_some() => circumstance(place),
        Some(_) | None => Held::given(true),
    };
    included.and(excluded.negated()).and(filter)
}

/// Words such as Office365 and MicrosoftAdminPortals stand for many apps, of which no export tells.
fn names_app(names: &Names, app: Guid) -> Held {
    let named = has(names, &app.to_string());
    let is_many = |text: &String| Guid::parse(text).is_none() && text != "all" && text != "none";
    let many = names
        .value
        .iter()
        .flatten()
        .find(|name| name.value.as_ref().is_some_and(is_many));
    match many {
        Some(many) if !named.yes() => named.or(circumstance(&many.place)),
        Some(_) | None => named,
    }
}

fn has(names: &Names, wanted: &str) -> Held {
    names.contains(&wanted.to_owned())
}

/// One id of the list is such; words that are no ids are none of them.
fn any_of(names: &Names, is: impl Fn(Guid) -> Held) -> Held {
    let Some(list) = &names.value else {
        return Held::unknown(names.lack());
    };
    let each = list.iter().map(|name| match &name.value {
        None => Held::unknown(name.lack()),
        Some(text) => match Guid::parse(text) {
            Some(id) => is(id).on(&name.place),
            None => Held::given(false).on(&name.place),
        },
    });
    Held::any(each).on(&names.place)
}
