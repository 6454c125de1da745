//! `hybridd policy matrix`: which imitated phones were tried with which programs, when, and what
//! shows it. The runs are data, which tests write and check; nothing here is an opinion.

use super::super::answer::{answer, refused};
use super::super::exit::Exit;
use crate::export_files::now;
use hybrid_policy::Moment;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

/// One run on each line. `UPDATE=1 cargo test -p hybrid-tests --test policy --test agent` measures
/// those again that are of ordinary tests.
const RUNS: &str = include_str!("runs.jsonl");

/// What has to be known before any cell is read.
const HEAD: &str = "\
No real phone and no radio took part. Each phone is an imitation by phone-sim, which says what of it is documented and what is
assumed (phone-sim profiles; default is the one without a profile). The sites were tests of our own: no cell concerns Microsoft
Entra's own checks, which policy check judges by a tenant's exports.";

/// What Microsoft publishes, beside what was run here.
const PUBLISHED: &str = "\
Microsoft's page of 2025-05-12 (concept-fido2-compatibility) excludes passkeys of Authenticator from Firefox on Linux, although it
lists Firefox on Linux. Firefox there shows no code of its own; the virtual key gives it one.";

/// A result that is older is marked: programs change.
const OLD_DAYS: i64 = 180;

#[derive(clap::Args)]
pub(super) struct MatrixArgs {
    /// Shows this phone alone.
    #[arg(long, value_name = "NAME")]
    phone: Option<String>,
    /// Shows the programs whose names contain this.
    #[arg(long, value_name = "NAME")]
    program: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &MatrixArgs) -> Exit {
    let now = now();
    let Some(runs) = runs() else {
        return Exit::Defect;
    };
    let shown: Vec<&Run> = runs.iter().filter(|run| args.takes(run)).collect();
    if shown.is_empty() {
        return refused(&NoRun::of(&runs), args.json);
    }
    let json = json!({
        "head": HEAD,
        "runs": shown.iter().map(|run| run.to_json(now)).collect::<Vec<_>>(),
        "published": PUBLISHED,
    });
    answer(args.json.then_some(&json), &text(&shown, now), Exit::Done)
}

impl MatrixArgs {
    fn takes(&self, run: &Run) -> bool {
        let phone = self.phone.as_ref().is_none_or(|name| *name == run.phone);
        let program = self.program.as_ref().is_none_or(|name| {
            let name = name.to_ascii_lowercase();
            run.program.to_ascii_lowercase().contains(&name)
        });
        phone && program
    }
}

/// One phone with one program.
struct Run {
    phone: String,
    program: String,
    way: String,
    does: String,
    result: String,
    /// What the site got to see of the AAGUID, where that was looked at.
    model: Option<String>,
    date: String,
    evidence: String,
}

fn runs() -> Option<Vec<Run>> {
    RUNS.lines().map(Run::read).collect()
}

impl Run {
    fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| Some(line.get(name)?.as_str()?.to_owned());
        Some(Self {
            phone: text("phone")?,
            program: text("program")?,
            way: text("way")?,
            does: text("does")?,
            result: text("result")?,
            model: text("model"),
            date: text("date")?,
            evidence: text("evidence")?,
        })
    }

    /// `None` for a day that is none.
    fn is_old(&self, now: Moment) -> Option<bool> {
        let day = Moment::parse(&format!("{}T00:00:00Z", self.date))?;
        Some(day.days_until(now) > OLD_DAYS)
    }

    /// What the cells of the same evidence have in common.
    fn told(&self) -> String {
        let way = match self.way.as_str() {
            "key" => "through the virtual key",
            _ => "by code",
        };
        let model = match &self.model {
            Some(model) => format!("; AAGUID {model}"),
            None => String::new(),
        };
        format!("{}, {way}{model} ({})", self.does, self.evidence)
    }

    fn to_json(&self, now: Moment) -> Value {
        json!({
            "phone": self.phone, "program": self.program, "way": self.way, "does": self.does,
            "result": self.result, "model": self.model, "date": self.date,
            "old": self.is_old(now), "evidence": self.evidence,
        })
    }
}

fn text(runs: &[&Run], now: Moment) -> String {
    // In the order in which they were written down.
    let programs = in_order(runs.iter().map(|run| run.program.as_str()));
    let phones = in_order(runs.iter().map(|run| run.phone.as_str()));
    let evidence = in_order(runs.iter().map(|run| run.told()));
    let letter = |run: &Run| {
        let told = run.told();
        let place = evidence.iter().position(|known| *known == told);
        (b'a'..=b'z').nth(place.unwrap_or_default()).map(char::from)
    };
    let cells: BTreeMap<(&str, &str), String> = runs
        .iter()
        .map(|run| {
            let old = match run.is_old(now) {
                Some(false) => "",
                Some(true) | None => " old",
            };
            let letter = letter(run).unwrap_or('?');
            let cell = format!("{} {} {letter}{old}", run.result, run.date);
            ((run.phone.as_str(), run.program.as_str()), cell)
        })
        .collect();
    let mut text = format!("{HEAD}\n\n");
    let head = ["phone"].into_iter().chain(programs.iter().copied());
    let mut table = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for phone in phones {
        let cell = |program: &&str| {
            let cell = cells.get(&(phone, *program)).cloned();
            cell.unwrap_or_else(|| "not run".to_owned())
        };
        let name = [phone.to_owned()].into_iter();
        table.push(name.chain(programs.iter().map(cell)).collect());
    }
    for (place, row) in table.iter().enumerate() {
        let _ = writeln!(text, "| {} |", row.join(" | "));
        if place == 0 {
            let _ = writeln!(text, "|{}", " --- |".repeat(row.len()));
        }
    }
    text.push_str(
        "\nEach cell has its result, the day on which that was written down, and what shows it:\n",
    );
    for (told, letter) in evidence.iter().zip('a'..='z') {
        let _ = writeln!(text, "  {letter}  {told}");
    }
    let _ = writeln!(
        text,
        "Results that are more than {OLD_DAYS} days old are marked old.\n\n{PUBLISHED}"
    );
    text
}

/// Each once.
fn in_order<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// Nothing of what was asked for was run.
#[derive(Debug)]
struct NoRun {
    phones: BTreeSet<String>,
    programs: BTreeSet<String>,
}

impl NoRun {
    fn of(runs: &[Run]) -> Self {
        Self {
            phones: runs.iter().map(|run| run.phone.clone()).collect(),
            programs: runs.iter().map(|run| run.program.clone()).collect(),
        }
    }
}

impl fmt::Display for NoRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &BTreeSet<String>| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.join(", ")
        };
        write!(
            f,
            "no run of this phone with this program\n  Expected a phone of: {}; and a part of the name of a program: {}",
            listed(&self.phones),
            listed(&self.programs)
        )
    }
}

impl std::error::Error for NoRun {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_a_day_and_evidence_and_stands_once() {
        let runs = runs().unwrap();
        let mut seen = BTreeSet::new();
        let now = Moment::parse("2026-11-29T12:00:00Z").unwrap();
        for run in &runs {
            assert!(seen.insert((&run.phone, &run.program)), "{}", run.phone);
            assert_eq!(run.is_old(now), Some(false), "{}", run.date);
            assert!(!run.evidence.is_empty() && !run.does.is_empty());
        }
        let evidence = in_order(runs.iter().map(Run::told));
        assert!(evidence.len() <= 26, "there are letters for all");
    }

    #[test]
    fn the_head_says_that_no_real_phone_took_part_and_every_cell_names_its_day_and_evidence() {
        let runs = runs().unwrap();
        let all: Vec<&Run> = runs.iter().collect();
        let day = |text: &str| Moment::parse(text).unwrap();
        let told = text(&all, day("2026-11-29T12:00:00Z"));
        assert!(told.starts_with("No real phone and no radio took part."));
        assert!(told.contains("no cell concerns Microsoft\nEntra's own checks"));
        assert!(told.contains("| phone | "), "{told}");
        assert!(told.lines().any(|line| line.starts_with("| --- | --- |")));
        assert!(told.contains("| microg | completed 2026-"), "{told}");
        assert!(told.contains("| not run |") && !told.contains(" old |"));
        assert!(text(&all, day("2027-11-29T12:00:00Z")).contains(" old |"));
    }
}
