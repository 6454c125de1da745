//! A document of the tree: its text outside and inside code, its headings, its links.

use std::fs;
use std::path::{Path, PathBuf};

/// A file in Markdown.
pub struct Document {
    pub path: PathBuf,
    lines: Vec<Line>,
}

/// A line, and what stands around it.
struct Line {
    text: String,
    code: Code,
}

/// Whether a line is code, and of which kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    None,
    /// Between fences that say `sh`.
    Shell,
    /// Indented by four columns, in no list.
    Indented,
    /// Between other fences.
    Other,
}

impl Document {
    /// All documents of the tree, built and hidden folders aside.
    pub fn all() -> Vec<Self> {
        let mut found = Vec::new();
        collect(&root(), &mut found);
        found.sort();
        found.iter().map(|path| Self::read(path)).collect()
    }

    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut fence = Code::None;
        let mut in_list = false;
        let lines = text.lines().map(|line| {
            let code = if let Some(language) = line.trim_start().strip_prefix("```") {
                fence = match (fence, language) {
                    (Code::None, "sh") => Code::Shell,
                    (Code::None, _) => Code::Other,
                    _ => Code::None,
                };
                Code::Other
            } else if fence != Code::None {
                fence
            } else if line.starts_with("    ") && !in_list {
                Code::Indented
            } else {
                Code::None
            };
            if code == Code::None && !line.is_empty() {
                let item = line.trim_start();
                in_list = item.starts_with("- ")
                    || item.split_once(". ").is_some_and(|(number, _)| {
                        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
                    })
                    || (in_list && line.starts_with(' '));
            }
            Line {
                text: line.to_owned(),
                code,
            }
        });
        Self {
            path: path.to_owned(),
            lines: lines.collect(),
        }
    }

    /// Where its links lead, as they are written.
    pub fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        for paragraph in self.paragraphs() {
            let prose: String = paragraph.split('`').step_by(2).collect();
            let targets = prose
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split_once(')'));
            links.extend(targets.map(|(target, _)| target.to_owned()));
        }
        links
    }

    /// The anchors of its headings, as GitHub makes them.
    pub fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        for line in self.lines.iter().filter(|line| line.code == Code::None) {
            let title = line.text.trim_start_matches('#');
            if title.len() == line.text.len() || !title.starts_with(' ') {
                continue;
            }
            let anchor: String = title
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect();
            let earlier = anchors.iter().filter(|other| **other == anchor).count();
            anchors.push(if earlier == 0 {
                anchor
            } else {
                format!("{anchor}-{earlier}")
            });
        }
        anchors
    }

    /// What a reader may type: lines of blocks for a shell, with those that end in a backslash
    /// joined, indented lines, and pieces of code within sentences.
    pub fn shell(&self) -> Vec<String> {
        self.joined(Code::Shell)
    }

    pub fn indented(&self) -> Vec<String> {
        self.joined(Code::Indented)
    }

    pub fn inline(&self) -> Vec<String> {
        let paragraphs = self.paragraphs();
        let pieces = paragraphs
            .iter()
            .flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2));
        pieces
            .map(|piece| piece.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// What is no block of code, in pieces within which a piece of code may go on in the next line.
    fn paragraphs(&self) -> Vec<String> {
        let prose = self.lines.iter().map(|line| match line.code {
            Code::None => line.text.as_str(),
            Code::Shell | Code::Indented | Code::Other => "",
        });
        let text = prose.collect::<Vec<_>>().join("\n");
        text.split("\n\n").map(str::to_owned).collect()
    }

    fn joined(&self, code: Code) -> Vec<String> {
        let mut commands: Vec<String> = Vec::new();
        let mut goes_on = false;
        for line in self.lines.iter().filter(|line| line.code == code) {
            let (text, more) = match line.text.trim_end().strip_suffix('\\') {
                Some(text) => (text, true),
                None => (line.text.as_str(), false),
            };
            match commands.last_mut() {
                Some(last) if goes_on => last.push_str(text),
                _ => commands.push(text.trim_start().to_owned()),
            }
            goes_on = more;
        }
        commands
    }
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "data", "corpus"].contains(&name.as_str()) {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}
