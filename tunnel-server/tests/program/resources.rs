//! Too little of what the system has to give: a sentence with the limit and what to do, and never a
//! panic.

use crate::process::{Started, until};
use rustix::process::geteuid;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Output, Stdio};

/// The program behind a shell that sets a limit first.
fn limited(limit: &str, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit} && exec \"$@\""), "sh"]);
    command.arg(env!("CARGO_BIN_EXE_tunnel-server")).args(args);
    command.stdin(Stdio::null());
    command
}

fn ended(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_limit_of_file_sizes_is_a_sentence_and_ends_no_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    std::fs::create_dir(&pages).unwrap();
    for (args, code) in [
        (&["domain", "266"][..], 6),
        (&["probe", "http://127.0.0.1:1"], 3),
        (&["--help"], 6),
        (&["--version"], 6),
        (&["pages", pages.to_str().unwrap()], 2),
    ] {
        let mut command = limited("-f 0", args);
        command.stdout(File::create(folder.path().join("out")).unwrap());
        command.stderr(Stdio::piped());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        let told = said.contains("File too large") || code == 3;
        assert!(told, "{args:?}: {said}");
    }
}

#[test]
fn however_few_descriptors_there_are_a_command_works_or_says_which_limit_to_raise() {
    let mut refused = 0;
    for descriptors in 4..48 {
        let limit = format!("-n {descriptors}");
        let probe = limited(&limit, &["probe", "http://127.0.0.1:1"]);
        let (code, said) = ended(probe);
        assert!(code == Some(3) || tells(code, &said, descriptors), "{said}");
        let mut serve = limited(&limit, &["serve", "--listen", "127.0.0.1:0"]);
        serve.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Started::start(&mut serve);
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let ready = line.contains("\"listening\"");
        if ready {
            child.kill().unwrap();
        }
        let code = until("its end", || child.try_wait().unwrap()).code();
        let mut said = String::new();
        { child.stderr.take().unwrap() }
            .read_to_string(&mut said)
            .unwrap();
        let told = tells(code, &said, descriptors);
        assert!(ready != told, "{descriptors}: {code:?} {said}");
        refused += u32::from(told);
        let (code, said) = ended(limited(&limit, &["domain", "266"]));
        assert_eq!(code, Some(0), "{said}");
    }
    assert!(refused > 10 && refused < 40, "{refused}");
}

fn tells(code: Option<i32>, said: &str, limit: u32) -> bool {
    code == Some(2)
        && said.starts_with("tunnel-server: cannot start: ")
        && said.contains(&format!("the limit of this process is {limit}: raise it"))
        && said.lines().count() == 1
}

#[test]
fn without_a_thread_to_be_had_a_command_says_which_limit_to_raise() {
    for args in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["probe", "http://127.0.0.1:1"],
    ] {
        // Root has no such limit. Nobody may not look into the folders that lead to the program, so
        // it is opened before.
        let mut command = Command::new("setpriv");
        if geteuid().is_root() {
            command.args(["--reuid", "65534", "--clear-groups"]);
        }
        command.args(["prlimit", "--nproc=1", "/proc/self/fd/0"]);
        command.args(args);
        command.stdin(File::open(env!("CARGO_BIN_EXE_tunnel-server")).unwrap());
        let (code, said) = ended(command);
        assert_eq!(code, Some(2), "{args:?}: {said}");
        for words in [
            "tunnel-server: cannot start: ",
            "limit of processes and threads of this user is 1: raise it (ulimit -u",
        ] {
            assert!(said.contains(words), "{args:?}: {said}");
        }
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
    }
}
