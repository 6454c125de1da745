//! A world with the document's samples, which are as fresh as an export that was just saved.

use hybrid_tests::programs::{self, Desktop, Ended, World};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

pub const USER: &str = "99999999-9999-9999-9999-999999999999";

pub fn world() -> World {
    programs::build();
    let world = World::without_bus(&[]).unwrap();
    copy(&docs().join("samples"), &world.path("samples"));
    world
}

pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Where the samples are in the tree, written whenever it was checked out.
pub fn samples() -> PathBuf {
    docs().join("samples/policy")
}

pub fn sample(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(samples().join(name)).unwrap()).unwrap()
}

/// Runs it in the folder of the samples.
pub async fn hybridd(world: &World, args: &[&str], input: &str) -> Ended {
    let mut command = world.command("hybridd");
    command.args(args).current_dir(world.path("samples/policy"));
    let desktop = Desktop::start(&mut command, input).await.unwrap();
    desktop.end().await.unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        match from.is_dir() {
            true => copy(&from, &to),
            false => fs::write(&to, fs::read(&from).unwrap()).unwrap(),
        }
    }
}
