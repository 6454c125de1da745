//! The layers, by table and by property.

use super::*;
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two settings files in a folder of their own.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new(system: &str, own: &str) -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for (name, text) in [("system.toml", system), ("own.toml", own)] {
            fs::write(files.path(name), text).unwrap();
            let mode = fs::Permissions::from_mode(0o600);
            fs::set_permissions(files.path(name), mode).unwrap();
        }
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn load(
        &self,
        variables: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> Result<Settings, String> {
        let files = SettingsFiles {
            system: self.path("system.toml").into(),
            own: Some(self.path("own.toml").into()),
        };
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let flags: Vec<_> = flags
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        // Whoever runs the tests is the administrator of his own folder.
        let gathered = GatheredSettings::under(Trusted::own(), &files, variables, &flags);
        gathered.usable().map_err(|error| {
            let folder = format!("{}/", self.folder.path().display());
            error.to_string().replace(&folder, "")
        })
    }
}

fn held(settings: &Settings, name: &str) -> (String, String) {
    let held = settings.held().find(|held| held.name == name).unwrap();
    let source = held.source.to_string();
    let source = source.rsplit('/').next().unwrap_or_default().to_owned();
    (held.value, source)
}

#[test]
fn each_source_wins_over_the_ones_before_it() {
    let files = Files::new("seconds = 1\npreconnect = false\n", "# mine\nseconds = 2\n");
    let seconds =
        |variables: &[_], flags: &[_]| held(&files.load(variables, flags).unwrap(), "seconds");
    let told = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(seconds(&[], &[]), told("2", "own.toml:2"));
    let variable = ("HYBRIDD_SECONDS", "3");
    assert_eq!(seconds(&[variable], &[]), told("3", "HYBRIDD_SECONDS"));
    let flag = ("seconds", "4");
    assert_eq!(seconds(&[variable], &[flag]), told("4", "--seconds"));
    assert_eq!(
        seconds(&[("HYBRIDD_SECONDS", " ")], &[]),
        told("2", "own.toml:2"),
        "an empty variable is none"
    );
    let settings = files.load(&[], &[]).unwrap();
    assert_eq!(
        held(&settings, "preconnect"),
        told("false", "system.toml:2")
    );
    assert_eq!(held(&settings, "log"), told("warn", "default"));
}

#[test]
fn what_cannot_be_used_is_told_with_file_line_and_what_was_probably_meant() {
    for (system, own, told) in [
        (
            "",
            "\n\npreconect = false\n",
            "own.toml:3: preconect is not a setting; did you mean preconnect?",
        ),
        (
            "qr = \"text\"\nlock = [\"qr\"]\n",
            "",
            "system.toml:2: lock is not a setting",
        ),
        (
            "lockd = [\"qr\"]\n",
            "",
            "system.toml:1: lockd is not a setting; did you mean locked?",
        ),
        (
            "locked = [\"no-proxy\"]",
            "",
            "system.toml:1: locked: no-proxy is not a setting; did you mean no_proxy?",
        ),
        (
            "locked = true",
            "",
            "system.toml:1: locked: expected a list such as [\"qr\"]",
        ),
        (
            "",
            "locked = [\"qr\"]",
            "own.toml:1: only /etc/hybridd/config.toml can lock settings",
        ),
        (
            "",
            "[hybridd]\nqr = \"text\"",
            "own.toml:1: hybridd is not a setting",
        ),
        (
            "",
            "preconnect = \"no\"",
            "own.toml:1: preconnect: expected true or false, without quotes",
        ),
        (
            "",
            "seconds = 0",
            "own.toml:1: seconds: expected a number of seconds from 1 to 86400",
        ),
        (
            "",
            "qr = \"png:code.png\"",
            "own.toml:1: qr: expected an absolute path, because this is a settings file",
        ),
        (
            "",
            "\nproxy = \"ftp://me:secret@p\"",
            "own.toml:2: proxy: expected a proxy such as http://proxy.example:3128 or socks5://proxy.example:1080",
        ),
        (
            "",
            "log = \"a=b=c\"",
            "own.toml:1: log: expected error, warn, info, debug or trace, or a list such as warn,hybrid_dial=debug",
        ),
    ] {
        assert_eq!(Files::new(system, own).load(&[], &[]).unwrap_err(), told);
    }
    let files = Files::new("", "");
    for (variable, told) in [
        (
            ("HYBRIDD_PRECONNECT", "no"),
            "HYBRIDD_PRECONNECT: expected true or false",
        ),
        (
            ("HYBRIDD_PRECONECT", "false"),
            "HYBRIDD_PRECONECT: it is not a setting; did you mean HYBRIDD_PRECONNECT?",
        ),
    ] {
        assert_eq!(files.load(&[variable], &[]).unwrap_err(), told);
    }
    assert!(
        files
            .load(&[("HYBRIDD_VERSION", "1"), ("HYBRIDD_LOG", "x")], &[])
            .is_ok(),
        "those of a packager"
    );
}

#[test]
fn a_locked_key_stays_and_whoever_sets_it_otherwise_is_told_where_it_is_locked() {
    let system = "locked = [\"preconnect\", \"qr\", \"proxy\"]\npreconnect = false\nproxy = \"http://me:one@p\"\n";
    for (own, variable, flag, told) in [
        (
            "preconnect = true",
            ("x", ""),
            None,
            "own.toml:1: preconnect is locked by system.toml:1 (value: false): remove it here, or ask the administrator",
        ),
        (
            "",
            ("HYBRIDD_QR", "text"),
            None,
            "HYBRIDD_QR: qr is locked by system.toml:1 (value: terminal if there is one, else text): remove it here, or ask the administrator",
        ),
        (
            "",
            ("x", ""),
            Some(("qr", "none")),
            "--qr: qr is locked by system.toml:1 (value: terminal if there is one, else text): remove it here, or ask the administrator",
        ),
        // The password alone differs, and neither is shown.
        (
            "",
            ("HTTPS_PROXY", "http://me:two@p"),
            None,
            "HTTPS_PROXY: proxy is locked by system.toml:1 (value: http://p:80 with credentials that are not shown): remove it here, or ask the administrator",
        ),
    ] {
        let flags: Vec<_> = flag.into_iter().collect();
        let refused = Files::new(system, own).load(&[variable], &flags);
        assert_eq!(refused.unwrap_err(), told);
    }
    let same = Files::new(system, "preconnect = false\nseconds = 9\n");
    let settings = same.load(&[("HYBRIDD_PRECONNECT", "false")], &[]).unwrap();
    let told = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(
        held(&settings, "preconnect"),
        told("false", "system.toml:2")
    );
    assert_eq!(held(&settings, "seconds"), told("9", "own.toml:2"));
    let locked: Vec<_> = settings
        .held()
        .filter(|held| held.locked.is_some())
        .collect();
    assert_eq!(locked.len(), 3);
}

#[test]
fn the_first_proxy_variable_that_is_not_empty_counts_whatever_it_holds() {
    let files = Files::new(
        "",
        "proxy = \"http://file\"\nno_proxy = [\"a.example\", \"b.example\"]",
    );
    let told = |variables: &[_]| held(&files.load(variables, &[]).unwrap(), "proxy");
    assert_eq!(told(&[]).0, "http://file:80");
    let all = ("ALL_PROXY", "socks5://all");
    assert_eq!(told(&[all, ("HTTPS_PROXY", "https")]).1, "HTTPS_PROXY");
    assert_eq!(told(&[all, ("HTTPS_PROXY", "")]).1, "ALL_PROXY");
    // The step of the network has a code for it.
    assert_eq!(
        told(&[("https_proxy", "ftp://secret")]).0,
        "not a valid proxy address; not shown"
    );
    let settings = files.load(&[], &[]).unwrap();
    assert_eq!(held(&settings, "no_proxy").0, "a.example, b.example");
}

#[test]
fn a_file_of_somebody_else_is_refused_and_what_is_not_there_is_passed_over() {
    let files = Files::new("", "");
    fs::remove_file(files.path("system.toml")).unwrap();
    let settings = files.load(&[], &[]).unwrap();
    assert_eq!(settings.files, [files.path("own.toml")]);
    fs::set_permissions(files.path("own.toml"), fs::Permissions::from_mode(0o666)).unwrap();
    let refused = files.load(&[], &[]).unwrap_err();
    assert!(
        refused.starts_with("own.toml: other users can write to it"),
        "{refused}"
    );
}

#[test]
fn what_is_wrong_in_one_source_takes_nothing_from_the_others() {
    let files = Files::new("proxy = \"http://p\"\n", "seconds = 5\npreconect = false\n");
    let own = files.path("own.toml");
    let places = SettingsFiles {
        system: files.path("system.toml").into(),
        own: Some(own.clone().into()),
    };
    let variables = [("HYBRIDD_QR", "paper"), ("HYBRIDD_PRECONNECT", "false")];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    let gathered = GatheredSettings::under(Trusted::own(), &places, variables, &[]);
    let problem = gathered.problem.unwrap().to_string();
    assert!(
        problem.starts_with(&format!("{}:2: ", own.display())),
        "{problem}"
    );
    let value = |name| held(&gathered.settings, name).0;
    assert_eq!(value("proxy"), "http://p:80");
    assert_eq!(
        value("seconds"),
        "no limit",
        "of a broken file nothing is taken"
    );
    assert_eq!(value("preconnect"), "false");
    assert_eq!(gathered.settings.files, [files.path("system.toml")]);
}

/// Where a value may be set, from the weakest on.
const LAYERS: usize = 4;

proptest! {
    #[test]
    fn the_last_source_that_sets_a_key_wins(given in proptest::collection::vec(proptest::option::of(1_u32..=9), LAYERS)) {
        let line = |value: &Option<u32>| value.map_or_else(String::new, |value| format!("seconds = {value}\n"));
        let text = |value: &Option<u32>| value.map(|value| value.to_string());
        let files = Files::new(&line(&given[0]), &line(&given[1]));
        let (variable, flag) = (text(&given[2]), text(&given[3]));
        let variables: Vec<_> = variable.iter().map(|value| ("HYBRIDD_SECONDS", value.as_str())).collect();
        let flags: Vec<_> = flag.iter().map(|value| ("seconds", value.as_str())).collect();
        let settings = files.load(&variables, &flags).unwrap();
        let sources = ["system.toml:1", "own.toml:1", "HYBRIDD_SECONDS", "--seconds"];
        let last = given.iter().zip(sources).rev().find_map(|(value, source)| Some((value.as_ref()?.to_string(), source.to_owned())));
        let default = ("no limit".to_owned(), "default".to_owned());
        prop_assert_eq!(held(&settings, "seconds"), last.unwrap_or(default));
    }

    #[test]
    fn a_lock_holds_against_every_later_source(at in 1_usize..LAYERS, locked in 1_u32..=3, other in 1_u32..=3) {
        let system = format!("seconds = {locked}\nlocked = [\"seconds\"]\n");
        let own = if at == 1 { format!("seconds = {other}\n") } else { String::new() };
        let files = Files::new(&system, &own);
        let other_text = other.to_string();
        let variables: Vec<_> = (at == 2).then_some(("HYBRIDD_SECONDS", other_text.as_str())).into_iter().collect();
        let flags: Vec<_> = (at == 3).then_some(("seconds", other_text.as_str())).into_iter().collect();
        let read = files.load(&variables, &flags);
        prop_assert_eq!(read.is_ok(), locked == other);
        match read {
            Ok(settings) => prop_assert_eq!(held(&settings, "seconds").0, locked.to_string()),
            Err(error) => prop_assert!(error.contains("locked by system.toml:2"), "{}", error),
        }
    }

    #[test]
    fn reading_any_text_as_a_settings_file_never_panics(text in "(\\PC|\n){0,200}", may_lock: bool) {
        let _ = Settings::default().file(Path::new("config.toml"), &text, may_lock);
    }
}
