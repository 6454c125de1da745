//! One verdict: its code and layer, how sure it is, what it rests on, what would turn it.

use crate::catalogue::{Layer, Rule};
use crate::confidence::Confidence;
use crate::doubt::Doubt;
use crate::pointer::Pointer;
use crate::topics::Topic;
use crate::truth::{Held, Lack};
use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// A verdict.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ruling {
    /// Layers in their order, codes in theirs.
    order: (Layer, &'static str),
    /// What it does to the outcome of its layer.
    pub effect: Effect,
    /// How sure it is.
    pub confidence: Confidence,
    /// What was seen.
    pub saw: String,
    /// The places that decided it.
    pub rests: BTreeSet<Pointer>,
    /// What is missing for a better one.
    pub lacks: BTreeSet<Lack>,
    /// The smallest change that would turn it.
    pub flip: String,
    means: String,
    todo: String,
    name: &'static str,
    source: String,
}

/// What a ruling does to the outcome of its layer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effect {
    /// It is a reason to refuse.
    Refuses,
    /// It keeps the answer open.
    Withholds,
    /// It is a reason to accept.
    Admits,
    /// It is worth knowing.
    Notes,
}

impl Ruling {
    /// By this rule, and no surer than the rule can be.
    pub(crate) fn new(rule: &Rule, effect: Effect, confidence: Confidence, saw: &str) -> Self {
        const LONGEST: usize = 600;
        Self {
            order: (rule.layer, rule.code),
            effect,
            confidence: confidence.min(rule.best),
            saw: printable(saw).chars().take(LONGEST).collect(),
            rests: BTreeSet::new(),
            lacks: BTreeSet::new(),
            flip: rule.flip.to_owned(),
            means: rule.means.to_owned(),
            todo: rule.todo.to_owned(),
            name: rule.name,
            source: rule.source.to_string(),
        }
    }

    pub(crate) fn refuses(rule: &Rule, saw: &str) -> Self {
        Self::new(rule, Effect::Refuses, rule.best, saw)
    }

    pub(crate) fn notes(rule: &Rule, saw: &str) -> Self {
        Self::new(rule, Effect::Notes, rule.best, saw)
    }

    pub(crate) fn withholds(rule: &Rule, saw: &str) -> Self {
        Self::new(rule, Effect::Withholds, rule.best, saw)
    }

    /// Resting on this, and lacking what it lacks.
    #[must_use]
    pub(crate) fn because(mut self, held: &Held) -> Self {
        self.rests.extend(held.rests.iter().cloned());
        self.lacks.extend(held.lacks.iter().cloned());
        self
    }

    #[must_use]
    pub(crate) fn on(mut self, place: &Pointer) -> Self {
        self.rests.insert(place.clone());
        self
    }

    #[must_use]
    pub(crate) fn lacking(mut self, lack: Lack) -> Self {
        self.lacks.insert(lack);
        self
    }

    #[must_use]
    pub(crate) fn at_most(mut self, confidence: Confidence) -> Self {
        self.confidence = self.confidence.min(confidence);
        self
    }

    /// Said of this one among several.
    #[must_use]
    pub(crate) fn of(mut self, label: &str) -> Self {
        self.saw = format!("{}: {}", printable(label), self.saw);
        self
    }

    /// With the change named by its place.
    #[must_use]
    pub(crate) fn turned_by(mut self, change: &str) -> Self {
        self.flip = printable(change);
        self
    }

    /// With what it means here.
    #[must_use]
    pub(crate) fn meaning(mut self, means: &str) -> Self {
        self.means = printable(means);
        self
    }

    /// With what to do here.
    #[must_use]
    pub(crate) fn advising(mut self, todo: &str) -> Self {
        self.todo = printable(todo);
        self
    }

    /// No surer than the files that it rests on.
    pub(crate) fn cap(&mut self, doubts: &[Doubt]) {
        for doubt in doubts {
            let mut rests = self.rests.iter();
            let concerned = rests.any(|place| place.file() == doubt.place.file());
            if let Some(cap) = doubt.cap().filter(|_| concerned) {
                self.confidence = self.confidence.min(cap);
                let named = Lack::Member(doubt.place.clone());
                if cap == Confidence::Possible && !self.lacks.contains(&named) {
                    self.lacks.insert(Lack::Rest(doubt.place.clone()));
                }
            }
        }
    }

    /// Stable, `PK` and three digits.
    pub const fn code(&self) -> &'static str {
        self.order.1
    }

    /// A few words.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it speaks of.
    pub const fn layer(&self) -> Layer {
        self.order.0
    }

    /// What to do.
    pub fn advice(&self) -> &str {
        &self.todo
    }

    /// What it means.
    pub fn means(&self) -> &str {
        &self.means
    }

    /// What stands before [`flip`](Self::flip): a change at a place of an export is not for whoever
    /// registers or signs in.
    pub fn flip_label(&self) -> &'static str {
        let names_a_place = |place: &Pointer| self.flip.contains(&place.to_string());
        match self.rests.iter().any(names_a_place) {
            true => "What would change it, for the administrator",
            false => "What would change it",
        }
    }

    /// The page that its rule rests on, and what that states.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The members of a ruling, for reports.
    pub fn to_json(&self) -> Value {
        let texts = |texts: Vec<String>| Value::from(texts);
        json!({
            "code": self.code(),
            "layer": self.layer().name(),
            "effect": self.effect.name(),
            "certainty": self.confidence.name(),
            "saw": self.saw,
            "means": self.means,
            "advice": self.todo,
            "rests_on": texts(self.rests.iter().map(Pointer::to_string).collect()),
            "missing": texts(self.lacks.iter().map(Lack::to_string).collect()),
            "smallest_change": self.flip,
            "source": self.source,
            "topic": Topic::of(self.code()).map(|topic| topic.name),
        })
    }
}

impl Effect {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuses => "refuses",
            Self::Withholds => "withholds",
            Self::Admits => "admits",
            Self::Notes => "notes",
        }
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, layer, confidence) = (self.code(), self.layer().name(), self.confidence.name());
        writeln!(f, "{code} ({layer}, {confidence}): {}", self.name)?;
        writeln!(f, "  What was seen: {}", self.saw)?;
        for place in &self.rests {
            writeln!(f, "    at {place}")?;
        }
        for lack in &self.lacks {
            writeln!(f, "  What is missing: {lack}")?;
        }
        writeln!(f, "  What it means: {}", self.means)?;
        writeln!(f, "  What to do: {}", self.todo)?;
        writeln!(f, "  {}: {}", self.flip_label(), self.flip)?;
        if let Some(topic) = Topic::of(code) {
            writeln!(f, "  More: hybridd explain {}", topic.name)?;
        }
        write!(f, "  Source: {}", self.source)
    }
}
