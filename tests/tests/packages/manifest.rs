//! What the manifests of the packages declare.

use std::fs;
use std::path::{Path, PathBuf};
use toml::Value;

/// Where both packages are declared: the package, and the folder of its manifest.
pub const PACKAGES: [(&str, &str); 2] = [("hybridd", "daemon"), ("hybridd-gtk", "daemon/prompt")];

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn metadata(folder: &str, kind: &str) -> Value {
    let manifest: Value = toml::from_str(&read(&format!("{folder}/Cargo.toml"))).unwrap();
    manifest["package"]["metadata"][kind].clone()
}

/// Where an asset goes: a folder ends in a slash, and the file keeps its name there.
pub fn destination(source: &str, place: &str) -> String {
    let name = source.rsplit('/').next().unwrap();
    let place = place.trim_start_matches('/');
    match place.strip_suffix('/') {
        Some(folder) => format!("/{folder}/{}", name.replace('*', "hybridd*")),
        None => format!("/{place}"),
    }
}

/// The sources of what a package installs, as paths in the source tree.
pub fn sources(folder: &str) -> Vec<String> {
    let assets = metadata(folder, "deb")["assets"].clone();
    let sources = assets.as_array().unwrap().iter();
    let sources = sources.map(|asset| asset[0].as_str().unwrap().to_owned());
    sources
        .map(|source| match source.strip_prefix("../") {
            Some(of_all) => of_all.to_owned(),
            None => format!("{folder}/{source}"),
        })
        .collect()
}
