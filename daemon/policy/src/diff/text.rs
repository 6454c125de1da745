//! The differences for a person: sign-in first, nothing twice.

use super::{Difference, PopulationChange};
use crate::catalogue::LOCKED_OUT;
use crate::ruling::Ruling;
use crate::topics::Topic;
use std::collections::BTreeMap;
use std::fmt;

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sections = Vec::new();
        sections.extend(populations(&self.populations));
        if !self.is_empty() {
            let lines = self
                .passkeys
                .iter()
                .map(|passkey| format!("  - {passkey}\n"));
            sections.extend(section("The user's passkeys", lines));
        }
        let access = self.access.iter().map(|change| {
            let lockout = change.lockout.iter().map(lockout);
            format!("  - {change}\n{}", lockout.collect::<String>())
        });
        sections.extend(section(
            "What Conditional Access requires, and what other methods there are",
            access,
        ));
        let brief = |ruling: &Ruling| {
            let (layer, confidence) = (ruling.layer().name(), ruling.confidence.name());
            let (code, name, saw) = (ruling.code(), ruling.name(), &ruling.saw);
            format!("  - {code} ({layer}, {confidence}): {name}: {saw}\n")
        };
        let appeared = self.appeared.iter().map(brief);
        sections.extend(section(
            "New findings (hybridd policy lint says more)",
            appeared,
        ));
        sections.extend(section(
            "Findings that are gone",
            self.gone.iter().map(brief),
        ));
        if !self.rulings.is_empty() {
            sections.push(legend());
        }
        f.write_str(&sections.join("\n"))
    }
}

fn section(title: &str, lines: impl Iterator<Item = String>) -> Option<String> {
    let lines: String = lines.collect();
    (!lines.is_empty()).then(|| format!("{title}:\n{lines}"))
}

/// Those with the same change together.
fn populations(changes: &[PopulationChange]) -> Vec<String> {
    let mut together: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for change in changes {
        let mut text: String = { change.lines.iter() }
            .map(|line| format!("  - {line}\n"))
            .collect();
        text.extend(change.lockout.iter().map(lockout));
        together.entry(text).or_default().push(&change.who);
    }
    let mut sections: Vec<String> = together
        .into_iter()
        .map(|(text, who)| format!("{}:\n{text}", capital(&heading(&who))))
        .collect();
    sections.sort();
    sections
}

/// The first of them; a tenant can have a thousand groups.
fn heading(who: &[&str]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<&str> = who.iter().take(SHOWN).copied().collect();
    match who.len().saturating_sub(SHOWN) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more (--json names all)", shown.join("; ")),
    }
}

/// What the line above does not say.
fn lockout(ruling: &Ruling) -> String {
    let (code, layer, confidence) = (
        ruling.code(),
        ruling.layer().name(),
        ruling.confidence.name(),
    );
    let whom = match ruling.saw.starts_with('"') {
        true => { ruling.saw.rsplit_once(": ") }.map_or("", |(_, whom)| whom),
        false => "whoever has no other method is locked out",
    };
    let mut text = format!("    {code} ({layer}, {confidence}): {whom}\n");
    for lack in &ruling.lacks {
        text.push_str(&format!("      What is missing: {lack}\n"));
    }
    text.push_str(&format!("      What would change it: {}\n", ruling.flip));
    text
}

fn legend() -> String {
    let rule = &LOCKED_OUT;
    let topic = Topic::of(rule.code).map_or(String::new(), |topic| {
        format!("  More: hybridd explain {}\n", topic.name)
    });
    format!(
        "{}, {}:\n  What it means: {}\n  What to do: {}\n{topic}  Source: {}\n",
        rule.code, rule.name, rule.means, rule.todo, rule.source
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|char| char.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
