//! What comes along to be read says what is true where it is installed.

use crate::manifest::{PACKAGES, destination, metadata, read, root, sources};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use toml::Value;

#[test]
fn a_document_of_a_package_says_where_another_is_that_the_package_does_not_install() {
    let mut astray = Vec::new();
    for folder in ["daemon", "tunnel-server"] {
        let sources = sources(folder);
        let is_page = |source: &&String| source.starts_with("docs/") && source.ends_with(".md");
        for page in sources.iter().filter(is_page) {
            for line in read(page).lines() {
                for link in line.split("](").skip(1) {
                    let link = link.split([')', '#']).next().unwrap();
                    let is_file = !link.is_empty() && !link.contains(':');
                    let goes_along = sources.contains(&format!("docs/{link}"))
                        || ["pictures/", "samples/"]
                            .iter()
                            .any(|below| link.starts_with(below));
                    let says =
                        line.contains("in the source tree") || line.contains("in the package `");
                    if is_file && !goes_along && !says {
                        astray.push(format!("{page}: {link}"));
                    }
                }
            }
        }
    }
    assert!(astray.is_empty(), "{}", astray.join("\n"));
}

#[test]
fn readme_and_others_lead_where_they_are_installed_to_pages_that_are_there() {
    let sources = sources("daemon");
    let (mut links, mut all) = (0, String::new());
    for document in ["README.md", "SECURITY.md", "THREATS.md"] {
        let made = Command::new(root().join("daemon/dist/build-document"))
            .arg(document)
            .output();
        let made = made.unwrap();
        assert!(made.status.success());
        let page = String::from_utf8(made.stdout).unwrap();
        for link in page.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap();
            if link.is_empty() || link.contains(':') {
                continue;
            }
            links += 1;
            let places = [
                format!("docs/{link}"),
                format!("daemon/target/release/package/{link}"),
            ];
            let is_there = link.starts_with("pictures/")
                || places.iter().any(|source| sources.contains(source));
            assert!(is_there, "{document}: {link}");
        }
        all.push_str(&page);
    }
    assert!(links > 25, "{links}");
    assert!(all.contains("docs/wire.md (in the source tree)"));
}

#[test]
fn what_the_relays_files_name_is_where_its_package_installs_it() {
    let assets = metadata("tunnel-server", "deb")["assets"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let assets = assets.as_array().unwrap().iter();
    let installed: Vec<_> = { assets }
        .map(|asset| destination(&text(&asset[0]), &text(&asset[1])))
        .collect();
    let mut named = 0;
    for entry in fs::read_dir(root().join("tunnel-server/dist")).unwrap() {
        let file = entry.unwrap().path();
        if !file.is_file() {
            continue;
        }
        // These name places of the computer that builds.
        let builds = ["Containerfile", "build-image"]
            .iter()
            .any(|name| file.ends_with(name));
        if builds {
            continue;
        }
        let content = fs::read_to_string(&file).unwrap();
        let words = content.split(|c: char| c.is_whitespace() || "()`\",:".contains(c));
        for word in words.filter(|word| word.starts_with("/usr/share/doc/")) {
            named += 1;
            let word = word.trim_end_matches('.');
            assert!(
                installed.iter().any(|place| place == word),
                "{}: {word}",
                file.display()
            );
        }
        for page in ["docs/relay", " relay-limits.md", "(examples/"] {
            assert!(!content.contains(page), "{}: {page}", file.display());
        }
    }
    assert!(named > 4, "the paths are found");
}

#[test]
fn each_code_of_the_key_is_caused_on_the_machine_with_the_packages() {
    let codes = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words
            .filter(|word| word.len() == 4 && word.starts_with("UH"))
            .map(str::to_owned)
            .collect()
    };
    let rows = read("docs/codes.md");
    let rows = rows.lines().filter_map(|line| line.strip_prefix("| UH"));
    let known = rows.map(|row| format!("UH{}", row.get(..2).unwrap()));
    let round = read("tests/vm/package/codes.py");
    let titles = round.lines().filter(|line| line.starts_with("@check("));
    let played = titles.flat_map(codes);
    assert_eq!(
        played.collect::<BTreeSet<_>>(),
        known.collect::<BTreeSet<_>>()
    );
}

#[test]
fn whoever_starts_an_agent_in_a_terminal_is_told_to_end_that_of_the_session() {
    let codes = read("docs/codes.md");
    let row = codes.lines().find(|line| line.starts_with("| UH14 "));
    let texts = [
        ("README.md", read("README.md")),
        ("docs/security-key.md", read("docs/security-key.md")),
        ("UH14", row.unwrap().to_owned()),
    ];
    for (name, text) in texts {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("hybridd agent --prompt terminal"), "{name}");
        assert!(
            words.contains("systemctl --user stop hybridd-agent"),
            "{name}: an installed agent answers already, and a second one ends with UH12"
        );
    }
}

#[test]
fn every_package_has_the_text_of_its_licence() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let licence = read("LICENSE-MIT");
    let (_, terms) = licence.split_once("Permission is").unwrap();
    let copyright = read("daemon/dist/copyright").replace("\n .\n", "\n");
    // cargo publishes what lies beside the crate's manifest.
    for text in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert_eq!(read(&format!("protocol/{text}")), read(text));
    }
    assert!(words(&copyright).contains(&words(terms)));
    for (folder, from) in [
        ("daemon", "dist/copyright"),
        ("daemon/prompt", "../dist/copyright"),
        ("tunnel-server", "../daemon/dist/copyright"),
    ] {
        let assets = metadata(folder, "deb")["assets"].clone();
        let mut assets = assets.as_array().unwrap().iter();
        assert!(
            assets.any(|asset| asset[0].as_str() == Some(from)),
            "{folder}"
        );
    }
    for (package, folder) in PACKAGES {
        let assets = metadata(folder, "generate-rpm")["assets"].clone();
        let place = format!("/usr/share/licenses/{package}/");
        let assets = assets.as_array().unwrap().iter();
        // Ours, and those of others.
        let texts = assets.filter(|asset| {
            let to = asset["dest"].as_str().unwrap();
            to == place || to == format!("{place}THIRD-PARTY")
        });
        let names = texts.map(|asset| asset["source"].as_str().unwrap().rsplit('/').next());
        let names: Vec<&str> = names.flatten().collect();
        let of_others = match package {
            "hybridd-gtk" => "THIRD-PARTY-gtk",
            _ => "THIRD-PARTY",
        };
        assert_eq!(
            names,
            ["LICENSE-MIT", "LICENSE-APACHE", of_others],
            "{package}"
        );
    }
    let image = read("tunnel-server/dist/Containerfile");
    assert!(image.contains("COPY LICENSE-MIT LICENSE-APACHE THIRD-PARTY /usr/share/licenses/"));
}
