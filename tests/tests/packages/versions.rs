//! The window's packages depend on hybridd of their own version: agent and window are tried with each
//! other within one version alone.

use crate::manifest::{metadata, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn dpkg_deb(args: &[&str], path: &Path) -> String {
    let ended = Command::new("dpkg-deb").args(args).arg(path).output();
    let ended = ended.expect("dpkg-deb (Debian package dpkg)");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "dpkg-deb {args:?}: {said}");
    String::from_utf8(ended.stdout).unwrap().trim().to_owned()
}

/// A package as cargo deb writes one, with these dependencies.
fn package(folder: &TempDir, depends: &str, version: &str) -> PathBuf {
    let tree = folder.path().join("tree");
    fs::create_dir_all(tree.join("DEBIAN")).unwrap();
    fs::create_dir_all(tree.join("usr/libexec")).unwrap();
    fs::write(tree.join("usr/libexec/window"), "a window\n").unwrap();
    let control = format!(
        "Package: window\nVersion: {version}\nArchitecture: all\nMaintainer: us <us@example.org>\n\
         Depends: {depends}\nDescription: a window\n"
    );
    fs::write(tree.join("DEBIAN/control"), control).unwrap();
    dpkg_deb(&["--root-owner-group", "--build"], &tree);
    folder.path().join("tree.deb")
}

fn same_version(package: &Path) -> Output {
    let script = root().join("daemon/dist/build-same-version");
    let mut command = Command::new(script);
    // The date that build-deb sets.
    command.env("SOURCE_DATE_EPOCH", "1700000000").arg(package);
    command.output().unwrap()
}

#[test]
fn the_window_depends_on_hybridd_of_its_own_version_whatever_that_is() {
    let declared = metadata("daemon/prompt", "deb")["depends"]
        .as_str()
        .unwrap()
        .to_owned();
    for version in ["0.1.0-1", "0.1.1~test-1"] {
        let folder = tempfile::tempdir().unwrap();
        let depends = declared.replace("$auto", "hybridd-other, libc6 (>= 2.36)");
        let package = package(&folder, &depends, version);
        let ended = same_version(&package);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
        let depends = depends.replace(" hybridd,", &format!(" hybridd (= {version}),"));
        assert!(depends.contains(version), "{declared}");
        assert_eq!(
            dpkg_deb(&["--show", "--showformat=${Depends}"], &package),
            depends
        );
        assert!(dpkg_deb(&["--contents"], &package).contains("./usr/libexec/window"));
    }
}

#[test]
fn the_same_package_gives_the_same_bytes() {
    let bytes = [(), ()].map(|()| {
        let folder = tempfile::tempdir().unwrap();
        let package = package(&folder, "hybridd", "1");
        assert!(same_version(&package).status.success());
        fs::read(package).unwrap()
    });
    assert!(bytes[0] == bytes[1]);
}

#[test]
fn a_package_that_does_not_depend_on_hybridd_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ended = same_version(&package(&folder, "hybridd-other, libc6", "1"));
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("does not depend on hybridd"), "{said}");
}

#[test]
fn both_builders_see_to_it() {
    let read = |name: &str| fs::read_to_string(root().join("daemon/dist").join(name)).unwrap();
    assert!(read("build-deb").contains("daemon/dist/build-same-version \"$deb\""));
    // cargo generate-rpm replaces the whole table.
    let requires = metadata("daemon/prompt", "generate-rpm")["requires"].clone();
    let names: Vec<_> = requires.as_table().unwrap().keys().collect();
    assert_eq!(names, ["hybridd"]);
    let given = r#"-s "requires = { hybridd = \"= $version\" }""#;
    assert!(read("build-rpm").contains(given));
}
