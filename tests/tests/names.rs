//! A name means one thing in the tree: how many type names are given to more than one type, and
//! which. Run with `--nocapture` to see the worst.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// Of a hundred names, so many may be given twice or more.
const ALLOWED: usize = 9;

#[derive(Default)]
struct Types(Vec<String>);

impl<'ast> Visit<'ast> for Types {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.0.push(item.ident.to_string());
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.0.push(item.ident.to_string());
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.0.push(item.ident.to_string());
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.0.push(item.ident.to_string());
    }
}

/// The shipped sources: what lies below a folder `src`, tests aside.
fn sources(folder: &Path, inside: bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !name.starts_with('.')
                && !["target", "tests", "benches", "examples", "fuzz"].contains(&name)
            {
                sources(&path, inside || name == "src", found);
            }
        } else if inside
            && name != "tests.rs"
            && path.extension().is_some_and(|extension| extension == "rs")
        {
            found.push(path);
        }
    }
}

#[test]
fn few_type_names_are_given_twice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    sources(root, false, &mut files);
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in &files {
        let mut types = Types::default();
        types.visit_file(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap());
        let place = file.strip_prefix(root).unwrap().display().to_string();
        for name in types.0 {
            places.entry(name).or_default().push(place.clone());
        }
    }
    let mut shared: Vec<_> = places
        .iter()
        .filter(|(_, places)| places.len() > 1)
        .collect();
    shared.sort_by_key(|(name, places)| (std::cmp::Reverse(places.len()), name.as_str()));
    for (name, places) in &shared {
        println!("{:3} {name}: {}", places.len(), places.join(" "));
    }
    println!(
        "{} of {} type names in {} files are given twice or more",
        shared.len(),
        places.len(),
        files.len()
    );
    assert!(places.len() > 300, "the sources were read");
    assert!(
        shared.len() * 100 <= places.len() * ALLOWED,
        "{} of {}",
        shared.len(),
        places.len()
    );
}
