//! What a file of a crate names of its own crate: every path in it, in uses, types, expressions and
//! macros, as it is written.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};
use syn::{Attribute, ItemUse, UseTree, Visibility};

/// One file of a crate.
#[derive(Default)]
pub struct Imports {
    /// Paths that are used, without those that are handed on.
    pub paths: BTreeSet<Vec<String>>,
    /// Names that others may take from here although they are defined elsewhere, and where.
    pub names: BTreeMap<String, Vec<String>>,
    /// Modules that exist only in tests.
    pub for_tests: BTreeSet<String>,
    /// Names that are handed on with more than private visibility.
    handed_on: BTreeMap<String, Vec<String>>,
    /// Every single identifier, to see whether what is handed on is used here, too.
    mentioned: BTreeSet<String>,
}

impl Imports {
    /// Reads a file; what is compiled for tests alone does not count.
    pub fn read(text: &str) -> Self {
        let file = syn::parse_file(text).unwrap();
        let mut imports = Self::default();
        imports.visit_file(&file);
        let used = imports
            .handed_on
            .iter()
            .filter(|(name, _)| imports.mentioned.contains(*name));
        let used: Vec<_> = used.map(|(_, path)| path.clone()).collect();
        imports.paths.extend(used);
        imports
    }

    fn take(&mut self, tree: &UseTree, before: &[String], private: bool) {
        let mut path = before.to_vec();
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.take(&inner.tree, &path, private);
            }
            UseTree::Group(group) => {
                for item in &group.items {
                    self.take(item, before, private);
                }
            }
            UseTree::Glob(_) => drop(self.paths.insert(path)),
            UseTree::Name(name) => {
                if name.ident != "self" {
                    path.push(name.ident.to_string());
                }
                let last = path.last().cloned().unwrap_or_default();
                self.name(last, path, private);
            }
            UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    path.push(rename.ident.to_string());
                }
                self.name(rename.rename.to_string(), path, private);
            }
        }
    }

    fn name(&mut self, name: String, path: Vec<String>, private: bool) {
        if private {
            self.paths.insert(path.clone());
        } else {
            self.handed_on.insert(name.clone(), path.clone());
        }
        self.names.insert(name, path);
    }

    /// Paths in a macro's tokens, which have no syntax yet.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.path(&path);
                        path.clear();
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.path(&path);
                    path.clear();
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.path(&path);
                    path.clear();
                    colons = 0;
                }
            }
        }
        self.path(&path);
    }

    fn path(&mut self, path: &[String]) {
        if let [first, rest @ ..] = path {
            self.mentioned.insert(first.clone());
            if !rest.is_empty() {
                self.paths.insert(path.to_vec());
            }
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if is_for_tests(&item.attrs) {
            self.for_tests.insert(item.ident.to_string());
        } else {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.take(&item.tree, &[], matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.path(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}
