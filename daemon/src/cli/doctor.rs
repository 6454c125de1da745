//! `hybridd doctor` and `hybridd beacon`.

pub(super) mod bundle;
mod outputs;
pub(super) mod report;

pub(super) use outputs::check_outputs;

use super::answer::refused;
use super::exit::Exit;
use super::last_timeline;
use super::say::say;
use super::stdout;
use crate::agent::folders::Folders;
use crate::doctor::dossier::Dossier;
use crate::doctor::net::{self, Host};
use crate::doctor::radio::ListeningTime;
use crate::doctor::surroundings::Surroundings;
use crate::doctor::system::System;
use crate::doctor::{page, policies, radio, security_key, settings};
use crate::private_file::write_private;
use crate::settings::{GatheredSettings, SettingsFiles};
use bundle::BundledTimeline;
use hybrid_diagnosis::catalogue::DEFECT;
use hybrid_diagnosis::check::{Check, Conclusion, Verdict};
use hybrid_diagnosis::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_dial::Network;
use hybrid_pages::CommandPage;
use hybrid_process::is_closed;
use hybrid_radio::beacon::{Beacon, BeaconError};
use hybrid_radio::bluez::{Bus, NoSuchAdapter, missing};
use hybrid_radio::{AdapterChoice, AdapterName};
use report::Report;
use serde_json::{Value, json};
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long the radio listens.
const LISTEN: Duration = Duration::from_secs(5);
/// The same while nothing at all is heard: after that it is likely to mean something.
const SILENCE: Duration = Duration::from_secs(15);

/// What the page of `doctor` says.
pub(super) const DOCTOR: CommandPage = CommandPage {
    exits: &[
        (0, "no check found a problem that prevents sign-in"),
        (2, "wrong usage or input"),
        (3, "a check found one (certain or likely)"),
        (5, "a bug in hybridd"),
    ],
    notes: "Findings that are only possible or unusual are reported, but do not change the exit code.",
    examples: &[
        ("Checks everything that a sign-in needs:", "hybridd doctor"),
        (
            "The same for a relay of your own, as a page for a browser:",
            "hybridd doctor --host cable.example.org --html page.html",
        ),
        ("The same for scripts:", "hybridd doctor --json"),
    ],
    also: &[
        "hybridd-report(1)",
        "hybridd-explain(1)",
        "hybridd-beacon(1)",
        "bluetoothctl(1)",
    ],
};

/// What the page of `beacon` says.
pub(super) const BEACON: CommandPage = CommandPage {
    exits: &[
        (0, "ended with Ctrl-C"),
        (2, "wrong usage or settings"),
        (3, "this computer cannot send adverts; the message says why"),
    ],
    notes: "",
    examples: &[(
        "Sends until Ctrl-C; start hybridd doctor on the other computer meanwhile.",
        "hybridd beacon",
    )],
    also: &["hybridd-doctor(1)"],
};

/// What is examined, and for how long.
#[derive(clap::Args)]
pub(super) struct ExaminationArgs {
    /// Another relay to check; can be given several times.
    #[arg(long, value_name = "NAME", value_parser = Host::parse)]
    host: Vec<Host>,
    /// Checks only this Bluetooth adapter; can be given several times. Default: all that are
    /// switched on.
    #[arg(long, value_name = "NAME", value_parser = AdapterName::from_str)]
    pub(super) adapter: Vec<AdapterName>,
    /// How long to listen for Bluetooth devices [default: 5, and up to 15 if none is detected].
    #[arg(long, value_name = "N", value_parser = listening)]
    seconds: Option<u64>,
}

fn listening(text: &str) -> Result<u64, &'static str> {
    match text.parse() {
        Ok(seconds @ 1..=120) => Ok(seconds),
        Ok(_) | Err(_) => Err("expected a number of seconds from 1 to 120"),
    }
}

#[derive(clap::Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub(super) examination: ExaminationArgs,
    /// Prints JSON Lines: each step, then the findings.
    #[arg(long)]
    json: bool,
    /// Also writes the report as a page for a browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes everything as JSON for a bug report: steps, findings, versions, and the timeline of
    /// the last sign-in. It contains no secrets.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The saved timeline to include in the bundle, in place of the last sign-in's.
    #[arg(long, value_name = "FILE", requires = "bundle")]
    timeline: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct BeaconArgs {
    /// The Bluetooth adapter to use.
    #[arg(long, value_name = "NAME", value_parser = AdapterName::from_str)]
    adapter: Option<AdapterName>,
}

pub(super) async fn doctor(args: DoctorArgs, gathered: GatheredSettings) -> Exit {
    if let Err(why) = check_outputs(args.html.as_deref(), args.bundle.as_deref()) {
        return refused(&why, args.json);
    }
    let settings = &gathered.settings;
    let kept = settings.values.keep_timeline;
    let timeline = match bundle::timeline(args.timeline.as_deref(), kept) {
        Ok(timeline) => timeline,
        Err(why) => {
            return refused(&why, args.json);
        }
    };
    let mut report = Report::new(args.json);
    let examined = match examined(&args.examination, &gathered, &mut report).await {
        Ok(examined) => examined,
        Err(missing) => return refused(&missing, args.json),
    };
    report.conclude(&examined.conclusion);
    let account = { timeline.as_ref() }.map(BundledTimeline::account);
    let page = args
        .html
        .is_some()
        .then(|| page::page(&examined.dossier("hybridd doctor")));
    let bundle = args.bundle.is_some().then(|| {
        let dossier = Dossier {
            sign_in: account.as_ref(),
            ..examined.dossier("hybridd doctor")
        };
        bundle::bundle(
            &dossier,
            &examined.system,
            &examined.held,
            timeline.as_ref(),
        )
    });
    let mut exit = exit(&examined.conclusion);
    if let Some(error) = report.lost() {
        let told = stdout::lost(error, exit);
        // Python and Node give a program whose output they do not want what a closed one looks
        // like; they are told by the exit code all the same.
        if !is_closed(io::stdout()) {
            exit = told;
        }
    }
    let files = [(&args.html, page), (&args.bundle, bundle)];
    if let Err(why) = write(&files) {
        return refused(&why, args.json);
    }
    if let Some(path) = &args.bundle {
        say(&bundle::includes(path, timeline.as_ref()));
    }
    exit
}

/// What an examination found.
pub(super) struct Examined {
    pub(super) checks: Vec<Check>,
    pub(super) conclusion: Conclusion,
    pub(super) surroundings: Surroundings,
    pub(super) system: System,
    /// The settings that hold.
    pub(super) held: Value,
}

impl Examined {
    /// The part of a report that the examination is.
    pub(super) const fn dossier(&self, title: &'static str) -> Dossier<'_> {
        Dossier {
            title,
            checks: self.checks.as_slice(),
            conclusion: &self.conclusion,
            surroundings: &self.surroundings,
            sign_in: None,
            last_of_key: None,
            inspection: None,
            policy: None,
            weeks: &[],
            history_unread: None,
        }
    }
}

/// Looks at everything, and tells each step.
///
/// # Errors
/// An adapter that was named and is not there.
pub(super) async fn examined(
    args: &ExaminationArgs,
    gathered: &GatheredSettings,
    report: &mut Report,
) -> Result<Examined, NoSuchAdapter> {
    let settings = &gathered.settings;
    let choice = settings.values.adapters.clone();
    if let Some(missing) = missing(&Bus::System, &choice).await {
        return Err(missing);
    }
    let listen = args.seconds.map_or(
        ListeningTime::longer_in_silence(LISTEN, SILENCE),
        |seconds| Duration::from_secs(seconds).into(),
    );
    let system = System::look();
    let held = settings::to_json(settings);
    if report.is_json() {
        report.print(&format!(
            "{}\n",
            json!({"ev": "settings", "settings": held})
        ));
    }
    let mut parts = vec![what_is_set(gathered)];
    let network = settings.network();
    parts.extend(look(&args.host, choice, listen, &system, &network));
    let (checks, surroundings) =
        tokio::join!(examine(parts, report), Surroundings::look(&Bus::System));
    Ok(Examined {
        conclusion: Conclusion::of(&checks),
        checks,
        surroundings,
        system,
        held,
    })
}

/// Writes the files that are named, each whole or not at all.
///
/// # Errors
/// Why one was not written.
pub(super) fn write(files: &[(&Option<PathBuf>, Option<String>)]) -> Result<(), String> {
    for (path, content) in files {
        if let (Some(path), Some(content)) = (path, content) {
            write_private(path, content.as_bytes())
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// Tells each step as it is done. Everything is looked at at once; what belongs together is told
/// together.
async fn examine(parts: Vec<Part>, report: &mut Report) -> Vec<Check> {
    let mut checks = Vec::new();
    for mut part in parts {
        while let Some(check) = report.next(&mut part.told).await {
            report.check(&check);
            checks.push(check);
        }
        if part.task.await.is_err() {
            // It may have been about to say that something is wrong.
            let saw = "a part of the checks was aborted";
            let verdict = Verdict::Fail(Finding::certain(&DEFECT, saw));
            let check = Check::new("examination: all of it", Duration::ZERO, saw, verdict);
            report.check(&check);
            checks.push(check);
        }
    }
    checks
}

pub(super) fn exit(conclusion: &Conclusion) -> Exit {
    if conclusion
        .findings()
        .any(|finding| finding.code == DEFECT.code)
    {
        Exit::Defect
    } else if conclusion.ok {
        Exit::Done
    } else {
        Exit::Prerequisite
    }
}

/// What belongs together, while it is looked at.
struct Part {
    told: mpsc::UnboundedReceiver<Check>,
    task: JoinHandle<()>,
}

impl Part {
    fn start<F: Future<Output = ()> + Send + 'static>(
        look: impl FnOnce(mpsc::UnboundedSender<Check>) -> F,
    ) -> Self {
        let (sender, told) = mpsc::unbounded_channel();
        Self {
            told,
            task: tokio::spawn(look(sender)),
        }
    }
}

/// The settings, and what is kept of the last sign-in.
fn what_is_set(gathered: &GatheredSettings) -> Part {
    let files = SettingsFiles::of_system(|name| env::var_os(name));
    let mut checks = settings::checks(&files, gathered);
    checks.extend(last_timeline::check(gathered.settings.values.keep_timeline));
    let places = gathered.settings.values.policies.clone();
    Part::start(|to| async move {
        for check in checks {
            drop(to.send(check));
        }
        let read = tokio::task::spawn_blocking(move || policies::checks(&places));
        let read = read
            .await
            .unwrap_or_else(|error| match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Vec::new(),
            });
        for check in read {
            drop(to.send(check));
        }
    })
}

/// Starts to look at everything: the network, each relay, the radio, the security key.
fn look(
    hosts: &[Host],
    choice: AdapterChoice,
    listen: ListeningTime,
    system: &System,
    network: &Network,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let ways = network.clone();
    parts.push(Part::start(|to| async move {
        net::ways(&ways, &mut |check| drop(to.send(check))).await;
    }));
    let mut every: Vec<Host> = Vec::new();
    for host in Host::well_known().chain(hosts.iter().cloned()) {
        if !every.contains(&host) {
            every.push(host);
        }
    }
    for host in every {
        let network = network.clone();
        parts.push(Part::start(|to| async move {
            net::relay(&host, &network, &mut |check| drop(to.send(check))).await;
        }));
    }
    let system = system.clone();
    parts.push(Part::start(|to| async move {
        radio::radio(&Bus::System, &choice, &system, listen, &mut |check| {
            drop(to.send(check))
        })
        .await;
    }));
    parts.push(Part::start(|to| async move {
        let folders = Folders::of_person(|name| env::var_os(name));
        let mut tell = |check| drop(to.send(check));
        security_key::security_key(&Bus::System, Path::new("/"), folders.as_ref(), &mut tell).await;
    }));
    parts
}

pub(super) async fn beacon(args: BeaconArgs, settings: GatheredSettings) -> Exit {
    if let Err(problem) = settings.usable() {
        say(&format!("hybridd: {problem}"));
        return Exit::Usage;
    }
    let beacon = match Beacon::start(&Bus::System, args.adapter).await {
        Ok(beacon) => beacon,
        Err(BeaconError::Radio(trouble)) => {
            say(&explain::radio(&trouble).to_string());
            return Exit::Prerequisite;
        }
        Err(error @ BeaconError::NoSuchAdapter(_)) => {
            say(&format!("hybridd: {error}"));
            return Exit::Usage;
        }
        Err(error) => {
            say(&format!("hybridd: {error}"));
            return Exit::Prerequisite;
        }
    };
    say(&format!(
        "Sending the test advert ({}). Run hybridd doctor on another computer within a few metres. Press Ctrl-C to stop.",
        beacon.adapter()
    ));
    tokio::select! {
        trouble = beacon.ended() => {
            say(&explain::radio(&trouble).to_string());
            Exit::Prerequisite
        }
        _ = tokio::signal::ctrl_c() => Exit::Done,
    }
}

impl Report {
    /// The findings, which end a report.
    fn conclude(&self, conclusion: &Conclusion) {
        if self.is_json() {
            let all: Vec<_> = conclusion.findings().map(Finding::to_json).collect();
            let findings = json!({"ev": "findings", "findings": all, "ok": conclusion.ok});
            self.print(&format!("{findings}\n"));
        } else {
            self.conclusion(conclusion);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::catalogue::OFFLINE;

    #[tokio::test]
    async fn an_examination_that_breaks_off_is_a_defect_whatever_else_was_found() {
        let found = |verdict| Check::new("network: routes", Duration::ZERO, "", verdict);
        let fine = || {
            Part::start(|to| async move {
                let _ = to.send(found(Verdict::Ok));
            })
        };
        let wrong = || {
            Part::start(|to| async move {
                let _ = to.send(found(Verdict::Fail(Finding::certain(&OFFLINE, "no route"))));
            })
        };
        let broken = || Part::start(|_| async { panic!("broken") });
        for (parts, ends) in [
            (vec![fine(), fine()], Exit::Done),
            (vec![wrong(), fine()], Exit::Prerequisite),
            (vec![broken(), fine()], Exit::Defect),
            (vec![fine(), broken(), wrong()], Exit::Defect),
        ] {
            let told = parts.len();
            let checks = examine(parts, &mut Report::new(true)).await;
            assert_eq!(
                checks.len(),
                told,
                "a part that broke off is told in its place"
            );
            assert_eq!(exit(&Conclusion::of(&checks)), ends);
        }
    }
}
