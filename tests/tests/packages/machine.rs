//! A machine whose programs only write down how they were called, on which a package's script runs as
//! dpkg or rpm runs it.

use crate::manifest::root;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

/// All that the scripts call.
const PROGRAMS: [&str; 15] = [
    "busctl",
    "chmod",
    "chown",
    "deb-systemd-helper",
    "deb-systemd-invoke",
    "getent",
    "install",
    "mkdir",
    "modprobe",
    "rm",
    "rmdir",
    "systemctl",
    "systemd-sysusers",
    "udevadm",
    "userdel",
];

/// Where the scripts look, and where it is on such a machine.
const PLACES: [(&str, &str); 6] = [
    ("/run/systemd/system", "running"),
    ("/run/udev", "udev"),
    ("/dev/uhid", "uhid"),
    ("/etc/tunnel-server", "certificates"),
    ("/var/lib/tunnel-server", "state"),
    ("/etc/login.defs", "login.defs"),
];

pub const DAEMON: &str = "daemon/dist";
pub const RELAY: &str = "tunnel-server/dist";

pub struct Machine {
    folder: TempDir,
}

impl Machine {
    /// One on which systemd and udev run; a program says and answers what this script of a shell does.
    pub fn that_runs(answers: &str) -> Self {
        let machine = Self::contained(answers);
        fs::create_dir_all(machine.path("udev/rules.d")).unwrap();
        fs::write(machine.path("udev/control"), "").unwrap();
        machine
    }

    /// One on which systemd runs, and no udev.
    pub fn contained(answers: &str) -> Self {
        let machine = Self::being_built(answers);
        fs::create_dir(machine.path("running")).unwrap();
        machine
    }

    /// One without systemd, such as an image in a chroot.
    pub fn being_built(answers: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("programs");
        fs::create_dir(&programs).unwrap();
        let log = folder.path().join("log");
        for name in PROGRAMS {
            let program = programs.join(name);
            let script = format!(
                "#!/bin/sh\necho \"{name} $*\" >>{}\nset -- {name} \"$@\"\n{answers}\n",
                log.display()
            );
            fs::write(&program, script).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let waits = format!(
            "#!/bin/sh\necho \"timeout $*\" >>{}\nshift\nexec \"$@\"\n",
            log.display()
        );
        let timeout = programs.join("timeout");
        fs::write(&timeout, waits).unwrap();
        fs::set_permissions(&timeout, fs::Permissions::from_mode(0o755)).unwrap();
        // A device, as the scripts ask for one.
        symlink("/dev/null", folder.path().join("uhid")).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a script, and has all calls that it made. `set -e` is the script's own.
    pub fn run(&self, dist: &str, script: &str, args: &[&str]) -> Vec<String> {
        let ended = self.end(dist, script, args);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{dist}/{script} {args:?}: {said}");
        let log = fs::read_to_string(self.path("log")).unwrap();
        log.lines().map(str::to_owned).collect()
    }

    /// Runs a script, and has how it ended and what it said.
    pub fn end(&self, dist: &str, script: &str, args: &[&str]) -> Output {
        let file = root().join(dist).join(script);
        let mut text = fs::read_to_string(&file).unwrap();
        for (place, name) in PLACES {
            text = text.replace(place, self.path(name).to_str().unwrap());
        }
        fs::write(self.path("script"), text).unwrap();
        fs::write(self.path("log"), "").unwrap();
        let mut command = Command::new("/bin/sh");
        command.arg(self.path("script")).args(args);
        command.env("PATH", self.path("programs"));
        command.output().unwrap()
    }
}

/// The place of the first call that begins like this.
pub fn first(calls: &[String], start: &str) -> usize {
    let found = calls.iter().position(|call| call.starts_with(start));
    found.unwrap_or_else(|| panic!("no {start} in {calls:#?}"))
}

pub fn any(calls: &[String], part: &str) -> bool {
    calls.iter().any(|call| call.contains(part))
}
