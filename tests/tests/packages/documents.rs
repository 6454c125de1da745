//! What comes along to be read says what is true where it is installed.

use crate::manifest::{PACKAGES, metadata, read};

#[test]
fn every_package_has_the_text_of_its_licence() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let licence = read("LICENSE-MIT");
    let (_, terms) = licence.split_once("Permission is").unwrap();
    let copyright = read("daemon/dist/copyright").replace("\n .\n", "\n");
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
        let texts = assets.filter(|asset| asset["dest"].as_str() == Some(&place));
        assert_eq!(texts.count(), 2, "{package}");
    }
}
