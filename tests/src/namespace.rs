//! Running a test in a network of its own: loopback alone, names and port 443 at will, without root.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

const INSIDE: &str = "HYBRID_TESTS_INSIDE";

/// Runs the calling test again in new user, network and mount namespaces, with these names at 127.0.0.1, and returns true there. Outside it
/// returns false after the inner run has passed, and panics with its output when it has not.
///
/// # Panics
/// When the inner run fails, or a program is missing (`unshare` of util-linux, `ip` of iproute2).
#[expect(clippy::panic, reason = "it fails a test")]
pub fn inside(test: &str, names: &[&str]) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    // Built here, where nothing is missing.
    crate::programs::build();
    let hosts = format!("127.0.0.1 localhost {}\n::1 localhost\n", names.join(" "));
    let script = "set -e; ip link set lo up; printf '%s' \"$HOSTS\" > \"$TMP_HOSTS\"; mount --bind \"$TMP_HOSTS\" /etc/hosts; exec \"$@\"";
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
    let own = env::current_exe().unwrap_or_else(|error| panic!("no path to this program: {error}"));
    let output = Command::new("unshare")
        .args(["-Urnm", "sh", "-c", script, "sh"])
        .arg(own)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .env("HOSTS", hosts)
        .env("TMP_HOSTS", folder.path().join("hosts"))
        .process_group(0)
        .output()
        .unwrap_or_else(|error| panic!("unshare does not start (Debian package util-linux): {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{test} failed in its namespace (needs unshare of util-linux and ip of iproute2):\n{stdout}\n{stderr}"
    );
    false
}
