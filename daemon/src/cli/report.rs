//! `hybridd report`: one page and one bundle for the help desk.

use super::answer::refused;
use super::doctor::bundle::BundledTimeline;
use super::doctor::report::Report;
use super::doctor::{self, ExaminationArgs, Examined, bundle};
use super::exit::Exit;
use super::history;
use super::inspect;
use super::policy::{self, QuestionArgs};
use super::say::say;
use super::stdout;
use crate::doctor::dossier::Dossier;
use crate::doctor::page;
use crate::settings::GatheredSettings;
use hybrid_pages::CommandPage;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What the page of `report` says.
pub(super) const PAGE: CommandPage = CommandPage {
    exits: &[
        (0, "no check found a problem that prevents sign-in, as for doctor"),
        (2, "wrong usage or input"),
        (3, "a check found one (certain or likely)"),
        (5, "a bug in hybridd"),
    ],
    notes: "\
What goes in: the checks of doctor, what happened in the last sign-in (with the site's name), results by week, what --inspect
and --policy say, versions, time and time zone, host system, adapters without their addresses. What stays out: keys, codes, credentials,
user names and handles, results of extensions. Read it before you send it: both files are plain.",
    examples: &[
        (
            "Right after a sign-in that failed:",
            "hybridd report --html report.html --bundle report.json",
        ),
        (
            "With the passkey, and what the organisation's policy says of it:",
            "hybridd report --policy methods.json groups.json --inspect register.json --html report.html",
        ),
    ],
    also: &["hybridd-doctor(1)", "hybridd-explain(1)", "hybridd-inspect(1)"],
};

#[derive(clap::Args)]
pub(super) struct ReportArgs {
    /// Writes a page for a browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes all of it as JSON.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// A response, options, a record or a pasted field to take along, as inspect reads it.
    #[arg(long, value_name = "FILE")]
    inspect: Option<PathBuf>,
    /// The FIDO Alliance's metadata for it.
    #[arg(long, value_name = "FILE", requires = "inspect")]
    mds: Option<PathBuf>,
    /// Exports of the organisation's policy, to take along what they say of that passkey, or of a
    /// registration by QR code; as for policy check.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    policy: Vec<PathBuf>,
    #[command(flatten)]
    question: QuestionArgs,
    /// The saved timeline that is told of, in place of the last sign-in's.
    #[arg(long, value_name = "FILE")]
    timeline: Option<PathBuf>,
    #[command(flatten)]
    pub(super) examination: ExaminationArgs,
}

const TITLE: &str = "hybridd report";

pub(super) async fn run(args: ReportArgs, gathered: GatheredSettings) -> Exit {
    if let Err(why) = doctor::check_outputs(args.html.as_deref(), args.bundle.as_deref()) {
        return refused(&why, false);
    }
    let kept = gathered.settings.values.keep_timeline;
    let timeline = match bundle::timeline(args.timeline.as_deref(), kept) {
        Ok(timeline) => timeline,
        Err(why) => return refused(&why, false),
    };
    let inspected = { args.inspect.as_deref() }
        .map(|file| inspect::inspect_with_evidence(file, args.mds.as_deref()))
        .transpose();
    let (inspection, evidence) = match inspected {
        Ok(inspected) => inspected.unzip(),
        Err(why) => return refused(&why, false),
    };
    let evidence = evidence.flatten().unwrap_or_default();
    let judged = (!args.policy.is_empty() || args.question.is_given())
        .then(|| policy::judge(&args.policy, &args.question, evidence))
        .transpose();
    let judgement = match judged {
        Ok(judgement) => judgement,
        Err(why) => return refused(&why, false),
    };
    let mut report = Report::silent();
    let examined = doctor::examined(&args.examination, &gathered, &mut report).await;
    let examined = match examined {
        Ok(examined) => examined,
        Err(missing) => return refused(&missing, false),
    };
    let account = { timeline.as_ref() }.map(BundledTimeline::account);
    let past = history::past();
    let dossier = Dossier {
        sign_in: account.as_ref(),
        inspection: inspection.as_ref(),
        policy: judgement.as_ref(),
        // Whoever names a timeline asks about that one.
        last_of_key: { past.last_of_key.as_ref() }.filter(|_| args.timeline.is_none()),
        weeks: &past.weeks,
        history_unread: past.unread.as_deref(),
        ..examined.dossier(TITLE)
    };
    let page = args.html.is_some().then(|| page::page(&dossier));
    let bundled = args.bundle.is_some().then(|| {
        bundle::bundle(
            &dossier,
            &examined.system,
            &examined.held,
            timeline.as_ref(),
        )
    });
    if let Err(why) = doctor::write(&[(&args.html, page), (&args.bundle, bundled)]) {
        say(&format!("hybridd: {why}"));
        return Exit::Usage;
    }
    for path in args.html.iter().chain(&args.bundle) {
        say(&bundle::includes(path, timeline.as_ref()));
    }
    let exit = doctor::exit(&examined.conclusion);
    match stdout::write(&told(&examined, &dossier)) {
        Ok(()) => exit,
        Err(error) => stdout::lost(&error, exit),
    }
}

/// The same in short, for whoever is on the phone with the help desk.
fn told(examined: &Examined, dossier: &Dossier<'_>) -> String {
    let mut text = String::new();
    if let Some(refusal) = dossier.refusal() {
        let _ = writeln!(text, "{refusal}\n");
    }
    match dossier.first_stage() {
        Some(first) => {
            let _ = writeln!(text, "{}", first.sentence());
        }
        None => text.push_str("No stage failed in the last sign-in, and none would now.\n"),
    }
    if let Some(why) = dossier.key_kept_away() {
        let _ = writeln!(text, "{why}");
    }
    text.push('\n');
    for (line, findings) in examined.conclusion.sections() {
        let _ = writeln!(text, "{line}");
        for finding in findings {
            let _ = writeln!(text, "\n{finding}");
        }
    }
    if let Some(account) = dossier.sign_in {
        let about = account
            .about
            .as_ref()
            .map_or(String::new(), |about| format!(": {about}"));
        let _ = writeln!(text, "\nThe last sign-in{about}");
        for (seconds, line) in account.lines() {
            let _ = writeln!(text, "{seconds:6.1} s  {line}");
        }
        for finding in &account.findings {
            let _ = writeln!(text, "\n{finding}");
        }
    }
    if let Some(inspection) = dossier.inspection {
        for sheet in inspection.sheets() {
            let _ = writeln!(text, "\n{}", sheet.title());
            for (label, value) in sheet.impersonal_lines() {
                let _ = writeln!(text, "  {label}: {value}");
            }
            for odd in sheet.odd() {
                let _ = writeln!(text, "  Odd: {odd}");
            }
        }
        if !inspection.cut().is_empty() {
            let _ = writeln!(text, "\nNot looked at: {}", inspection.cut().join("; "));
        }
    }
    if let Some(unread) = dossier.history_unread {
        let _ = writeln!(text, "\nThe history cannot be read: {unread}");
    }
    if let Some(judgement) = dossier.policy {
        let _ = write!(text, "\nThe organisation's policy\n{judgement}");
    }
    if !dossier.weeks.is_empty() {
        text.push_str("\nResults by week (UTC)\n");
        for week in dossier.weeks {
            let _ = writeln!(text, "  {week}");
        }
    }
    text
}
