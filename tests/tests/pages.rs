//! What `hybridd pages` writes: man pages that man can show, and completions as a person meets them
//! in bash, zsh and fish.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

use hybrid_tests::programs::program;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What the program writes for its package.
fn pages() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(program("hybridd"))
        .arg("pages")
        .arg(folder.path())
        .status();
    assert!(status.unwrap().success());
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// A page's sections.
fn sections(page: &str) -> Vec<String> {
    let titles = page.lines().filter_map(|line| line.strip_prefix(".SH "));
    titles
        .map(|title| title.trim_matches('"').to_owned())
        .collect()
}

#[test]
fn every_page_has_the_sections_that_people_look_for_in_their_order() {
    let folder = pages();
    let order = [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "SUBCOMMANDS",
        "EXIT STATUS",
        "FILES",
        "ENVIRONMENT",
        "EXAMPLES",
        "SEE ALSO",
    ];
    let mut pages = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".1") {
            continue;
        }
        pages += 1;
        let page = read(folder.path(), &name);
        let sections = sections(&page);
        let places = sections.iter().map(|title| {
            order
                .iter()
                .position(|known| known == title)
                .unwrap_or_else(|| panic!("{name}: {title}"))
        });
        assert!(places.is_sorted(), "{name}: {sections:?}");
        for title in ["SYNOPSIS", "EXIT STATUS", "SEE ALSO"] {
            assert!(
                sections.iter().any(|known| known == title),
                "{name} has no {title}"
            );
        }
        let short = page
            .split(".SH NAME\n")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        assert!(short.len() <= 130, "{name}: apropos shows {short}");
        assert!(!page.contains("see a summary"), "{name}");
    }
    assert!(pages > 20, "{pages}");
    let whole = read(folder.path(), "hybridd.1");
    for named in ["FILES", "ENVIRONMENT"] {
        assert!(
            sections(&whole).iter().any(|title| title == named),
            "{named}"
        );
    }
    assert!(whole.contains("HYBRIDD_POLICIES") && whole.contains("/etc/hybridd/config.toml"));
}

/// What bash offers for the last of these words; nothing leaves it to the names of files.
fn bash(folder: &Path, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let script = format!(
        "source {}/hybridd.bash\nCOMP_WORDS=({})\nCOMP_CWORD={last}\n_hybridd hybridd '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        folder.display(),
        words
            .iter()
            .map(|word| format!("'{word}' "))
            .collect::<String>(),
        words[last],
        words[last - 1],
    );
    let said = Command::new("bash").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let words = said.lines().filter(|line| !line.is_empty());
    words.map(str::to_owned).collect()
}

#[test]
fn bash_offers_files_where_a_file_is_wanted_and_options_after_a_hyphen() {
    let folder = pages();
    let offered = |line: &[&str]| bash(folder.path(), line);
    for line in [
        &["hybridd", "inspect", ""][..],
        &["hybridd", "inspect", "--json", ""],
        &["hybridd", "policy", "check", ""],
        &["hybridd", "policy", "lint", "--policy", "a.json", ""],
        &["hybridd", "policy", "diff", ""],
        &["hybridd", "policy", "diff", "old", ""],
        &["hybridd", "register", "--policy", "a.json", ""],
        &["hybridd", "pages", ""],
        &["hybridd", "sign-in", "--qr", "svg", ":", ""],
    ] {
        assert_eq!(offered(line), Vec::<String>::new(), "{line:?}");
    }
    for (line, option) in [
        (&["hybridd", "inspect", "-"][..], "--mds"),
        (&["hybridd", "policy", "diff", "old", "--"], "--json"),
        (&["hybridd", "doctor", ""], "--bundle"),
        (&["hybridd", "sign-in", ""], "--origin"),
        (&["hybridd", "key", "off", ""], "--for"),
        (&["hybridd", "policy", ""], "lint"),
        (&["hybridd", "ke"], "key"),
    ] {
        let all = offered(line);
        assert!(all.iter().any(|one| one == option), "{line:?}: {all:?}");
    }
}

#[test]
fn known_values_are_offered_and_files_only_for_files() {
    let folder = pages();
    let offered = |line: &[&str]| bash(folder.path(), line);
    assert_eq!(
        offered(&["hybridd", "sign-in", "--preconnect", ""]),
        ["true", "false"]
    );
    assert_eq!(
        offered(&["hybridd", "sign-in", "--history", "h"]),
        ["hashes"]
    );
    assert_eq!(
        offered(&["hybridd", "sign-in", "--qr", "t"]),
        ["terminal", "text"]
    );
    assert_eq!(
        offered(&["hybridd", "sign-in", "--qr", "=", "te"]),
        ["terminal", "text"]
    );
    assert_eq!(
        offered(&["hybridd", "agent", "--prompt", "="]),
        ["gtk", "terminal", "none"]
    );
    assert_eq!(offered(&["hybridd", "agent", "--prompt", "g"]), ["gtk"]);
    assert_eq!(
        offered(&["hybridd", "explain", "NW1"])
            .first()
            .map(String::as_str),
        Some("NW10")
    );
    assert_eq!(
        offered(&["hybridd", "explain", "PK05"])
            .first()
            .map(String::as_str),
        Some("PK050")
    );
    assert!(offered(&["hybridd", "explain", "boot"]).contains(&"bootstrap".to_owned()));
    assert_eq!(
        offered(&["hybridd", "doctor", "--adapter", "hc"]),
        ["hc"],
        "no file is an adapter"
    );
    for shell in ["hybridd.bash", "_hybridd", "hybridd.fish"] {
        let script = read(folder.path(), shell);
        assert!(
            !script.contains("prompt-terminal"),
            "{shell} offers what is hidden"
        );
        assert!(
            script.contains("hashes"),
            "{shell} does not know the values of --history"
        );
    }
}

/// What fish offers at the end of a line.
fn fish(folder: &Path, line: &str) -> Vec<String> {
    let script = format!(
        "source {}/hybridd.fish; complete -C '{line}'",
        folder.display()
    );
    let said = Command::new("fish")
        .args(["--no-config", "-c", &script])
        .env("HOME", folder)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("fish (Debian package fish): {error}"));
    let said = String::from_utf8(said.stdout).unwrap();
    let words = said
        .lines()
        .map(|line| line.split('\t').next().unwrap_or(line));
    words.map(str::to_owned).collect()
}

#[test]
fn fish_offers_the_commands_that_help_explains_as_the_others_do() {
    let folder = pages();
    let all = fish(folder.path(), "hybridd help ");
    for command in ["register", "doctor", "key", "policy"] {
        assert!(all.contains(&command.to_owned()), "{command}: {all:?}");
    }
    assert!(!all.contains(&"hybridd.fish".to_owned()), "{all:?}");
    let below = fish(folder.path(), "hybridd help key ");
    assert_eq!(below, ["forget", "off", "on", "status"]);
}

#[test]
fn fish_offers_the_codes_and_pages_of_explain_as_the_others_do() {
    let folder = pages();
    let offered = |line: &str| fish(folder.path(), line);
    assert_eq!(
        offered("hybridd explain NW1"),
        bash(folder.path(), &["hybridd", "explain", "NW1"])
    );
    assert_eq!(offered("hybridd explain PK05")[0], "PK050");
    assert!(offered("hybridd explain boot").contains(&"bootstrap".to_owned()));
    let all = offered("hybridd explain ");
    assert!(all.len() > 100, "{all:?}");
    assert!(
        !all.contains(&"hybridd.fish".to_owned()),
        "no file is a code"
    );
    let files = offered("hybridd explain --timeline hybridd.f");
    assert_eq!(files, ["hybridd.fish"]);
    assert!(offered("hybridd ke").contains(&"key".to_owned()));
    assert!(offered("hybridd inspect hybridd.f").contains(&"hybridd.fish".to_owned()));
}

#[test]
fn shells_read_their_scripts() {
    let folder = pages();
    for (shell, script) in [
        ("bash", "hybridd.bash"),
        ("zsh", "_hybridd"),
        ("fish", "hybridd.fish"),
    ] {
        let read = Command::new(shell)
            .arg("-n")
            .arg(folder.path().join(script))
            .output();
        let read = read.unwrap_or_else(|error| panic!("{shell} (Debian package {shell}): {error}"));
        assert!(
            read.status.success(),
            "{script}: {}",
            String::from_utf8_lossy(&read.stderr)
        );
    }
}
