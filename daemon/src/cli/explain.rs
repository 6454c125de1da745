//! `hybridd explain`: what a code means, why a saved session did not advance, and what Chromium's
//! log says.

use super::exit::Exit;
use super::json_error;
use super::say::say;
use super::stdout;
use hybrid_diagnosis::catalogue::{self, Entry};
use hybrid_diagnosis::chromium_log::{self, LogError, SignInAttempt};
use hybrid_diagnosis::explain::{self, explain};
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{EventKind, LoadError, Loaded, Timeline};
use hybrid_diagnosis::wording;
use hybrid_process::{READING, within};
use hybrid_protocol::printable;
use serde_json::{Value, json};
use std::fmt::{self, Write as _};
use std::io::{self, BufRead, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").multiple(false))]
pub(super) struct ExplainArgs {
    /// A code such as NW15, a text that a phone, browser or site shows, or an error number such as
    /// 0x80090035. Without an argument, lists all codes.
    #[arg(group = "what")]
    code: Option<String>,
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
    let explanation = match (&args.code, &args.timeline, &args.chromium_log) {
        (Some(code), _, _) => of_code(code),
        (_, Some(path), _) => in_time(path, of_timeline),
        (_, _, Some(path)) => in_time(path, of_chromium_log),
        (None, None, None) => Ok(of_all()),
    };
    match explanation {
        Ok(explanation) => {
            let text = if args.json {
                format!("{}\n", explanation.json)
            } else {
                explanation.text
            };
            match stdout::write(&text) {
                Ok(()) => Exit::Done,
                Err(error) => stdout::lost(&error, Exit::Done),
            }
        }
        Err(why) => {
            say(&format!("hybridd: {why}"));
            if args.json {
                json_error::worded(json_error::USAGE, &why.to_string());
            }
            Exit::Usage
        }
    }
}

fn of_code(code: &str) -> Result<Explanation, ExplainError> {
    if let Some(entry) = catalogue::find(code).or_else(|| of_status(code)) {
        return Ok(Explanation {
            text: format!("{entry}\n"),
            json: entry_json(entry),
        });
    }
    if let Some((source, message)) = catalogue::message(code) {
        let shown = format!("\"{}\", as shown by: {}.", message.shown, source.name);
        return Ok(of_causes(&shown, message.causes));
    }
    if let Some((word, causes)) = catalogue::about(code) {
        let shown = format!("hybridd does not know this exact text; its subject is: {word}.");
        return Ok(of_causes(&shown, &causes));
    }
    Err(ExplainError::UnknownCode(code.to_owned()))
}

/// `0x2e`, alone or at the end of a message: what a phone answered.
fn of_status(text: &str) -> Option<&'static Entry> {
    let word = text.split_whitespace().next_back()?;
    let digits = word.to_lowercase();
    let digits = digits.strip_prefix("0x")?;
    let status = u8::from_str_radix(digits, 16)
        .ok()
        .filter(|status| *status > 0)?;
    catalogue::find(explain::status(status).code)
}

fn of_causes(shown: &str, causes: &[&Entry]) -> Explanation {
    let each: Vec<_> = causes.iter().map(|entry| format!("{entry}\n")).collect();
    Explanation {
        text: format!(
            "{shown} Possible causes, the most likely first:\n\n{}",
            each.join("\n")
        ),
        json: causes.iter().copied().map(entry_json).collect(),
    }
}

fn of_all() -> Explanation {
    let mut text = String::new();
    for entry in catalogue::all() {
        let _ = writeln!(text, "{}  {}", entry.code, entry.name);
    }
    Explanation {
        text,
        json: catalogue::all().map(entry_json).collect(),
    }
}

/// Reads a file and explains it. It may never end, or come from somebody who sleeps; a person at a
/// keyboard is waited for.
fn in_time(
    path: &Path,
    explain: fn(&Path) -> Result<Explanation, ExplainError>,
) -> Result<Explanation, ExplainError> {
    if path == Path::new("-") && io::stdin().is_terminal() {
        return explain(path);
    }
    let named = path.to_owned();
    within(READING, move || explain(&named)).unwrap_or_else(|error| {
        Err(ExplainError::Open {
            path: path.to_owned(),
            error,
        })
    })
}

fn of_timeline(path: &Path) -> Result<Explanation, ExplainError> {
    let loaded = Timeline::load(open(path)?).map_err(ExplainError::Timeline)?;
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
    let json = json!({
        "entries": timeline.entries().len(), "skipped": skipped, "cut": cut, "findings": findings_json(&findings),
    });
    Ok(Explanation { text, json })
}

fn of_chromium_log(path: &Path) -> Result<Explanation, ExplainError> {
    let attempts = chromium_log::read(open(path)?).map_err(ExplainError::ChromiumLog)?;
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
        text.push('\n');
    }
    let json = attempts.iter().map(attempt_json).collect::<Vec<_>>();
    Ok(Explanation {
        text,
        json: json!({ "attempts": json }),
    })
}

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

fn open(path: &Path) -> Result<Box<dyn BufRead>, ExplainError> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    hybrid_process::open(path)
        .map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead>)
        .map_err(|error| ExplainError::Open {
            path: path.to_owned(),
            error,
        })
}

/// Of a text that is not known, so much is repeated.
const LONGEST_SHOWN: usize = 80;

/// Why there is nothing to explain.
#[derive(Debug)]
enum ExplainError {
    /// No code, and no text that the catalogue knows.
    UnknownCode(String),
    /// A file that cannot be opened.
    Open { path: PathBuf, error: io::Error },
    /// A file that is no timeline.
    Timeline(LoadError),
    /// A file that is no log of a sign-in.
    ChromiumLog(LogError),
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCode(code) => {
                let shown: String = printable(code).chars().take(LONGEST_SHOWN).collect();
                write!(
                    f,
                    "unknown code or text: {shown}\n  Expected a code such as NW15 (hybridd explain lists them all), a text that a browser, phone or \
                     site shows (in English, in quotes), or an error number such as 0x80090035 or 0x2e.\n  What to do: run hybridd doctor. \
                     If a browser hangs, save its log from chrome://device-log and run: hybridd explain --chromium-log FILE"
                )
            }
            Self::Open { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Timeline(error) => error.fmt(f),
            Self::ChromiumLog(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExplainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::UnknownCode(_) => None,
            Self::Open { error, .. } => Some(error),
            Self::Timeline(error) => Some(error),
            Self::ChromiumLog(error) => Some(error),
        }
    }
}
