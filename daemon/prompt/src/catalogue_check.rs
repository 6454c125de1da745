//! Whether every language has every text, each with the same things put into it. Part of the build
//! script, and tested beside the library.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};

/// The language that the others are compared with.
const REFERENCE: &str = "en";

/// What is wrong with the files, each given as language and text. None when nothing is.
pub fn differences(files: &[(String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let read: BTreeMap<_, _> = files
        .iter()
        .map(|(tag, text)| (tag.as_str(), texts_of(tag, text, &mut wrong)))
        .collect();
    let Some(reference) = read.get(REFERENCE) else {
        wrong.push(format!("{REFERENCE}.ftl is not there"));
        return wrong;
    };
    for (tag, texts) in &read {
        for (key, parts) in reference {
            match texts.get(key) {
                None => wrong.push(format!("{tag}.ftl lacks {key}")),
                Some(own) if own != parts => {
                    wrong.push(format!("{tag}.ftl puts {own:?} into {key}, not {parts:?}"));
                }
                Some(_) => {}
            }
        }
        for key in texts.keys().filter(|key| !reference.contains_key(*key)) {
            wrong.push(format!("{REFERENCE}.ftl lacks {key}, which {tag}.ftl has"));
        }
    }
    wrong
}

/// The keys of a file, and what is put into each text.
fn texts_of(tag: &str, text: &str, wrong: &mut Vec<String>) -> BTreeMap<String, BTreeSet<String>> {
    let (resource, errors) = match parser::parse(text) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, errors)) => (resource, errors),
    };
    wrong.extend(errors.iter().map(|error| format!("{tag}.ftl: {error}")));
    let mut texts = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else {
            continue;
        };
        let key = message.id.name.to_owned();
        let mut parts = BTreeSet::new();
        match &message.value {
            Some(pattern) => collect(pattern, &mut parts),
            None => wrong.push(format!("{tag}.ftl: {key} is empty")),
        }
        if texts.insert(key.clone(), parts).is_some() {
            wrong.push(format!("{tag}.ftl has {key} twice"));
        }
    }
    texts
}

fn collect(pattern: &Pattern<&str>, parts: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable {
            expression: Expression::Inline(InlineExpression::VariableReference { id }),
        } = element
        {
            parts.insert(id.name.to_owned());
        }
    }
}
