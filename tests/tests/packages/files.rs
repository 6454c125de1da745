//! The packages install what the manual's table of files and names says, the rpm what the deb does,
//! and the names in that table are those of the programs and of what is installed.

use crate::manifest::{PACKAGES, destination, metadata, read, root, sources};
use hybrid_ctaphid::device::{PRODUCT, PRODUCT_IS_OURS, VENDOR};
use hybrid_key_bus::{ACTION, SERVICE};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use toml::Value;

/// What a deb installs, with its mode; documents and what checks packages are not in the table.
fn deb(folder: &str) -> BTreeMap<String, (String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let assets = metadata(folder, "deb")["assets"].clone();
    let found = assets.as_array().unwrap().iter().map(|asset| {
        let (source, place) = (text(&asset[0]), text(&asset[1]));
        (destination(&source, &place), (source, text(&asset[2])))
    });
    found.filter(|(place, _)| is_in_table(place)).collect()
}

fn rpm(folder: &str) -> BTreeMap<String, (String, String)> {
    let assets = metadata(folder, "generate-rpm")["assets"].clone();
    let found = assets.as_array().unwrap().iter().map(|asset| {
        let text = |name: &str| asset[name].as_str().unwrap().to_owned();
        let (source, place) = (text("source"), text("dest"));
        // Each has its own place for what zsh completes.
        let place = place.replace("/site-functions/", "/vendor-completions/");
        (destination(&source, &place), (source, text("mode")))
    });
    found.filter(|(place, _)| is_in_table(place)).collect()
}

fn is_in_table(place: &str) -> bool {
    let others = ["doc", "licenses", "lintian"];
    { others.iter() }.all(|other| !place.starts_with(&format!("/usr/share/{other}/")))
}

/// The manual's table: names, and the package that each comes with.
fn table() -> Vec<(Vec<String>, String)> {
    let manual = read("docs/security-key.md");
    let (_, section) = manual.split_once("### Files and names\n").unwrap();
    let rows = section.lines().take_while(|line| line.starts_with('|'));
    let rows = rows.skip(2).map(|row| {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(columns.len(), 3, "{row}");
        let names = columns[0].split('`').skip(1).step_by(2);
        (names.map(str::to_owned).collect(), columns[2].to_owned())
    });
    rows.collect()
}

fn in_table(name: &str) -> bool {
    table()
        .iter()
        .any(|(names, _)| names.iter().any(|known| known == name))
}

#[test]
fn the_manuals_table_lists_the_files_of_both_packages_and_no_others() {
    for (package, folder) in PACKAGES {
        let installed: Vec<String> = deb(folder).into_keys().collect();
        let rows = table().into_iter().filter(|(_, of)| of == package);
        let mut listed: Vec<String> = rows.flat_map(|(names, _)| names).collect();
        listed.retain(|name| name.starts_with('/'));
        listed.sort();
        assert_eq!(listed, installed, "{package}");
    }
}

#[test]
fn the_rpm_installs_what_the_deb_does() {
    for (package, folder) in PACKAGES {
        assert_eq!(rpm(folder), deb(folder), "{package}");
        for kind in ["deb", "generate-rpm"] {
            assert_eq!(metadata(folder, kind)["name"].as_str(), Some(package));
        }
    }
    let settings = Value::from("/etc/hybridd/config.toml");
    let kept = metadata("daemon", "deb")["conf-files"].clone();
    assert_eq!(kept.as_array().unwrap(), &[settings]);
    let assets = metadata("daemon", "generate-rpm")["assets"].clone();
    let is_kept = |asset: &&Value| asset.get("config").is_some();
    let kept: Vec<_> = assets.as_array().unwrap().iter().filter(is_kept).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["config"].as_str(), Some("noreplace"));
    assert_eq!(kept[0]["source"].as_str(), Some("dist/config.toml"));
}

#[test]
fn every_folder_of_ours_goes_with_the_rpm() {
    for (package, folder) in PACKAGES {
        let metadata = metadata(folder, "generate-rpm");
        let script = metadata["post_uninstall_script"].as_str().unwrap();
        let script = match script.starts_with("dist/") {
            true => read(&format!("{folder}/{script}")),
            false => script.to_owned(),
        };
        let words: Vec<&str> = script.split_whitespace().collect();
        let place = |folder: &str| words.iter().position(|word| *word == folder);
        for asset in metadata["assets"].as_array().unwrap() {
            let (parent, _) = asset["dest"].as_str().unwrap().rsplit_once('/').unwrap();
            let mut below = 0;
            for folder in Path::new(parent).ancestors() {
                let folder = folder.to_str().unwrap();
                // The window's is in the folder of hybridd, without which it is not installed.
                let is_others = package == "hybridd-gtk" && !folder.contains("/hybridd-gtk");
                if folder.contains("/hybridd") && !is_others {
                    let found = place(folder);
                    assert!(found.is_some_and(|at| at > below), "{package}: {folder}");
                    below = found.unwrap();
                }
            }
        }
    }
}

#[test]
fn every_file_of_the_packages_folder_is_installed_or_builds_the_packages() {
    let installed = sources("daemon");
    for entry in fs::read_dir(root().join("daemon/dist")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let builds = ["build-", "compare-", "lintian-"];
        let is_tool = builds.iter().any(|start| name.starts_with(start));
        if entry.path().is_file() && !is_tool {
            assert!(installed.contains(&format!("daemon/dist/{name}")), "{name}");
        }
    }
}

#[test]
fn the_tables_names_are_those_of_the_programs_and_of_what_is_installed() {
    let bus = read("daemon/dist/org.hybridd.Key1.conf");
    for name in [SERVICE, "org.hybridd.Agent1"] {
        assert!(
            in_table(name) && bus.contains(&format!("\"{name}\"")),
            "{name}"
        );
    }
    let polkit = read("daemon/dist/org.hybridd.key.policy");
    assert!(in_table(ACTION) && polkit.contains(&format!("\"{ACTION}\"")));
    let users = read("daemon/dist/hybridd.sysusers");
    assert!(in_table("hybridd") && users.starts_with("u hybridd "));
    assert!(in_table(&format!("{VENDOR:04x}:{PRODUCT:04x}")));
    let is_to_be_requested = read("docs/security-key.md").contains("still to be requested");
    assert_eq!(is_to_be_requested, !PRODUCT_IS_OURS);
    for (file, place) in deb("daemon")
        .into_iter()
        .filter(|(_, (from, _))| from.ends_with(".service"))
    {
        let unit = read(&format!("daemon/{}", place.0));
        let start = unit
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart="));
        let program = start.unwrap().split(' ').next().unwrap();
        assert!(in_table(program), "{file} starts {program}");
    }
}

#[test]
fn scripts_of_both_kinds_know_the_same_units_users_and_devices() {
    let scripts = |folder: &str, names: &[&str]| -> String {
        names
            .iter()
            .map(|name| read(&format!("daemon/dist/{folder}/{name}")))
            .collect()
    };
    let debian = scripts("debian", &["postinst", "prerm", "postrm"]);
    let rpm = scripts("rpm", &["post", "preun", "postun"]);
    for word in [
        "systemd-sysusers hybridd.conf",
        "/run/udev/rules.d/70-hybridd-installed.rules",
        "--sysname-match=uhid",
        "hybridd-agent.service",
        "hybridd.service",
        "chown root:root /dev/uhid",
        "ReloadConfig",
    ] {
        assert!(debian.contains(word), "Debian's scripts: {word}");
        assert!(rpm.contains(word), "the rpm's scripts: {word}");
    }
}

#[test]
fn the_services_unit_is_as_closed_as_the_manual_says() {
    let unit = root().join("daemon/dist/hybridd.service");
    let analyze = |threshold: &str| {
        let mut command = Command::new("systemd-analyze");
        command
            .args(["security", "--offline=yes", threshold])
            .arg(&unit);
        let ended = command.output();
        let ended = ended.expect("systemd-analyze (Debian package systemd)");
        (
            ended.status.success(),
            String::from_utf8_lossy(&ended.stdout).into_owned(),
        )
    };
    let (closed, said) = analyze("--threshold=5");
    assert!(closed, "{said}");
    assert!(!analyze("--threshold=4").0, "{said}");
    let row = read("docs/security-key.md");
    assert!(row.contains("0.5 by its file alone (`systemd-analyze security --offline=yes "));
}
