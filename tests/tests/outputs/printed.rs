//! What the programs print to outputs that fail.

use crate::scene::{NAMES, asleep, full, gone};
use hybrid_tests::programs::{self, World};
use hybrid_tests::relying_party::ORIGIN;

#[tokio::test]
async fn what_cannot_be_printed_is_a_sentence_and_never_a_panic() {
    programs::build();
    let world = World::without_bus(&NAMES).unwrap();
    for (program, args) in [
        ("hybridd", vec!["--help"]),
        ("hybridd", vec!["--version"]),
        ("hybridd", vec!["sign-in", "--help"]),
        ("hybridd", vec!["explain"]),
        ("hybridd", vec!["explain", "NW15", "--json"]),
        ("hybridd", vec!["doctor", "--seconds", "1"]),
        ("hybridd", vec!["doctor", "--seconds", "1", "--json"]),
        ("phone-sim", vec!["--help"]),
        ("phone-sim", vec!["answer", "--help"]),
        ("phone-sim", vec!["--version"]),
        ("phone-sim", vec!["faults"]),
        ("phone-sim", vec!["profiles"]),
    ] {
        let child = world
            .command(program)
            .args(&args)
            .stdout(full())
            .spawn()
            .unwrap();
        let ended = programs::end(child).await.unwrap();
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("cannot write to standard output"),
            "{args:?}: {}",
            ended.stderr
        );
        assert!(
            !ended.stderr.contains("panicked"),
            "{args:?}: {}",
            ended.stderr
        );
    }
    // Without standard error the exit code alone is left, and it is the same.
    for stderr in [full, gone] {
        let mut command = world.command("hybridd");
        command
            .args(["sign-in", "--origin", ORIGIN])
            .env("RUST_LOG", "trace")
            .stderr(stderr());
        let mut child = command.spawn().unwrap();
        programs::give(&mut child, "{").await.unwrap();
        assert_eq!(programs::end(child).await.unwrap().code, Some(2));
        let mut command = world.command("phone-sim");
        command
            .args(["answer", "-"])
            .env("RUST_LOG", "trace")
            .stderr(stderr());
        let mut child = command.spawn().unwrap();
        programs::give(&mut child, "no code").await.unwrap();
        assert_eq!(programs::end(child).await.unwrap().code, Some(2));
    }
}

#[tokio::test]
async fn the_demo_ends_as_it_would_whatever_becomes_of_its_output() {
    programs::build();
    let world = World::without_bus(&NAMES).unwrap();
    let (_reader, asleep) = asleep();
    for stdout in [full(), gone(), asleep] {
        let child = world
            .command("demo")
            .stdout(stdout)
            .stderr(full())
            .spawn()
            .unwrap();
        assert_eq!(programs::end(child).await.unwrap().code, Some(0));
    }
}
