//! Which file of a crate needs which other, and the circles among them.

use super::imports::Imports;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module, from the crate's root; the root itself is empty.
pub type Module = Vec<String>;

/// The files of one crate, and what each needs.
pub struct Graph {
    files: BTreeMap<Module, Imports>,
    crate_name: String,
}

impl Graph {
    /// Reads everything below `src`; the program's `main` counts as a user of the library.
    pub fn read(crate_name: &str, src: &Path) -> Self {
        let mut files = BTreeMap::new();
        read(src, &Vec::new(), &mut files);
        let crate_name = crate_name.replace('-', "_");
        let mut graph = Self { files, crate_name };
        let for_tests: Vec<Module> = graph
            .files
            .iter()
            .flat_map(|(module, imports)| imports.for_tests.iter().map(|name| child(module, name)))
            .collect();
        graph
            .files
            .retain(|module, _| !for_tests.iter().any(|tests| module.starts_with(tests)));
        graph
    }

    /// Every arrow, from the file that names something to the one that defines it.
    pub fn arrows(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let arrows = self.files.iter().map(|(module, imports)| {
            let targets = imports
                .paths
                .iter()
                .filter_map(|path| self.target(module, path, 0));
            (
                module.clone(),
                targets.filter(|target| target != module).collect(),
            )
        });
        arrows.collect()
    }

    /// The file that defines what a path of this module means, if it is one of this crate.
    fn target(&self, module: &Module, path: &[String], depth: u8) -> Option<Module> {
        let (first, mut rest) = path.split_first()?;
        let mut at = if first == "crate" || *first == self.crate_name {
            Module::new()
        } else if first == "self" {
            module.clone()
        } else if first == "super" {
            let mut at = module.clone();
            at.pop()?;
            while let Some((next, more)) = rest.split_first()
                && next == "super"
            {
                at.pop()?;
                rest = more;
            }
            at
        } else if self.files.contains_key(&child(module, first)) {
            child(module, first)
        } else {
            // A name that was imported is an arrow of its own; what hangs on it is of the same
            // file.
            return None;
        };
        while let Some((next, more)) = rest.split_first() {
            let below = child(&at, next);
            if self.files.contains_key(&below) {
                at = below;
                rest = more;
                continue;
            }
            let handed_on = self.files.get(&at)?.names.get(next);
            // A name that this file hands on to itself is no way out.
            if let Some(path) = handed_on.filter(|_| depth < 8) {
                let external = self.target(&at, path, depth + 1);
                return external;
            }
            break;
        }
        self.files.contains_key(&at).then_some(at)
    }
}

fn child(module: &Module, name: &str) -> Module {
    let mut child = module.clone();
    child.push(name.to_owned());
    child
}

fn read(folder: &Path, module: &Module, files: &mut BTreeMap<Module, Imports>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if name != "bin" {
                read(&path, &child(module, &name), files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let own = if name == "lib" && module.is_empty() {
                module.clone()
            } else {
                child(module, &name)
            };
            files.insert(own, Imports::read(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Groups of files that all need each other, largest first.
pub fn circles(arrows: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<BTreeSet<Module>> {
    let reach = |from: &Module| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.clone()];
        while let Some(module) = open.pop() {
            for target in arrows.get(&module).into_iter().flatten() {
                if seen.insert(target.clone()) {
                    open.push(target.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&Module, BTreeSet<Module>> = arrows
        .keys()
        .map(|module| (module, reach(module)))
        .collect();
    let mut found: BTreeSet<BTreeSet<Module>> = BTreeSet::new();
    for (module, below) in &reached {
        let circle: BTreeSet<Module> = below
            .iter()
            .filter(|other| {
                reached
                    .get(other)
                    .is_some_and(|back| back.contains(*module))
            })
            .cloned()
            .collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}
