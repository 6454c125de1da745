//! `tunnel-server probe`: is this relay reachable and sound, seen from here?

use super::answer::{is_closed, print, unwritten, wrong};
use super::command_error::CommandError;
use super::resources;
use clap::ArgMatches;
use core::time::Duration;
use hybrid_tunnel_probe::{self as probe, ProbeOptions, StepReport, Target, TrustedRoots};
use hybrid_tunnel_server::{BadPem, certificates, file_named, read_file, shown};
use serde_json::{Value, json};
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// The relay is not sound, or not reachable.
const UNSOUND: u8 = 3;

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    let (target, trust, manner) = match read(matches) {
        Ok(read) => read,
        Err(sentence) => return wrong(&sentence),
    };
    if let Err(sentence) = resources::check(resources::PROBE) {
        return wrong(&sentence);
    }
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return wrong(&format_args!("cannot start: {error}")),
    };
    let json = matches.get_flag("json");
    let mut steps = Vec::new();
    let mut printed = Ok(());
    let told = |done: &StepReport| {
        steps.push(document(done));
        if !json {
            say(&mut printed, &line(done));
        }
    };
    let sound = runtime.block_on(probe::run(&target, &trust, &manner, told));
    if json {
        say(
            &mut printed,
            &json!({ "relay": target.to_string(), "ok": sound, "steps": steps }).to_string(),
        );
    } else if sound {
        say(&mut printed, &format!("{target} works"));
    }
    // A resolver that hangs is not waited for.
    runtime.shutdown_background();
    match printed {
        _ if !sound => ExitCode::from(UNSOUND),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let answered = unwritten(&error);
            // The exit status is an answer, too, and all that a monitor may want.
            if is_closed().unwrap_or(false) {
                ExitCode::SUCCESS
            } else {
                answered
            }
        }
    }
}

fn read(matches: &ArgMatches) -> Result<(Target, TrustedRoots, ProbeOptions), CommandError> {
    let text = |name: &str| matches.get_one::<String>(name);
    let target = text("url").map(String::as_str).unwrap_or_default();
    let target = Target::read(target).map_err(|bad| {
        let got = shown(target);
        let sentence = format!(
            "expected the address of a relay, got {}: {bad}",
            got.escape_debug()
        );
        CommandError::caused(sentence, bad)
    })?;
    let trust = match text("ca") {
        Some(file) => authority(file.as_ref()).map_err(|error| {
            let sentence = format!("--ca {}: {error}", file_named(file.as_ref()));
            CommandError::caused(sentence, error)
        })?,
        None => TrustedRoots::system().map_err(|error| {
            let sentence = format!("cannot use the system's certificates: {error}");
            CommandError::caused(sentence, error)
        })?,
    };
    let number = |name: &str, low: u64, high: u64, default: u64| match text(name) {
        None => Ok(default),
        Some(value) => value
            .parse()
            .ok()
            .filter(|number| (low..=high).contains(number))
            .ok_or_else(|| {
                CommandError::new(format!(
                    "--{name}: expected a number from {low} to {high}, got {}",
                    shown(value).escape_debug()
                ))
            }),
    };
    let deadline = Duration::from_secs(number("seconds", 1, 600, 10)?);
    let large =
        usize::try_from(number("large", 1, 1024 * 1024, 64 * 1024)?).map_err(CommandError::of)?;
    Ok((target, trust, ProbeOptions { deadline, large }))
}

/// The certificates of a private authority.
fn authority(file: &Path) -> Result<TrustedRoots, CommandError> {
    let pem = read_file(file).map_err(CommandError::of)?;
    let certificates = certificates(&pem).map_err(|bad| {
        let sentence = if bad == BadPem::Nothing {
            "expected PEM certificates, found none".to_owned()
        } else {
            format!("expected PEM certificates: {bad}")
        };
        CommandError::caused(sentence, bad)
    })?;
    TrustedRoots::private(certificates).map_err(CommandError::of)
}

fn line(done: &StepReport) -> String {
    let (name, ms) = (done.step.name(), done.took.as_millis());
    match &done.outcome {
        Ok(saw) => format!("ok    {name:<6}{ms:>6} ms  {saw}"),
        Err(fault) => format!(
            "FAIL  {name:<6}{ms:>6} ms  {}\n      {}",
            fault.saw, fault.advice
        ),
    }
}

fn document(done: &StepReport) -> Value {
    let ms = u64::try_from(done.took.as_millis()).unwrap_or(u64::MAX);
    let name = done.step.name();
    match &done.outcome {
        Ok(saw) => json!({ "step": name, "ok": true, "ms": ms, "saw": saw }),
        Err(fault) => {
            json!({ "step": name, "ok": false, "ms": ms, "saw": fault.saw, "advice": fault.advice })
        }
    }
}

/// Prints a line, unless one before could not be printed; the probe goes on, for its exit status.
fn say(printed: &mut io::Result<()>, line: &str) {
    if printed.is_ok() {
        *printed = print(&format!("{line}\n"));
    }
}
