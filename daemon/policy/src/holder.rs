//! The person who wants to use the passkey, and the phone that it is on.

use crate::fact;
use crate::guid::Guid;
use crate::model::PolicyTarget;
use crate::model::{Groups, TargetId, TargetKind};
use crate::moment::Moment;
use crate::pointer::Pointer;
use crate::truth::{Held, Lack};
use std::collections::BTreeSet;

/// What is known of a person.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Holder {
    /// The id in the directory.
    pub id: Option<Guid>,
    /// Groups and roles.
    pub groups: Groups,
    /// The files that tell groups and roles.
    pub groups_from: BTreeSet<Pointer>,
    /// Where roles stand of which it is not known which they are.
    pub unread_roles: BTreeSet<Pointer>,
    /// A guest of the tenant; `None` when it is not known, which is taken for a member.
    pub guest: Option<bool>,
    /// The user principal name of today.
    pub user_name: Option<String>,
    /// `isMfaCapable`, which respects the policy; not `isMfaRegistered`.
    pub mfa_capable: Option<bool>,
    /// When multi-factor authentication was done last.
    pub last_mfa: Option<Moment>,
    /// When the person signed in with a one-time pass.
    pub one_time_pass_used: Option<Moment>,
}

/// A phone with Microsoft Authenticator.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct DeviceFacts {
    /// Its system.
    pub system: Option<PhoneSystem>,
    /// The system's major version.
    pub version: Option<u16>,
    /// The version of the app.
    pub authenticator: Option<(u32, u32, u32)>,
}

/// The system of a phone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PhoneSystem {
    /// Apple's.
    Ios,
    /// Google's.
    Android,
}

impl Holder {
    /// Whether a target names this person.
    pub(crate) fn is_in(&self, target: &PolicyTarget) -> Held {
        let held = match target.id.value {
            None => return Held::unknown(target.id.lack()),
            Some(TargetId::Everyone) => Held::given(true),
            Some(TargetId::Object(id)) => match target.kind.value {
                Some(TargetKind::Group) => self.belongs_to(id),
                Some(TargetKind::User) => self.is(id),
                None => match self.is(id).or(self.belongs_to(id)) {
                    held if held.yes() => held,
                    _ => return Held::unknown(target.kind.lack()),
                },
            },
        };
        held.on(&target.id.place)
    }

    /// Whether the person belongs to a group.
    pub(crate) fn belongs_to(&self, group: Guid) -> Held {
        self.told(self.groups.contains(group))
    }

    /// Whether the person has a role, by its template.
    pub(crate) fn has_role(&self, template: Guid) -> Held {
        let mut held = self.groups.has_role(template);
        if held.open() && !self.unread_roles.is_empty() {
            held.lacks = self.unread_roles.iter().cloned().map(Lack::Role).collect();
        }
        self.told(held)
    }

    /// Resting on the files that tell it.
    fn told(&self, held: Held) -> Held {
        self.groups_from.iter().fold(held, Held::on)
    }

    /// Whether this is the person's own id.
    pub(crate) fn is(&self, id: Guid) -> Held {
        match self.id {
            Some(own) => Held::given(own == id),
            None => Held::unknown(Lack::Fact(fact::USER)),
        }
    }
}
