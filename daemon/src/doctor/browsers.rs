//! Programs in packages that keep security keys from them, and the command that lets them in; and
//! programs that do not ask every time.

use hybrid_diagnosis::catalogue::{
    Entry, FIREJAIL_HIDES_KEYS, FLATPAK_HIDES_KEYS, ONLY_PASSKEYS_OF_PHONES, SNAP_HIDES_KEYS,
};
use hybrid_diagnosis::check::Verdict;
use hybrid_diagnosis::finding::Finding;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

const SNAPS: [&str; 4] = ["firefox", "chromium", "brave", "opera"];
const FLATPAKS: [&str; 6] = [
    "org.mozilla.firefox",
    "org.chromium.Chromium",
    "com.google.Chrome",
    "com.brave.Browser",
    "com.microsoft.Edge",
    "io.gitlab.librewolf-community",
];
const PROGRAMS: [&str; 6] = [
    "firefox",
    "firefox-esr",
    "chromium",
    "google-chrome",
    "brave-browser",
    "librewolf",
];
/// Of Chromium's family.
const CHROMIUMS: [&str; 5] = [
    "chromium",
    "google-chrome",
    "brave-browser",
    "microsoft-edge",
    "opera",
];
/// snapd answers in this time, or is not asked.
const SNAPD: Duration = Duration::from_secs(3);

/// What was found of each kind: names, and whether each sees keys (`None`: not to be learned).
#[derive(Default)]
pub(super) struct Packages {
    snaps: Vec<(String, Option<bool>)>,
    flatpaks: Vec<(String, bool)>,
    jailed: Vec<(String, bool)>,
    chromiums: Vec<&'static str>,
}

impl Packages {
    /// Looks around.
    pub(super) async fn look(root: &Path, home: Option<&Path>) -> Self {
        let mut packages = Self {
            snaps: Vec::new(),
            flatpaks: flatpaks(root, home),
            jailed: jailed(root, home),
            chromiums: chromiums(root),
        };
        for snap in SNAPS {
            if root.join("snap").join(snap).join("current").exists() {
                packages
                    .snaps
                    .push((snap.to_owned(), connected(snap).await));
            }
        }
        packages
    }
}

/// The steps, and what each comes to.
pub(super) fn judge(packages: &Packages) -> [(&'static str, (String, Verdict)); 4] {
    let shut = |names: Vec<&str>, entry, advice: &dyn Fn(&str) -> String| {
        if names.is_empty() {
            return (
                "no browser is prevented from using security keys".to_owned(),
                Verdict::Ok,
            );
        }
        let told: Vec<_> = { names.iter() }
            .map(|name| format!("{name} does not see security keys; run: {}", advice(name)))
            .collect();
        warn(entry, &told.join("; "))
    };
    let no = |(name, sees): &'_ (String, bool)| (!sees).then(|| name.clone());
    let snaps: Vec<&str> = { packages.snaps.iter() }
        .filter(|(_, sees)| *sees == Some(false))
        .map(|(name, _)| name.as_str())
        .collect();
    let flatpaks: Vec<String> = packages.flatpaks.iter().filter_map(no).collect();
    let jailed: Vec<String> = packages.jailed.iter().filter_map(no).collect();
    [
        (
            "Snaps",
            shut(snaps, &SNAP_HIDES_KEYS, &|name| {
                format!("sudo snap connect {name}:u2f-devices")
            }),
        ),
        (
            "Flatpaks",
            shut(
                flatpaks.iter().map(String::as_str).collect(),
                &FLATPAK_HIDES_KEYS,
                &|name| {
                    format!("flatpak override --user --device=all --filesystem=/run/udev:ro {name}")
                },
            ),
        ),
        (
            "firejail",
            shut(
                jailed.iter().map(String::as_str).collect(),
                &FIREJAIL_HIDES_KEYS,
                &|name| format!("firejail --ignore=nou2f --ignore=private-dev {name}"),
            ),
        ),
        ("Chromium", not_always_asked(&packages.chromiums)),
    ]
}

/// Nothing is wrong with it, and no session sees it: it is told before it happens.
fn not_always_asked(chromiums: &[&str]) -> (String, Verdict) {
    let evidence = match chromiums {
        [] => "not installed".to_owned(),
        names => format!(
            "{} asks no security key when a site lists only passkeys that were created on phones; \
             use its own QR code or Firefox there (hybridd explain {})",
            names.join(", "),
            ONLY_PASSKEYS_OF_PHONES.code
        ),
    };
    (evidence, Verdict::Ok)
}

fn warn(entry: &'static Entry, saw: &str) -> (String, Verdict) {
    let finding = Finding::likely(entry, saw);
    (saw.to_owned(), Verdict::Warn(finding))
}

async fn connected(snap: &str) -> Option<bool> {
    let mut command = Command::new("snap");
    command
        .args(["connections", snap])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(SNAPD, command.output()).await.ok()?;
    is_connected(&String::from_utf8_lossy(&output.ok()?.stdout))
}

/// Reads what `snap connections` prints: interface, plug, slot (`-` without one), notes.
fn is_connected(printed: &str) -> Option<bool> {
    printed.lines().find_map(|line| {
        let mut columns = line.split_whitespace();
        (columns.next()? == "u2f-devices").then_some(())?;
        Some(columns.nth(1)? != "-")
    })
}

fn flatpaks(root: &Path, home: Option<&Path>) -> Vec<(String, bool)> {
    let system = root.join("var/lib/flatpak");
    let own = home.map(|home| home.join(".local/share/flatpak"));
    let places = || [Some(&system), own.as_ref()].into_iter().flatten();
    let installed = |app: &&str| {
        let found = places().find_map(|place| {
            fs::read_to_string(place.join("app").join(app).join("current/active/metadata")).ok()
        })?;
        let mut said = vec![found];
        for place in places() {
            for name in ["global", app] {
                said.extend(fs::read_to_string(place.join("overrides").join(name)));
            }
        }
        Some(((*app).to_owned(), sees_devices(&said)))
    };
    FLATPAKS.iter().filter_map(installed).collect()
}

/// Whether metadata and overrides give all devices, and what udev knows of them.
fn sees_devices(said: &[String]) -> bool {
    let gives = |key: &str, fits: fn(&str) -> bool| {
        let lines = said.iter().flat_map(|text| text.lines());
        let values = lines.filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
        values.flat_map(|value| value.split(';')).any(fits)
    };
    gives("devices", |value| value == "all")
        && gives("filesystems", |value| value.starts_with("/run/udev"))
}

fn jailed(root: &Path, home: Option<&Path>) -> Vec<(String, bool)> {
    let jailed = |name: &&str| {
        // firecfg puts links in front of the programs.
        let link = fs::read_link(root.join("usr/local/bin").join(name)).ok()?;
        (link.file_name()? == "firejail").then_some(())?;
        let local = home.map(|home| home.join(".config/firejail").join(format!("{name}.local")));
        let text = local.and_then(|path| fs::read_to_string(path).ok());
        let text = text.unwrap_or_default();
        let sees = ["ignore nou2f", "ignore private-dev"]
            .iter()
            .all(|wanted| text.lines().any(|line| line.trim() == *wanted));
        Some(((*name).to_owned(), sees))
    };
    PROGRAMS.iter().filter_map(jailed).collect()
}

fn chromiums(root: &Path) -> Vec<&'static str> {
    let is_there = |name: &&str| {
        let places = [root.join("usr/bin"), root.join("snap/bin")];
        places.iter().any(|place| place.join(name).exists())
    };
    CHROMIUMS.into_iter().filter(is_there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn snapd_is_understood() {
        let head = "Interface  Plug  Slot  Notes\n";
        for (line, expected) in [
            ("u2f-devices  firefox:u2f-devices  -  -\n", Some(false)),
            (
                "u2f-devices  firefox:u2f-devices  :u2f-devices  manual\n",
                Some(true),
            ),
            ("u2f-devices\n", None),
            ("", None),
        ] {
            assert_eq!(is_connected(&format!("{head}{line}")), expected);
        }
    }

    #[test]
    fn a_flatpak_sees_keys_by_its_metadata_or_an_override() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().join("home");
        let app = "org.mozilla.firefox";
        let metadata = "var/lib/flatpak/app/org.mozilla.firefox/current/active/metadata";
        assert!(flatpaks(root.path(), Some(&home)).is_empty());
        write(&root.path().join(metadata), "[Context]\ndevices=dri;\n");
        assert_eq!(
            flatpaks(root.path(), Some(&home)),
            [(app.to_owned(), false)]
        );
        write(
            &home.join(".local/share/flatpak/overrides").join(app),
            "[Context]\ndevices=all;\nfilesystems=/run/udev:ro;\n",
        );
        assert_eq!(flatpaks(root.path(), Some(&home)), [(app.to_owned(), true)]);
    }

    #[test]
    fn a_program_in_firejail_is_found_by_its_link_and_let_in_by_its_profile() {
        let root = tempfile::tempdir().unwrap();
        let bin = root.path().join("usr/local/bin");
        fs::create_dir_all(&bin).unwrap();
        symlink("/usr/bin/firejail", bin.join("firefox")).unwrap();
        let home = root.path().join("home");
        let found = || jailed(root.path(), Some(&home));
        assert_eq!(found(), [("firefox".to_owned(), false)]);
        let profile = home.join(".config/firejail/firefox.local");
        write(&profile, "ignore nou2f\nignore private-dev\n");
        assert_eq!(found(), [("firefox".to_owned(), true)]);
    }

    #[test]
    fn the_command_names_the_program() {
        let packages = Packages {
            snaps: vec![
                ("firefox".to_owned(), Some(false)),
                ("opera".to_owned(), None),
            ],
            flatpaks: vec![("com.google.Chrome".to_owned(), true)],
            jailed: vec![("chromium".to_owned(), false)],
            chromiums: Vec::new(),
        };
        let [(_, snaps), (_, flatpaks), (_, jailed), _] = judge(&packages);
        let code = |verdict: &Verdict| match verdict {
            Verdict::Warn(finding) => Some(finding.code),
            Verdict::Ok | Verdict::Fail(_) | Verdict::NotChecked(_) => None,
        };
        assert_eq!(code(&snaps.1), Some("UH15"));
        assert!(snaps.0.contains("sudo snap connect firefox:u2f-devices"));
        assert_eq!(code(&flatpaks.1), None);
        assert_eq!(code(&jailed.1), Some("UH17"));
    }

    #[test]
    fn a_chromium_is_named_with_the_case_in_which_it_asks_no_key() {
        let root = tempfile::tempdir().unwrap();
        let told = || not_always_asked(&chromiums(root.path()));
        assert_eq!(told().0, "not installed");
        write(&root.path().join("usr/bin/chromium"), "");
        let (evidence, verdict) = told();
        assert!(evidence.starts_with("chromium asks no security key") && evidence.contains("UH24"));
        assert!(matches!(verdict, Verdict::Ok));
    }
}
