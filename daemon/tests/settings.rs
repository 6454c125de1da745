//! The settings' documents are those of the table, and the program reads them. Run with UPDATE_DOCS=1
//! to write the documents anew.

#![expect(clippy::unwrap_used, reason = "tests")]

use hybridd::settings::{
    GatheredSettings, SETTINGS, Setting, SettingValues, Settings, SettingsFiles,
};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/dist/config.toml");

#[test]
fn the_page_of_settings_lists_what_the_table_has() {
    let page = fs::read_to_string(PAGE).unwrap();
    let start = page.find("| key | value |").unwrap();
    let length = page[start..].find("\n\n").unwrap() + 1;
    let (before, after) = (&page[..start], &page[start + length..]);
    is_up_to_date(Path::new(PAGE), &format!("{before}{}{after}", table()));
}

#[test]
fn the_file_of_settings_lists_what_the_table_has() {
    is_up_to_date(Path::new(FILE), &file());
}

#[test]
fn the_file_of_settings_sets_nothing_and_uncommented_it_sets_the_defaults_and_examples() {
    let text = fs::read_to_string(FILE).unwrap();
    assert_eq!(load(&text).unwrap().values, SettingValues::default());
    let lines = text.lines().filter_map(|line| {
        let line = line.strip_prefix("# ")?;
        let (key, _) = line.split_once(" = ")?;
        SETTINGS
            .iter()
            .any(|setting| setting.name == key)
            .then_some(line)
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), SETTINGS.len());
    let settings = load(&lines.join("\n")).unwrap();
    for held in settings.held() {
        assert!(
            held.source.to_string().contains("config.toml:"),
            "{}",
            held.name
        );
    }
    for name in ["preconnect", "keep_timeline", "log"] {
        let held = settings.held().find(|held| held.name == name).unwrap();
        let default = SETTINGS
            .iter()
            .find(|setting| setting.name == name)
            .unwrap()
            .default;
        assert_eq!(held.value, default);
    }
}

/// Reads a text as a person's own file.
fn load(text: &str) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("config.toml");
    fs::write(&own, text).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o600)).unwrap();
    let files = SettingsFiles {
        system: folder.path().join("missing").into(),
        own: Some(own.into()),
    };
    let read = GatheredSettings::of(&files, [], &[]).usable();
    read.map_err(|error| error.to_string())
}

fn is_up_to_date(path: &Path, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, expected).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap() == expected,
        "{} is out of date; regenerate it with: UPDATE_DOCS=1 cargo test -p hybridd --test settings",
        path.display()
    );
}

fn ways(setting: &Setting) -> (String, String) {
    let code = |name: &str| format!("`{name}`");
    let variables: Vec<_> = setting.variables.iter().map(|name| code(name)).collect();
    let flag = setting
        .flag
        .map_or("none".to_owned(), |flag| code(&format!("--{flag}")));
    (variables.join(", "), flag)
}

fn table() -> String {
    let mut table = String::from(
        "| key | value | default | variable | option | what it does |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for setting in SETTINGS {
        let (variables, flag) = ways(setting);
        let value = setting.value.replace('|', " or ");
        let _ = writeln!(
            table,
            "| `{}` | {value} | {} | {variables} | {flag} | {}. |",
            setting.name, setting.default, setting.what
        );
    }
    table
}

fn file() -> String {
    let mut file = String::from(
        "# Settings of hybridd. /etc/hybridd/config.toml is read for all users, and ~/.config/hybridd/config.toml for one user; both look like this.\n\
         # Uncomment a line that begins with `# name =` to change that setting. See settings.md in /usr/share/doc/hybridd; `hybridd doctor` shows all values.\n",
    );
    for setting in SETTINGS {
        let (variables, flag) = ways(setting);
        let option = if setting.flag.is_some() {
            format!("; option: {flag}")
        } else {
            String::new()
        };
        let told = format!(
            "{}. Default: {}. Variable: {variables}{option}.",
            setting.what, setting.default
        );
        let _ = write!(
            file,
            "\n{}# {} = {}\n",
            comment(&told.replace('`', "")),
            setting.name,
            setting.example
        );
    }
    let locks = "Keys that no later source may change, only in /etc/hybridd/config.toml. A key that is locked but not set there stays at its default.";
    let _ = write!(
        file,
        "\n{}# locked = [\"preconnect\", \"proxy\", \"no_proxy\"]\n",
        comment(locks)
    );
    file
}

/// Broken into lines that fit a screen.
fn comment(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split(' ') {
        if lines
            .last()
            .is_some_and(|line| line.len() + word.len() > 118)
        {
            lines.push(String::from("#"));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

/// A home with settings, and options for a registration.
struct Home(TempDir);

impl Home {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("hybridd");
        fs::create_dir(&config).unwrap();
        fs::write(config.join("config.toml"), settings).unwrap();
        fs::set_permissions(
            config.join("config.toml"),
            fs::Permissions::from_mode(0o600),
        )
        .unwrap();
        let options = r#"{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.com"}"#;
        fs::write(folder.path().join("options.json"), options).unwrap();
        Self(folder)
    }

    fn sign_in(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hybridd"));
        command
            .args([
                "sign-in",
                "--origin",
                "https://example.com",
                "--dry-run",
                "--options",
            ])
            .arg(self.0.path().join("options.json"))
            .args(more)
            .env_clear()
            .env("XDG_CONFIG_HOME", self.0.path());
        command
    }
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_broken_file_ends_every_command_but_explain_with_2_and_its_line() {
    let home = Home::new("# mine\n\npreconect = false\n");
    let told = format!(
        "{}/hybridd/config.toml:3: preconect is not a setting; did you mean preconnect?",
        home.0.path().display()
    );
    let (code, stdout, stderr) = run(&mut home.sign_in(&[]));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(stderr, format!("hybridd: {told}\n"));
    let (code, stdout, _) = run(&mut home.sign_in(&["--json"]));
    let error: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (code, error["error"]["why"].as_str()),
        (Some(2), Some(told.as_str()))
    );
    for (arguments, ends) in [(&["beacon"] as &[&str], 2), (&["explain", "US03"], 0)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hybridd"));
        command
            .args(arguments)
            .env_clear()
            .env("XDG_CONFIG_HOME", home.0.path());
        assert_eq!(run(&mut command).0, Some(ends), "{arguments:?}");
    }
}

#[test]
fn a_good_file_changes_nothing_about_what_is_asked() {
    let home = Home::new("\u{feff}seconds = 30\r\nproxy = 'http://me:secret@proxy.example'\r\n");
    let (code, _, stderr) = run(&mut home.sign_in(&["--seconds", "5", "--preconnect", "false"]));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.starts_with("would sign in") && !stderr.contains("secret"),
        "{stderr}"
    );
}

#[test]
fn a_wrong_option_is_told_by_what_was_expected() {
    let home = Home::new("");
    for (option, value, expected) in [
        (
            "--qr",
            "paper",
            "expected terminal, svg:PATH, png:PATH, text or none",
        ),
        (
            "--seconds",
            "0",
            "expected a number of seconds from 1 to 86400",
        ),
        ("--preconnect", "maybe", "expected true or false"),
    ] {
        let (code, _, stderr) = run(&mut home.sign_in(&[option, value]));
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn what_lies_in_a_files_place_is_not_waited_for() {
    let home = Home::new("");
    let path = home.0.path().join("hybridd/config.toml");
    fs::remove_file(&path).unwrap();
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &path, kind, 0o600.into(), 0).unwrap();
    let (code, _, stderr) = run(&mut home.sign_in(&[]));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("got a folder, pipe or device"), "{stderr}");
}
