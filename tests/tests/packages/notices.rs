//! The licences and notices of what the programs are linked from go along with them, whole.

use crate::manifest::{metadata, read, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A package: the folder of its manifest, what builds it, and its programs as that script writes them.
const PACKAGES: [(&str, &str, &str); 3] = [
    (
        "daemon",
        "daemon/dist/build-programs",
        "-p hybridd -p hybrid-key-service",
    ),
    (
        "daemon/prompt",
        "daemon/dist/build-programs",
        "-p hybrid-prompt --features hybrid-prompt/window",
    ),
    (
        "tunnel-server",
        "tunnel-server/dist/build-deb",
        "-p hybrid-tunnel-server",
    ),
];

fn call(program: &Path, place: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program);
    command.args(args).current_dir(place);
    command.envs(variables.iter().copied());
    // Packages are built with the features of their own programs, whatever these tests are built with.
    command.env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION");
    let ended = command.output();
    ended.unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

pub fn cargo(place: &Path, args: &[&str]) -> String {
    let ended = call(Path::new("cargo"), place, args, &[]);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "cargo {args:?}: {said}");
    String::from_utf8(ended.stdout).unwrap()
}

/// What the script does, which needs python3.
pub fn build(place: &Path, options: &[&str]) -> Output {
    build_with(place, options, &[])
}

/// The same, with these variables.
pub fn build_with(place: &Path, options: &[&str], variables: &[(&str, &str)]) -> Output {
    let script = root().join("daemon/dist/build-notices");
    call(&script, place, options, variables)
}

/// What the script printed, taken apart.
pub struct Notices {
    pub text: String,
    /// By name and version: the texts of a crate's source, by path.
    pub crates: BTreeMap<(String, String), BTreeMap<String, String>>,
}

impl Notices {
    pub fn new(place: &Path, options: &[&str]) -> Self {
        let ended = build(place, options);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{options:?}: {said}");
        let text = String::from_utf8(ended.stdout).unwrap();
        let rule = format!("\n{}\n", "=".repeat(100));
        let sections: Vec<&str> = text.split(&rule).collect();
        let numbered = sections[2..sections.len() - 1].iter();
        let numbered: BTreeMap<&str, &str> = numbered
            .map(|section| section.split_once("\n\n").unwrap())
            .map(|(title, text)| (title, text.trim_end()))
            .collect();
        let crates = sections[1].trim_start_matches("Crates\n\n").split("\n\n");
        let crates = crates.map(|entry| {
            let (title, lines) = entry.split_once('\n').unwrap();
            let texts = lines.lines().filter_map(|line| line.rsplit_once(": text "));
            let texts = texts.map(|(path, number)| {
                let title = format!("Text {}", number.trim());
                (path.trim().to_owned(), numbered[title.as_str()].to_owned())
            });
            let (name, version) = title.split_once(' ').unwrap();
            ((name.to_owned(), version.to_owned()), texts.collect())
        });
        let crates = crates.collect();
        assert!(sections[sections.len() - 1].starts_with("Rust's standard library"));
        Self { text, crates }
    }

    pub fn names(&self) -> Vec<&str> {
        self.crates.keys().map(|(name, _)| name.as_str()).collect()
    }
}

/// Crates of others, as cargo itself names them for these programs.
fn linked(options: &[&str]) -> BTreeSet<(String, String)> {
    let mut args = vec!["tree", "--locked", "-e", "normal", "--prefix", "none"];
    args.extend(options);
    let tree = cargo(&root(), &args);
    let crates = tree.lines().filter(|line| !line.is_empty());
    // Of this workspace are those with a path.
    let crates = crates.filter(|line| !line.contains(" (/"));
    let crates = crates.map(|line| {
        let mut words = line.split(' ');
        let name = words.next().unwrap().to_owned();
        let version = words.next().unwrap().trim_start_matches('v').to_owned();
        (name, version)
    });
    crates.collect()
}

/// The folders of all sources, by name and version.
fn folders() -> BTreeMap<(String, String), PathBuf> {
    let version = cargo(&root(), &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let mut args = vec!["metadata", "--locked", "--format-version", "1"];
    args.extend(["--features", "hybrid-prompt/window"]);
    args.extend(["--filter-platform", host.unwrap()]);
    let said: serde_json::Value = serde_json::from_str(&cargo(&root(), &args)).unwrap();
    let packages = said["packages"].as_array().unwrap().iter();
    let packages = packages.map(|package| {
        let text = |name: &str| package[name].as_str().unwrap().to_owned();
        let folder = Path::new(&text("manifest_path")).parent().unwrap().into();
        ((text("name"), text("version")), folder)
    });
    packages.collect()
}

/// Words alone: how lines are broken is not part of a licence.
pub fn words(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_crate_that_a_package_is_linked_from_is_named_with_the_texts_of_its_source() {
    let folders = folders();
    for (folder, _, options) in PACKAGES {
        let options: Vec<&str> = options.split(' ').collect();
        let notices = Notices::new(&root(), &options);
        let named: BTreeSet<_> = notices.crates.keys().cloned().collect();
        assert_eq!(named, linked(&options), "{folder}");
        assert!(named.len() > 100, "{folder}: {}", named.len());
        // Code of others within a crate, with a licence of its own.
        let ring = { notices.crates.iter() }.find(|((name, _), _)| name == "ring");
        if let Some((_, texts)) = ring {
            assert!(texts.contains_key("LICENSE-BoringSSL"), "{folder}");
            assert!(texts.contains_key("third_party/fiat/LICENSE"), "{folder}");
        }
        assert_eq!(ring.is_some(), folder != "daemon/prompt");
        for (of, texts) in &notices.crates {
            assert!(!texts.is_empty(), "{of:?}");
            let source = &folders[of];
            for entry in fs::read_dir(source).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let is_asked_for = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"]
                    .iter()
                    .any(|start| name.to_uppercase().starts_with(start));
                if is_asked_for && source.join(&name).is_file() {
                    let given = texts.get(&name).map(|text| words(text.as_bytes()));
                    let text = fs::read(source.join(&name)).unwrap();
                    assert_eq!(given, Some(words(&text)), "{of:?}: {name}");
                }
            }
        }
    }
}

#[test]
fn the_same_sources_give_the_same_notices() {
    for (folder, _, options) in PACKAGES {
        let options: Vec<&str> = options.split(' ').collect();
        // From another folder, and in another order.
        let mut others: Vec<&str> = options.rchunks(2).flatten().copied().collect();
        if folder == "daemon/prompt" {
            others.clone_from(&options);
        }
        let first = Notices::new(&root(), &options);
        let second = Notices::new(&root().join(folder), &others);
        assert!(first.text == second.text, "{folder}");
        // No path of this computer.
        assert!(!first.text.contains(env!("CARGO_MANIFEST_DIR")));
    }
}

#[test]
fn every_package_is_built_with_the_notices_of_its_own_programs_and_installs_them() {
    for (folder, script, options) in PACKAGES {
        let script = read(script);
        let variable = match folder {
            "daemon" => "programs",
            "daemon/prompt" => "window",
            _ => "",
        };
        if variable.is_empty() {
            assert!(script.contains(&format!("daemon/dist/build-notices {options} >")));
            assert!(script.contains(&format!(
                "cargo build --locked --profile \"$profile\" {options} >"
            )));
        } else {
            assert!(script.contains(&format!("{variable}=({options})\n")));
            for command in [
                "cargo build --locked --profile \"$profile\"",
                "build-notices",
            ] {
                let call = format!("{command} \"${{{variable}[@]}}\"");
                assert!(script.contains(&call), "{call}");
            }
        }
        let of = metadata(folder, "deb");
        let package = of["name"].as_str().unwrap();
        let documents = format!("usr/share/doc/{package}/");
        let installed = of["assets"].as_array().unwrap().iter();
        let mut installed = installed.map(|asset| (asset[0].as_str(), asset[1].as_str()));
        let places = [documents.clone(), format!("{documents}THIRD-PARTY.gz")];
        let is_it = |(source, place): (Option<&str>, Option<&str>)| {
            source.unwrap().contains("/THIRD-PARTY") && places.iter().any(|at| Some(&**at) == place)
        };
        assert!(installed.any(is_it), "{package}");
    }
    assert!(read("daemon/dist/copyright").contains("THIRD-PARTY.gz"));
    let image = read("tunnel-server/dist/build-image");
    let into_image = "daemon/dist/build-notices -p hybrid-tunnel-server >\"$image/THIRD-PARTY\"";
    assert!(image.contains(into_image));
    assert!(image.contains("cat \"$libc\"\n} >>\"$image/THIRD-PARTY\""));
}
