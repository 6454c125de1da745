//! Playing one fault: its surroundings are set up and broken, then `hybridd` signs in and examines
//! them.

use super::Fault;
use super::scene::{PROXY, Phone, RELAY, RELAY_V6};
use super::session::Session;
use super::stage::Stage;
use super::watch::{Said, Watch};
use crate::namespace;
use crate::programs;
use crate::relying_party::{ORIGIN, RelyingParty};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

/// No fault is played longer.
const LONGEST: Duration = Duration::from_secs(120);
/// Names the fault to the program that is run again in a network of its own.
const FAULT: &str = "HYBRID_TESTS_FAULT";
/// What begins the line with the result.
const RESULT: &str = "RESULT ";

/// What was said of a fault.
#[derive(Serialize, Deserialize)]
pub struct Played {
    /// By a sign-in, if one was looked at.
    pub sign_in: Option<Said>,
    /// By `doctor`, if it was looked at.
    pub doctor: Option<Said>,
}

/// The name of the fault that this process is to play, if it was started by [`apart`].
pub fn asked() -> Option<String> {
    std::env::var(FAULT).ok()
}

/// Plays a fault in a network of its own, with loopback, a link that leads nowhere, and a route out
/// by it: the calling test is run again there, finds [`asked`], and calls [`here`].
///
/// # Errors
/// A sentence with what the inner run said.
pub fn apart(fault: &Fault, test: &str) -> Result<Played, String> {
    let hosts = "127.0.0.1 localhost\n::1 localhost\n";
    let files = [
        ("/etc/hosts", hosts),
        ("/etc/resolv.conf", "nameserver 127.0.0.53\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
    ];
    let setup = format!(
        "ip link set lo up\n\
         for address in {RELAY}/32 {PROXY}/32; do ip addr add $address dev lo; done\n\
         ip addr add {RELAY_V6}/128 dev lo nodad\n\
         ip link add up0 type veth peer name up1\n\
         ip addr add 10.0.0.2/24 dev up0\n\
         ip link set up0 up\n\
         ip link set up1 up\n\
         ip route add default via 10.0.0.1\n\
         mount -t sysfs sysfs /sys\n\
         [ ! -d /sys/class/bluetooth ] || mount -t tmpfs none /sys/class/bluetooth\n{}",
        fault.scene.network
    );
    let arguments = ["--exact", test, "--nocapture", "--test-threads=1"];
    let output = namespace::rerun_in(&setup, &files, &arguments, &[(FAULT, fault.name)])?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let result = stdout.lines().find_map(|line| line.split_once(RESULT));
    result
        .and_then(|(_, json)| serde_json::from_str(json).ok())
        .ok_or_else(|| {
            format!(
                "it was not played:\n{stdout}\n{}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
}

/// Plays a fault in this network, and returns the line that tells [`apart`] what was said.
///
/// # Errors
/// A sentence when the surroundings cannot be made.
pub async fn here(fault: &Fault) -> Result<String, String> {
    let stage = Stage::set(&fault.scene).await?;
    let signed_in = async {
        match fault.sign_in {
            Some(_) => sign_in(&stage).await.map(Some),
            None => Ok(None),
        }
    };
    let examined = async {
        match fault.doctor {
            Some(_) => doctor(&stage).await.map(Some),
            None => Ok(None),
        }
    };
    let both = async { tokio::join!(signed_in, examined) };
    let (sign_in, doctor) = tokio::select! {
        both = both => both,
        () = stage.neighbour() => return Err("the neighbour went".to_owned()),
    };
    let played = Played {
        sign_in: sign_in?,
        doctor: doctor?,
    };
    let json = serde_json::to_string(&played).map_err(|error| error.to_string())?;
    Ok(format!("{RESULT}{json}"))
}

async fn sign_in(stage: &Stage<'_>) -> Result<Said, String> {
    let options = RelyingParty::new()
        .and_then(|site| site.begin_registration())
        .map_err(|error| error.to_string())?;
    let seconds = stage.scene.seconds.to_string();
    let mut arguments = vec![
        "register", "--origin", ORIGIN, "--qr", "none", "--events", "-",
    ];
    if stage.scene.seconds > 0 {
        arguments.extend(["--seconds", &seconds]);
    }
    let mut desktop = if stage.scene.phone == Phone::Stale {
        // A new code is asked for with Enter, at a terminal.
        let file = stage.world.path("options.json");
        std::fs::write(&file, &options.options).map_err(|error| error.to_string())?;
        let file = file.display().to_string();
        arguments.extend(["--options", &file]);
        let line = format!(
            "'{}' {}",
            programs::program("hybridd").display(),
            arguments.join(" ")
        );
        let mut command = stage.hybridd();
        let own = command
            .as_std()
            .get_envs()
            .map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)));
        let own: Vec<_> = own
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        command = Command::new("script");
        command
            .args(["-qefc", &line, "/dev/null"])
            .env_clear()
            .envs(own)
            .env("TERM", "dumb");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
            .spawn()
            .map_err(|error| format!("script does not start (Debian package bsdutils): {error}"))?
    } else {
        let mut command = stage.hybridd();
        command.args(arguments).arg("--json");
        let mut desktop = command.spawn().map_err(|error| error.to_string())?;
        programs::give(&mut desktop, &options.options)
            .await
            .map_err(|error| error.to_string())?;
        desktop
    };
    let mut session = Session::new(stage);
    let watched = match desktop.stderr.take() {
        Some(stderr) => timeout(LONGEST, session.watch(BufReader::new(stderr), &mut desktop)).await,
        None => {
            let stdout = desktop.stdout.take().ok_or("no output")?;
            timeout(LONGEST, session.watch(BufReader::new(stdout), &mut desktop)).await
        }
    };
    watched.map_err(|_| format!("it does not end: {:#?}", session.watch.evidence()))??;
    let stdout = if desktop.stdout.is_some() {
        let output = timeout(LONGEST, desktop.wait_with_output())
            .await
            .map_err(|_| "it does not end")?;
        output.map_err(|error| error.to_string())?.stdout
    } else {
        Vec::new()
    };
    let ended: Value = serde_json::from_slice(&stdout).unwrap_or_default();
    let last = ended
        .pointer("/error/findings")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    Ok(session.watch.sign_in(&last))
}

async fn doctor(stage: &Stage<'_>) -> Result<Said, String> {
    let mut command = stage.hybridd();
    command
        .args(["doctor", "--json", "--seconds", "1"])
        .stderr(Stdio::inherit());
    let mut doctor = command.spawn().map_err(|error| error.to_string())?;
    let mut lines = BufReader::new(doctor.stdout.take().ok_or("no output")?).lines();
    let mut watch = Watch::new();
    let mut last = Vec::new();
    while let Some(line) = lines.next_line().await.map_err(|error| error.to_string())? {
        let Some(event) = watch.line(&line) else {
            continue;
        };
        if let Some(finding) = event
            .get("finding")
            .filter(|finding| is_about_the_fault(finding))
        {
            watch.finding(finding);
        }
        if let Some(findings) = event.get("findings").and_then(Value::as_array) {
            last = findings
                .iter()
                .filter(|finding| is_about_the_fault(finding))
                .cloned()
                .collect();
        }
    }
    Ok(watch.doctor(&last))
}

/// The lab's own authority is none of the public ones, which is what inspection looks like: that
/// alone is no fault here.
fn is_about_the_fault(finding: &Value) -> bool {
    let text = |name| finding.get(name).and_then(Value::as_str);
    text("code").is_some()
        && !(text("code") == Some("NW06") && text("saw").is_some_and(|saw| saw.contains("public")))
}
