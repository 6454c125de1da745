//! The build ends here when a language lacks a text, or a text lacks what is put into it.

#[path = "src/catalogue_check.rs"]
mod catalogue_check;

use std::fs;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=texts");
    println!("cargo::rerun-if-changed=src/catalogue_check.rs");
    let mut files = Vec::new();
    for file in fs::read_dir("texts").map_err(|error| error.to_string())? {
        let path = file.map_err(|error| error.to_string())?.path();
        let tag = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        files.push((tag.into_owned(), text));
    }
    let wrong = catalogue_check::differences(&files);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("; "))
    }
}
