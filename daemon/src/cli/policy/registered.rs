//! The passkeys that a user has registered, each judged for a sign-in.

use super::input::{NoInput, usable};
use super::missing::missing_text;
use hybrid_policy::model::{RegisteredPasskey, UserMethods};
use hybrid_policy::{Admission, Exports, Inquiry, Judgement, Ruling, check};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Each passkey with its judgement; there is at least one.
pub(super) struct Registered {
    /// The export that lists them.
    file: String,
    each: Vec<One>,
}

struct One {
    passkey: RegisteredPasskey,
    judgement: Judgement,
}

impl Registered {
    /// Asks the exports about all of a user's passkeys, or about the one with this name or id.
    ///
    /// # Errors
    /// [`NoInput::Method`] when no passkey has that name or id, or several have.
    pub(super) fn judge(
        exports: &Exports,
        user: &UserMethods,
        wanted: Option<&str>,
        inquiry: &Inquiry,
    ) -> Result<Self, NoInput> {
        let passkeys = chosen(user, wanted)?;
        let each = passkeys.into_iter().map(|passkey| {
            let mut inquiry = inquiry.clone();
            inquiry.passkey = passkey.facts();
            Ok(One {
                passkey: passkey.clone(),
                judgement: usable(check(exports, &inquiry))?,
            })
        });
        Ok(Self {
            file: user.place.file().to_owned(),
            each: each.collect::<Result<_, NoInput>>()?,
        })
    }

    /// The worst: one that is refused, then one that is open.
    pub(super) fn outcome(&self) -> Admission {
        let outcomes = || self.each.iter().map(|one| one.judgement.outcome());
        let has = |wanted: Admission| outcomes().any(|outcome| outcome == wanted);
        let worst = [Admission::Refused, Admission::Undetermined];
        let worst = worst.into_iter().find(|wanted| has(*wanted));
        worst.unwrap_or(Admission::Accepted)
    }

    pub(super) fn to_json(&self) -> Value {
        let each: Vec<Value> = { self.each.iter() }
            .map(|one| {
                let mut json = one.judgement.to_json();
                if let Some(members) = json.as_object_mut() {
                    let outcome = one.judgement.outcome().name();
                    members.insert("outcome".to_owned(), outcome.into());
                    members.insert("name".to_owned(), json!(one.passkey.name));
                    members.insert("id".to_owned(), json!(one.passkey.id));
                    members.insert("at".to_owned(), one.passkey.place.to_string().into());
                }
                json
            })
            .collect();
        json!({"outcome": self.outcome().name(), "passkeys": each})
    }

    /// The summary of each passkey with what is its own, and once what is the same for all.
    pub(super) fn text(&self) -> String {
        let count = self.each.len();
        let refused = { self.each.iter() }
            .filter(|one| one.judgement.outcome() == Admission::Refused)
            .count();
        let mut text = match count {
            1 => format!("1 passkey of {}:\n", self.file),
            _ => format!(
                "{count} passkeys of {}, each judged by itself; refused: {refused}.\n",
                self.file
            ),
        };
        let common = self.common();
        for one in &self.each {
            let label = one.passkey.label();
            let _ = writeln!(text, "\n{label}, at {}", one.passkey.place);
            for line in one.judgement.summary() {
                let _ = writeln!(text, "  {line}");
            }
            let own = { one.judgement.rulings.iter() }.filter(|ruling| !common.contains(ruling));
            for ruling in own {
                let _ = writeln!(text, "\n{ruling}");
            }
        }
        if !common.is_empty() {
            text.push_str("\nFor each of these passkeys:\n");
        }
        for ruling in common {
            let _ = writeln!(text, "\n{ruling}");
        }
        if self.outcome() == Admission::Undetermined {
            let missing = self.each.iter().flat_map(|one| one.judgement.missing());
            text.push_str(&missing_text(missing.collect()));
        }
        text
    }

    /// Verdicts that all have, when there are several.
    fn common(&self) -> Vec<&Ruling> {
        let [first, others @ ..] = self.each.as_slice() else {
            return Vec::new();
        };
        let everywhere = |ruling: &&Ruling| {
            !others.is_empty()
                && others
                    .iter()
                    .all(|one| one.judgement.rulings.contains(ruling))
        };
        first.judgement.rulings.iter().filter(everywhere).collect()
    }
}

fn chosen<'a>(
    user: &'a UserMethods,
    wanted: Option<&str>,
) -> Result<Vec<&'a RegisteredPasskey>, NoInput> {
    let Some(wanted) = wanted else {
        return Ok(user.passkeys.iter().collect());
    };
    let is = |text: &Option<String>| {
        text.as_ref()
            .is_some_and(|text| text.to_lowercase() == wanted.trim().to_lowercase())
    };
    let found: Vec<&RegisteredPasskey> = { user.passkeys.iter() }
        .filter(|passkey| is(&passkey.name) || is(&passkey.id))
        .collect();
    if found.len() == 1 {
        return Ok(found);
    }
    let among = match found.is_empty() {
        true => user.passkeys.iter().collect(),
        false => found,
    };
    let listed: Vec<String> = { among.iter() }
        .map(|passkey| {
            let id = passkey.id.as_deref().unwrap_or("none");
            format!("{} (id {id})", passkey.label())
        })
        .collect();
    Err(NoInput::Method {
        file: user.place.file().to_owned(),
        listed,
    })
}
