//! What the system that starts a program may deny it, files, threads, room, a standard output, and
//! inputs that never come or never end: each is a sentence and an exit code, in time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "scenarios")]

use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, Ended, World};
use hybrid_tests::stray_code::stray_code;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

const REGISTER: [&str; 4] = ["hybridd", "register", "--origin", "https://example.com"];

/// One of each kind of command.
const ALL: &[&[&str]] = &[
    &["hybridd", "explain"],
    &["hybridd", "--help"],
    &["hybridd", "doctor", "--seconds", "1"],
    &["hybridd", "beacon"],
    &REGISTER,
    &["phone-sim", "faults"],
    &["phone-sim", "--help"],
    &["phone-sim", "answer", "--radio", "print", "FIDO:/1"],
];

/// Those that print and do nothing else.
const PRINT: &[&[&str]] = &[
    &["hybridd", "explain"],
    &["hybridd", "explain", "NW15", "--json"],
    &["hybridd", "--help"],
    &["hybridd", "sign-in", "--help"],
    &["hybridd", "--version"],
    &["phone-sim", "faults"],
    &["phone-sim", "profiles"],
    &["phone-sim", "--help"],
    &["phone-sim", "--version"],
];

fn world() -> World {
    programs::build();
    World::without_bus(&["cable.ua5v.com"]).unwrap()
}

/// Runs a program by a shell that takes something from it first: `$0` and `$@` are the program.
async fn run(world: &World, script: &str, words: &[&str]) -> Ended {
    let (program, arguments) = words.split_first().unwrap();
    run_file(world, script, &programs::program(program), arguments).await
}

async fn run_file(world: &World, script: &str, program: &Path, arguments: &[&str]) -> Ended {
    let mut child = Command::new("bash")
        .args(["-c", script])
        .arg(program)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(world.variables())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // Closed, and empty.
    drop(child.stdin.take());
    let ended = programs::end(child).await.unwrap();
    assert!(
        !ended.stderr.contains("panicked"),
        "{script} {arguments:?}: {}",
        ended.stderr
    );
    ended
}

#[tokio::test]
async fn too_few_files_are_told_at_the_start_of_every_command() {
    let world = world();
    for words in ALL {
        for limit in [5, 6, 7, 8, 10, 16, 32] {
            let ended = run(
                &world,
                &format!("ulimit -n {limit}; exec \"$0\" \"$@\""),
                words,
            )
            .await;
            assert_eq!(ended.code, Some(3), "{limit} {words:?}: {}", ended.stderr);
            for part in [
                "cannot start",
                "more files",
                "ulimit -n",
                &limit.to_string(),
            ] {
                assert!(ended.stderr.contains(part), "{words:?}: {}", ended.stderr);
            }
        }
    }
    // A default may be raised, and what suffices suffices.
    for script in ["ulimit -S -n 8", "ulimit -n 64"] {
        let script = format!("{script}; exec \"$0\" \"$@\"");
        let ended = run(&world, &script, &["hybridd", "explain"]).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    // Whoever starts it may have left its own files open.
    let left = "ulimit -n 64; for file in {20..60}; do eval \"exec $file</dev/null\"; done; exec \"$0\" \"$@\"";
    let ended = run(&world, left, &["phone-sim", "faults"]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
}

#[tokio::test]
async fn too_little_stack_is_told_at_the_start_of_every_command() {
    let world = world();
    for words in ALL {
        let ended = run(&world, "ulimit -s 128; exec \"$0\" \"$@\"", words).await;
        assert_eq!(ended.code, Some(3), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("ulimit -s"), "{}", ended.stderr);
        let ended = run(&world, "ulimit -S -s 512; exec \"$0\" \"$@\"", words).await;
        assert!(!ended.stderr.contains("ulimit -s"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn too_few_threads_are_told_at_the_start_of_every_command() {
    let world = world();
    let folder = world.path("");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    // The limit does not hold for root, who becomes nobody; and nobody may not reach the programs.
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let drop_root = if root {
        "setpriv --reuid 65534 --regid 65534 --clear-groups"
    } else {
        ""
    };
    for name in ["hybridd", "phone-sim"] {
        fs::copy(programs::program(name), world.path(name)).unwrap();
        fs::set_permissions(world.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script = format!("exec {drop_root} prlimit --nproc=1 \"$0\" \"$@\"");
    for words in ALL {
        let (program, arguments) = words.split_first().unwrap();
        let ended = run_file(&world, &script, &world.path(program), arguments).await;
        assert_eq!(ended.code, Some(3), "{words:?}: {}", ended.stderr);
        for part in ["cannot start", "threads", "ulimit -u"] {
            assert!(ended.stderr.contains(part), "{words:?}: {}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn a_limit_of_file_sizes_ends_no_command() {
    let world = world();
    let file = world.path("out").display().to_string();
    for (stream, words) in PRINT
        .iter()
        .chain([&["hybridd", "doctor", "--seconds", "1"].as_slice()])
        .map(|words| (1, words))
        .chain(ALL.iter().map(|words| (2, words)))
    {
        let script = format!("ulimit -f 0; exec \"$0\" \"$@\" {stream}>{file}");
        let ended = run(&world, &script, words).await;
        // Without a limit of room they end with one of these; none is ended by a signal.
        let expected: &[i32] = if stream == 1 { &[2] } else { &[0, 2, 3] };
        assert!(
            ended.code.is_some_and(|code| expected.contains(&code)),
            "{stream} {words:?}: {:?} {}",
            ended.code,
            ended.stderr
        );
        if stream == 1 {
            assert!(
                ended.stderr.contains("cannot write to standard output"),
                "{words:?}: {}",
                ended.stderr
            );
        }
    }
}

#[tokio::test]
async fn what_is_printed_to_a_closed_output_is_lost_with_a_sentence() {
    let world = world();
    for words in PRINT {
        for closed in [">&-", "1</dev/null"] {
            let script = format!("exec \"$0\" \"$@\" {closed}");
            let ended = run(&world, &script, words).await;
            assert_eq!(ended.code, Some(2), "{closed} {words:?}: {}", ended.stderr);
            assert!(
                ended.stderr.contains("cannot write to standard output"),
                "{words:?}: {}",
                ended.stderr
            );
        }
        // Who wants nothing of it has it.
        let ended = run(&world, "exec \"$0\" \"$@\" >/dev/null", words).await;
        assert_eq!(ended.code, Some(0), "{words:?}: {}", ended.stderr);
    }
    // What an examination found is told by its exit code, too.
    let ended = run(
        &world,
        "exec \"$0\" \"$@\" >&-",
        &["hybridd", "doctor", "--seconds", "1"],
    )
    .await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("cannot write to standard output: it is closed"),
        "{}",
        ended.stderr
    );
    // The sentence itself is all that this one says.
    let options = r#"printf '{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.com"}' | "#;
    for (closed, code) in [("", 0), (">&-", 0), ("2>&-", 2)] {
        let script = format!("{options} \"$0\" \"$@\" {closed}");
        let words = [
            "hybridd",
            "sign-in",
            "--origin",
            "https://example.com",
            "--dry-run",
        ];
        let ended = run(&world, &script, &words).await;
        assert_eq!(ended.code, Some(code), "{closed}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_pipe_that_nobody_writes_to_is_refused() {
    let world = world();
    let pipe = world.pipe("pipe").unwrap().display().to_string();
    let bundle = world.path("bundle").display().to_string();
    for words in [
        vec!["hybridd", "explain", "--timeline", &pipe],
        vec!["hybridd", "explain", "--chromium-log", &pipe],
        vec![
            "hybridd",
            "doctor",
            "--bundle",
            &bundle,
            "--timeline",
            &pipe,
        ],
        vec![
            "hybridd",
            "sign-in",
            "--origin",
            "https://example.com",
            "--options",
            &pipe,
        ],
        vec!["phone-sim", "answer", "--image", &pipe],
    ] {
        let ended = run(&world, "exec \"$0\" \"$@\"", &words).await;
        assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("no process writes to this pipe"),
            "{words:?}: {}",
            ended.stderr
        );
    }
    // One that is written to is read.
    let script = format!("printf x >{pipe} & exec \"$0\" \"$@\"");
    let words = ["hybridd", "explain", "--timeline", &pipe];
    let ended = run(&world, &script, &words).await;
    assert!(ended.stderr.contains("got one line"), "{}", ended.stderr);
}

#[tokio::test]
async fn certificates_that_are_no_file_are_not_waited_for() {
    const NAMES: [&str; 1] = ["cable.ua5v.com"];
    if !inside("certificates_that_are_no_file_are_not_waited_for", &NAMES) {
        return;
    }
    let world = world();
    let _relay = world.relay().await.unwrap();
    let pipe = world.pipe("pipe").unwrap().display().to_string();
    let code = stray_code(8).unwrap();
    for named in [&pipe, "/dev/zero"] {
        let script = format!("SSL_CERT_FILE={named} exec \"$0\" \"$@\"");
        for (words, code) in [
            (
                ["hybridd", "doctor", "--seconds=1", "--host=cable.ua5v.com"],
                3,
            ),
            (["phone-sim", "answer", "--radio=print", &code], 2),
        ] {
            let ended = run(&world, &script, &words).await;
            assert_eq!(
                ended.code,
                Some(code),
                "{named} {words:?}: {}",
                ended.stderr
            );
            let said = ended.stdout + &ended.stderr;
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                said.contains("SSL_CERT_FILE names a path that is not a file"),
                "{named} {words:?}: {said}"
            );
        }
    }
}

#[tokio::test]
async fn an_input_that_does_not_end_is_read_for_a_while() {
    let world = world();
    for words in [
        ["hybridd", "explain", "--chromium-log", "-"],
        ["hybridd", "explain", "--timeline", "-"],
        ["hybridd", "explain", "--chromium-log", "/dev/zero"],
        ["hybridd", "explain", "--timeline", "/dev/zero"],
        ["phone-sim", "answer", "--image", "/dev/zero"],
        ["phone-sim", "answer", "--radio=print", "-"],
    ] {
        let ended = run(&world, "yes | \"$0\" \"$@\"", &words).await;
        assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.stderr);
    }
    // Somebody who holds the pipe and says nothing.
    let words = ["hybridd", "explain", "--chromium-log", "-"];
    let silent = "exec 3<> <(:); \"$0\" \"$@\" <&3";
    let ended = run(&world, silent, &words).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
}

#[tokio::test]
async fn what_was_typed_is_repeated_within_bounds() {
    let world = world();
    let long = "a".repeat(100_000);
    let (origin, wrong) = (format!("https://{long} "), format!("{long}\u{1b}[2J"));
    for words in [
        vec!["hybridd", "register", "--origin", &origin],
        vec!["hybridd", "register", "--origin", &wrong],
        vec![
            "hybridd",
            "register",
            "--origin",
            "https://example.com",
            "--options",
            &long,
        ],
        vec![
            "hybridd",
            "register",
            "--origin",
            "https://example.com",
            "--qr",
            &wrong,
        ],
        vec!["hybridd", "explain", &wrong],
        vec!["hybridd", "explain", "--timeline", &long],
        vec!["hybridd", "doctor", "--host", &wrong],
        vec!["hybridd", &wrong],
        vec!["phone-sim", "answer", &wrong],
        vec!["phone-sim", "answer", "--tunnel", &wrong, "-"],
        vec!["phone-sim", "answer", "--profile", &wrong, "-"],
        vec!["phone-sim", "answer", "--fault", &wrong, "-"],
        vec!["phone-sim", "answer", "--image", &long],
        vec!["phone-sim", &wrong],
    ] {
        let ended = run(&world, "exec \"$0\" \"$@\"", &words).await;
        let (length, [program, command, ..]) = (ended.stderr.len(), words.as_slice()) else {
            panic!("no command");
        };
        let named = format!(
            "{program} {}",
            command.get(..10.min(command.len())).unwrap()
        );
        assert_eq!(ended.code, Some(2), "{named}");
        assert!((20..8000).contains(&length), "{named}: {length} bytes");
        assert!(!ended.stderr.contains('\u{1b}'), "{named}");
    }
}
