//! Running a test in a network of its own: loopback alone, names and port 443 at will, without
//! root.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Output};
use tempfile::TempDir;

const INSIDE: &str = "HYBRID_TESTS_INSIDE";

/// Runs the calling test again in new user, network and mount namespaces, with these names at
/// 127.0.0.1, and returns true there. Outside it returns false after the inner run has passed, and
/// panics with its output when it has not.
///
/// # Panics
/// When the inner run fails, or a program is missing (`unshare` of util-linux, `ip` of iproute2).
pub fn inside(test: &str, names: &[&str]) -> bool {
    inside_after(test, names, LOOPBACK)
}

/// The same on a computer whose kernel has an adapter, as every one on which bluetoothd is started.
///
/// # Panics
/// As [`inside`].
pub fn inside_with_controller(test: &str, names: &[&str]) -> bool {
    let setup = format!("{LOOPBACK}\nmount -t sysfs sysfs /sys\n{CONTROLLER}");
    inside_after(test, names, &setup)
}

#[expect(clippy::panic, reason = "it fails a test")]
fn inside_after(test: &str, names: &[&str], setup: &str) -> bool {
    if is_inside() {
        return true;
    }
    // Built here, where nothing is missing.
    crate::programs::build();
    let args = ["--exact", test, "--nocapture", "--test-threads=1"];
    let output = rerun_in(setup, &[("/etc/hosts", &hosts(names))], &args, &[])
        .unwrap_or_else(|error| panic!("{error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{test} failed in its namespace (needs unshare of util-linux and ip of iproute2):\n{stdout}\n{stderr}"
    );
    false
}

/// Whether this process runs in a namespace that [`rerun`] made.
pub fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Runs this program again in new user, network and mount namespaces, with these names at
/// 127.0.0.1.
///
/// # Errors
/// A sentence when a program is missing.
pub fn rerun(names: &[&str], args: &[&str]) -> Result<Output, String> {
    rerun_in(LOOPBACK, &[("/etc/hosts", &hosts(names))], args, &[])
}

/// The same in a network that these shell lines set up, with these contents in place of the
/// system's files, and more variables.
///
/// # Errors
/// A sentence when a program is missing.
pub fn rerun_in(
    setup: &str,
    files: &[(&str, &str)],
    args: &[&str],
    variables: &[(&str, &str)],
) -> Result<Output, String> {
    let (mut command, _files) = inner(setup, files, args)?;
    command
        .envs(variables.iter().copied())
        .process_group(0)
        .output()
        .map_err(not_there)
}

/// As [`rerun`], on the terminal that this program was started from.
///
/// # Errors
/// A sentence when a program is missing.
pub fn rerun_on_terminal(names: &[&str], args: &[&str]) -> Result<ExitStatus, String> {
    let (mut command, _files) = inner(LOOPBACK, &[("/etc/hosts", &hosts(names))], args)?;
    command.status().map_err(not_there)
}

const LOOPBACK: &str = "ip link set lo up";

/// Shell lines after which the kernel has the adapter hci0 alone. /sys is this network's own.
pub const CONTROLLER: &str =
    "mount -t tmpfs classes /sys/class\nmkdir -p /sys/class/bluetooth/hci0\n";

fn hosts(names: &[&str]) -> String {
    format!("127.0.0.1 localhost {}\n::1 localhost\n", names.join(" "))
}

/// The command, and the folder of its files, which must outlive it.
fn inner(setup: &str, files: &[(&str, &str)], args: &[&str]) -> Result<(Command, TempDir), String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let mut script = String::from("set -e\n");
    for (number, (path, content)) in files.iter().enumerate() {
        let own = folder.path().join(number.to_string());
        std::fs::write(&own, content).map_err(|error| format!("no file for {path}: {error}"))?;
        script.push_str(&format!("mount --bind '{}' {path}\n", own.display()));
    }
    script.push_str(&format!("{setup}\nexec \"$@\"\n"));
    let own = env::current_exe().map_err(|error| format!("no path to this program: {error}"))?;
    let mut command = Command::new("unshare");
    command
        .args(["-Urnm", "sh", "-c", &script, "sh"])
        .arg(own)
        .args(args)
        .env(INSIDE, "1");
    Ok((command, folder))
}

fn not_there(error: io::Error) -> String {
    format!("unshare does not start (Debian package util-linux): {error}")
}
