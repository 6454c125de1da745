//! `hybridd explain`: what a code means, why a saved session did not advance, and what Chromium's
//! log says.

mod error;

use super::answer::{print, print_sentences, refused};
use super::exit::Exit;
use clap::builder::StringValueParser;
use error::ExplainError;
use hybrid_diagnosis::catalogue::{self, Entry};
use hybrid_diagnosis::chromium_log::{self, LogError, SignInAttempt};
use hybrid_diagnosis::explain::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::lookup::look_up;
use hybrid_diagnosis::timeline::{EventKind, LoadError, Loaded, Timeline, TimelineEntry};
use hybrid_diagnosis::wording;
use hybrid_pages::{CommandPage, offering};
use hybrid_policy::catalogue::{self as rules, Rule};
use hybrid_policy::{TOPICS, Topic};
use hybrid_process::{READING, within};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};

/// What the page of `explain` says.
pub(super) const PAGE: CommandPage = CommandPage {
    exits: &[
        (0, "explained"),
        (2, "wrong usage or input, or nothing is known of it"),
    ],
    notes: "A text, --timeline and --chromium-log exclude each other.",
    examples: &[
        ("What does this code mean?", "hybridd explain NW15"),
        (
            "What does this text on a screen mean?",
            "hybridd explain \"Connecting to your device\"",
        ),
        (
            "Why did Chromium's sign-in hang?",
            "hybridd explain --chromium-log chromium.log",
        ),
        (
            "Why did the last sign-in of hybridd not get further?",
            "hybridd explain --timeline ~/.local/state/hybridd/last-timeline.jsonl",
        ),
    ],
    also: &["hybridd-doctor(1)", "hybridd-history(1)"],
};

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").multiple(false))]
pub(super) struct ExplainArgs {
    /// A code such as NW15 or PK050, a page (ways, recovery, bootstrap, restrictions, enforcement), a
    /// text that a phone, browser or site shows, or an error's number or name, such as 0x80090035.
    /// Without an argument, lists all codes and pages.
    #[arg(
        value_name = "TEXT",
        group = "what",
        allow_negative_numbers = true,
        value_parser = offering(StringValueParser::new(), known()),
        hide_possible_values = true
    )]
    text: Vec<String>,
    /// A timeline that was saved with --timeline; - reads standard input.
    #[arg(long, value_name = "FILE", group = "what")]
    timeline: Option<PathBuf>,
    /// Chromium's log, from chrome://device-log (type FIDO, level Debug) or --enable-logging; -
    /// reads standard input.
    #[arg(long, value_name = "FILE", group = "what")]
    chromium_log: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What is printed, for people and for scripts.
struct Explanation {
    text: String,
    json: Value,
}

pub(super) fn run(args: &ExplainArgs) -> Exit {
    let explanation = match (args.text.as_slice(), &args.timeline, &args.chromium_log) {
        ([_, ..], _, _) => of_text(&args.text.join(" ")),
        ([], Some(path), _) => in_time(path, of_timeline, ExplainError::NoTimeline),
        ([], None, Some(path)) => in_time(path, of_chromium_log, ExplainError::NoChromiumLog),
        ([], None, None) => Ok(of_all()),
    };
    match explanation {
        Ok(explanation) => {
            if args.json {
                print(&format!("{}\n", explanation.json), Exit::Done)
            } else {
                print_sentences(&explanation.text, Exit::Done)
            }
        }
        Err(why) => refused(&why, args.json),
    }
}

/// Codes and pages, for shells to complete.
fn known() -> impl Iterator<Item = &'static str> {
    let pages = TOPICS.iter().map(|topic| topic.name);
    let codes = catalogue::all().map(|entry| entry.code);
    pages.chain(codes).chain(rules::all().map(|rule| rule.code))
}

/// Looks up a text, whose words a shell may have taken apart.
fn of_text(text: &str) -> Result<Explanation, ExplainError> {
    match rules::named_in(text).as_slice() {
        [] => {}
        named => return Ok(of_rules(named)),
    }
    if let Some(topic) = Topic::find(text) {
        return Ok(of_topic(topic));
    }
    if is_a_file(text) {
        return Err(ExplainError::FileAsText(text.to_owned()));
    }
    let found = look_up(text).ok_or_else(|| ExplainError::UnknownText(text.to_owned()))?;
    let each: Vec<_> = found
        .causes
        .iter()
        .map(|entry| format!("{entry}\n"))
        .collect();
    let each = each.join("\n");
    let json = match (&found.of, found.causes.as_slice()) {
        (None, [entry]) => entry_json(entry),
        (_, causes) => causes.iter().copied().map(entry_json).collect(),
    };
    let text = match found.of {
        None => each,
        Some(of) => {
            let next = if found.causes.len() > 1 { NEXT } else { "" };
            format!("{of} Possible causes, the most likely first:\n\n{each}{next}")
        }
    };
    Ok(Explanation { text, json })
}

/// Whether a text is the name of a file that is there. No code has a dot or a slash, so a file of
/// a code's name hides none. A file system that does not respond is not waited for longer than one
/// that is read.
fn is_a_file(text: &str) -> bool {
    let path = PathBuf::from(text);
    text.contains(['.', '/']) && within(READING, move || path.is_file()).unwrap_or(false)
}

/// Where several causes are possible. One alone ends with what to do about it.
const NEXT: &str = "\nWhat to do next: run hybridd doctor, which finds the causes that lie with this computer. If it finds none, try the others in this order.\n";

fn of_rules(rules: &[&Rule]) -> Explanation {
    let each = rules.iter().map(|rule| {
        let more = Topic::of(rule.code).map_or_else(String::new, |topic| {
            format!("  More: hybridd explain {}\n", topic.name)
        });
        format!("{rule}\n{more}")
    });
    let each: Vec<_> = each.collect();
    Explanation {
        text: each.join("\n"),
        json: match rules {
            [rule] => rule_json(rule),
            rules => rules.iter().map(|rule| rule_json(rule)).collect(),
        },
    }
}

fn of_topic(topic: &Topic) -> Explanation {
    Explanation {
        text: topic.to_string(),
        json: json!({
            "topic": topic.name, "title": topic.title(), "text": topic.text, "codes": topic.codes,
        }),
    }
}

fn of_all() -> Explanation {
    let mut text = "Pages:\n".to_owned();
    for topic in TOPICS {
        let _ = writeln!(text, "{}  {}", topic.name, topic.title());
    }
    text.push_str("\nCodes:\n");
    for entry in catalogue::all() {
        let _ = writeln!(text, "{}  {}", entry.code, entry.name);
    }
    for rule in rules::all() {
        let _ = writeln!(text, "{}  {}", rule.code, rule.name);
    }
    text.push_str("\nWhat a code means, and what to do: hybridd explain CODE\n");
    let entries = catalogue::all().map(entry_json);
    Explanation {
        text,
        json: entries.chain(rules::all().map(rule_json)).collect(),
    }
}

/// Reads a file and explains it. It may never end, or come from somebody who sleeps; a person at a
/// keyboard is waited for.
fn in_time(
    path: &Path,
    explain: fn(Box<dyn BufRead>) -> Result<Explanation, ExplainError>,
    unread: fn(PathBuf, io::Error) -> ExplainError,
) -> Result<Explanation, ExplainError> {
    let unread = |error| unread(path.to_owned(), error);
    let named = path.to_owned();
    let work = move || open(&named).map(explain);
    let read = if path == Path::new("-") && io::stdin().is_terminal() {
        work()
    } else {
        within(READING, work).and_then(|read| read)
    };
    match read {
        // A folder can be opened, and not be read.
        Ok(Err(
            ExplainError::Timeline(LoadError::Io(error))
            | ExplainError::ChromiumLog(LogError::Io(error)),
        ))
        | Err(error) => Err(unread(error)),
        Ok(explained) => explained,
    }
}

fn of_timeline(file: Box<dyn BufRead>) -> Result<Explanation, ExplainError> {
    let loaded = Timeline::load(file).map_err(ExplainError::Timeline)?;
    let Loaded {
        timeline,
        skipped,
        cut,
        about,
    } = &loaded;
    let findings = explain(timeline, &[]);
    let mut text = String::new();
    if let Some(about) = about {
        let _ = writeln!(text, "{about}\n");
    }
    // What was found at the time is found again below, with all that is known.
    let happened = timeline
        .entries()
        .iter()
        .filter(|entry| !matches!(entry.what, EventKind::Finding(_)));
    for entry in happened {
        if let Some(line) = wording::line(&entry.what) {
            let _ = writeln!(text, "{:6.1} s  {line}", entry.at.as_secs_f64());
        }
    }
    if *skipped > 0 {
        let lines = if *skipped == 1 {
            "line was"
        } else {
            "lines were"
        };
        let _ = writeln!(text, "({skipped} {lines} not understood and skipped)");
    }
    if *cut {
        text.push_str("(the file is too long; its end is ignored)\n");
    }
    text.push('\n');
    write_findings(&mut text, &findings);
    if findings.is_empty() {
        text.push_str(next_of(timeline));
    }
    let json = json!({
        "entries": timeline.entries().len(), "skipped": skipped, "cut": cut, "findings": findings_json(&findings),
    });
    Ok(Explanation { text, json })
}

fn of_chromium_log(file: Box<dyn BufRead>) -> Result<Explanation, ExplainError> {
    let attempts = chromium_log::read(file).map_err(ExplainError::ChromiumLog)?;
    let mut text = String::new();
    for (number, attempt) in attempts.iter().enumerate() {
        let (number, all) = (number + 1, attempts.len());
        let newest = if number == all && all > 1 {
            ", the newest"
        } else {
            ""
        };
        let _ = writeln!(text, "Sign-in {number} of {all} in this log{newest}");
        for step in &attempt.steps {
            let _ = writeln!(text, "  line {}: {}", step.line, step.saw);
        }
        write_findings(&mut text, &attempt.findings);
        if attempt.findings.is_empty() {
            text.push_str(NEXT_OF_CHROMIUM);
        }
        text.push('\n');
    }
    let json = attempts.iter().map(attempt_json).collect::<Vec<_>>();
    Ok(Explanation {
        text,
        json: json!({ "attempts": json }),
    })
}

/// What to do about a sign-in of hybridd without a finding.
fn next_of(timeline: &Timeline) -> &'static str {
    let is_done = |entry: &TimelineEntry| matches!(entry.what, EventKind::Done { ok: true });
    if timeline.entries().iter().any(is_done) {
        "The sign-in was completed.\nWhat to do: nothing. If the site rejects the answer all the same, look at it with: hybridd inspect FILE\n"
    } else {
        "The timeline ends before the sign-in does.\nWhat to do: run hybridd doctor. If it finds nothing, sign in again with --timeline FILE, and wait until hybridd gives up.\n"
    }
}

/// The same of one of Chromium.
const NEXT_OF_CHROMIUM: &str = "What to do: if the sign-in failed all the same, save the log after the failure and explain it again. For this computer's part, run: hybridd doctor\n";

fn write_findings(text: &mut String, findings: &[Finding]) {
    if findings.is_empty() {
        text.push_str("There is no sign of a problem.\n");
    }
    let each: Vec<_> = findings
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect();
    text.push_str(&each.join("\n"));
}

fn attempt_json(attempt: &SignInAttempt) -> Value {
    let steps = attempt.steps.iter();
    let steps: Vec<_> = steps
        .map(|step| json!({"line": step.line, "saw": step.saw}))
        .collect();
    json!({"steps": steps, "findings": findings_json(&attempt.findings)})
}

fn findings_json(findings: &[Finding]) -> Vec<Value> {
    findings.iter().map(Finding::to_json).collect()
}

fn entry_json(entry: &Entry) -> Value {
    json!({
        "code": entry.code, "name": entry.name, "means": entry.means, "advice": entry.todo, "depends_on": entry.depends_on, "lookup_only": entry.lookup,
    })
}

/// A rule about an organisation's policy.
fn rule_json(rule: &Rule) -> Value {
    json!({
        "code": rule.code, "name": rule.name, "means": rule.means, "advice": rule.todo, "layer": rule.layer.name(),
        "best_certainty": rule.best.name(), "smallest_change": rule.flip, "source": rule.source.to_string(),
        "topic": Topic::of(rule.code).map(|topic| topic.name),
    })
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(hybrid_process::open(path)?)))
}
