//! What is packaged says what the program does: the default configuration, man pages, completions,
//! list of files, the page for operators.

use hybrid_tunnel_server::{Limits, RelaySettings};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names() -> impl Iterator<Item = &'static str> {
    let keys = RelaySettings::KEYS.iter().map(|key| key.name);
    keys.chain(Limits::TABLE.iter().map(|limit| limit.key))
}

/// What the program writes for its package.
fn pages() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_tunnel-server");
    assert!(
        Command::new(program)
            .arg("pages")
            .arg(folder.path())
            .status()
            .unwrap()
            .success()
    );
    folder
}

/// The settings of the shipped configuration, in force and in comments: name, value as it stands
/// there, whether it is in force.
fn shipped() -> Vec<(String, String, bool)> {
    let text = fs::read_to_string(pages().path().join("tunnel-server.toml")).unwrap();
    let setting = |line: &str| {
        let (line, active) = line
            .strip_prefix("# ")
            .map_or((line, true), |line| (line, false));
        let (name, value) = line.split_once(" = ")?;
        let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        is_name.then(|| (name.to_owned(), value.to_owned(), active))
    };
    text.lines().filter_map(setting).collect()
}

fn read(lines: &str) -> RelaySettings {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tunnel-server.toml");
    fs::write(&file, lines).unwrap();
    RelaySettings::load(Some(&file), [], []).unwrap()
}

#[test]
fn the_default_configuration_names_every_setting_once_with_its_default() {
    let mut seen = BTreeMap::<String, u32>::new();
    for (name, ..) in shipped() {
        *seen.entry(name).or_default() += 1;
    }
    assert_eq!(seen, names().map(|name| (name.to_owned(), 1)).collect());
    for (name, value, _) in shipped() {
        if let Some(limit) = Limits::TABLE.iter().find(|limit| limit.key == name) {
            let default = (limit.show)(&Limits::default());
            assert_eq!(value.trim_matches('"'), default, "{name}");
        }
    }
    let defaults = ["listen", "node", "log"];
    for (name, value, _) in shipped()
        .into_iter()
        .filter(|(name, ..)| defaults.contains(&name.as_str()))
    {
        assert_eq!(
            read(&format!("{name} = {value}\n")),
            RelaySettings::default(),
            "{name}"
        );
    }
}

#[test]
fn the_default_configuration_can_be_read_as_it_is_and_with_every_comment_taken_away() {
    let in_force =
        RelaySettings::load(Some(&pages().path().join("tunnel-server.toml")), [], []).unwrap();
    let expected = RelaySettings {
        admin: Some("127.0.0.1:9443".parse().unwrap()),
        state: Some(PathBuf::from("/var/lib/tunnel-server")),
        ..RelaySettings::default()
    };
    assert_eq!(in_force, expected);
    let all: String = shipped()
        .iter()
        .map(|(name, value, _)| format!("{name} = {value}\n"))
        .collect();
    let all = read(&all);
    assert_eq!(all.limits, Limits::default());
    assert!(all.tls_cert.is_some() && all.tls_key.is_some() && !all.forwarded_from.is_empty());
}

#[test]
fn the_page_for_operators_quotes_the_line_at_which_a_setting_stands() {
    let page = fs::read_to_string(crate_folder().join("../docs/relay.md")).unwrap();
    let (_, after) = page.split_once("tunnel-server.toml, line ").unwrap();
    let (number, said) = after.split_once(": ").unwrap();
    let wrong = said.split(' ').next().unwrap();
    let file = fs::read_to_string(pages().path().join("tunnel-server.toml")).unwrap();
    let line = file
        .lines()
        .nth(number.parse::<usize>().unwrap() - 1)
        .unwrap();
    assert!(line.starts_with(&format!("# {wrong}")), "{number}: {line}");
}

#[test]
fn man_pages_and_completions_name_every_option() {
    let folder = pages();
    let page = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (man, bash) = (
        page("tunnel-server-serve.1").replace("\\-", "-"),
        page("tunnel-server.bash"),
    );
    let (zsh, fish) = (page("_tunnel-server"), page("tunnel-server.fish"));
    for option in names().map(|name| name.replace('_', "-")) {
        assert!(man.contains(&format!("--{option}")), "man page: {option}");
        assert!(bash.contains(&format!("--{option}")), "bash: {option}");
        assert!(zsh.contains(&format!("--{option}")), "zsh: {option}");
        assert!(fish.contains(&format!("-l {option} ")), "fish: {option}");
    }
    assert!(page("tunnel-server.1").contains("tunnel\\-server\\-domain(1)"));
    let bash = Command::new("bash")
        .arg("-n")
        .arg(folder.path().join("tunnel-server.bash"))
        .status()
        .unwrap();
    assert!(bash.success());
}

/// What bash offers for the last of these words.
fn offered(words: &[&str]) -> Vec<String> {
    let folder = pages();
    let last = words.len() - 1;
    let script = format!(
        "source {}\nCOMP_WORDS=({})\nCOMP_CWORD={last}\n_tunnel__server tunnel-server '{}' '{}'\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        folder.path().join("tunnel-server.bash").display(),
        words.join(" "),
        words[last],
        words[last - 1],
    );
    let said = Command::new("bash").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_options_after_each_command() {
    for (command, option) in [
        ("serve", "--tls-cert"),
        ("probe", "--json"),
        ("domain", "--find"),
    ] {
        let all = offered(&["tunnel-server", command, "--"]);
        assert!(all.iter().any(|one| one == option), "{command}: {all:?}");
    }
    assert!(offered(&["tunnel-server", "s"]).contains(&"serve".to_owned()));
    let serve = |option: &str, typed: &str| offered(&["tunnel-server", "serve", option, typed]);
    assert_eq!(serve("--log", "j"), ["json"]);
    assert_eq!(serve("--rooms", "te"), ["te"], "no file is a limit");
}

#[test]
fn pages_creates_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    let program = env!("CARGO_BIN_EXE_tunnel-server");
    let status = Command::new(program).arg("pages").arg(&below).status();
    assert!(status.unwrap().success());
    let page = fs::read_to_string(below.join("tunnel-server-serve.1")).unwrap();
    assert!(page.contains("hybridd"), "whose manual it is");
    for name in ["", "-serve", "-domain", "-probe", "-pages"] {
        let page = fs::read_to_string(below.join(format!("tunnel-server{name}.1"))).unwrap();
        for section in ["SYNOPSIS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"] {
            assert!(
                page.contains(section),
                "tunnel-server{name} has no {section}"
            );
        }
        assert!(
            !page.lines().any(|line| line.starts_with(' ')),
            "tunnel-server{name}: a line is set apart"
        );
    }
}

#[test]
fn the_package_holds_what_exists_and_everything_that_is_made_for_it() {
    let manifest = fs::read_to_string(crate_folder().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let assets = deb["assets"].as_array().unwrap();
    assert!(assets.len() > 10);
    let folder = pages();
    let mut made: BTreeSet<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for asset in assets {
        let source = asset[0].as_str().unwrap();
        let exists = match source.strip_prefix("target/release/") {
            // dist/build-deb writes the latter.
            Some(
                "tunnel-server"
                | "pages/changelog.gz"
                | "pages/changelog.Debian.gz"
                | "pages/THIRD-PARTY.gz",
            ) => true,
            Some(page) => {
                let page = page.strip_prefix("pages/").unwrap();
                made.remove(page.strip_suffix(".gz").unwrap_or(page))
            }
            None => crate_folder().join(source).exists(),
        };
        assert!(exists, "{source}");
    }
    assert!(made.is_empty(), "not in the package: {made:?}");
}

#[test]
fn the_unit_is_valid_and_leaves_the_relay_nothing_but_the_network() {
    let dist = crate_folder().join("dist");
    let folder = tempfile::tempdir().unwrap();
    // Where the program and its man page will be once it is installed, nothing is yet.
    let unit = fs::read_to_string(dist.join("tunnel-server.service")).unwrap();
    let unit = unit.replace(
        "/usr/bin/tunnel-server",
        env!("CARGO_BIN_EXE_tunnel-server"),
    );
    let unit: String = unit
        .lines()
        .filter(|line| !line.starts_with("Documentation="))
        .flat_map(|line| [line, "\n"])
        .collect();
    fs::write(folder.path().join("tunnel-server.service"), unit).unwrap();
    fs::copy(
        dist.join("tunnel-server.socket"),
        folder.path().join("tunnel-server.socket"),
    )
    .unwrap();
    let analyze = |args: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        command.args(args).args(
            ["tunnel-server.service", "tunnel-server.socket"].map(|unit| folder.path().join(unit)),
        );
        command
            .output()
            .expect("systemd-analyze (Debian package systemd)")
    };
    let verified = analyze(&["verify"]);
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && said.is_empty(), "{said}");
    // 0.1 and 0.2 cannot be less for a server on the internet: addresses, sockets, its own files.
    let service = folder.path().join("tunnel-server.service");
    let exposed = Command::new("systemd-analyze")
        .args(["security", "--offline=yes", "--threshold=12"])
        .arg(service)
        .output();
    assert!(
        exposed.unwrap().status.success(),
        "systemd-analyze security says more than 1.2"
    );
}

#[test]
fn the_page_for_operators_names_settings_and_files_that_exist() {
    let page = fs::read_to_string(crate_folder().join("../docs/relay.md")).unwrap();
    // Without its blocks: what is typed there is tried by tests/vm/run relay.
    let page: String = page.split("```").step_by(2).collect();
    for setting in page
        .split('`')
        .filter_map(|code| code.split_once(" = "))
        .map(|(name, _)| name)
    {
        assert!(names().any(|name| name == setting), "no setting {setting}");
    }
    let installed = "/usr/share/doc/hybrid-tunnel-server/examples/";
    let examples = page
        .split('`')
        .filter_map(|code| match code.strip_prefix(installed) {
            Some(name) => Some(name),
            None => code.ends_with(".cfg").then_some(code),
        });
    for file in examples {
        assert!(
            crate_folder().join("dist").join(file).exists(),
            "no file {file}"
        );
    }
}
