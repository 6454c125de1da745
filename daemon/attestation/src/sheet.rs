//! What was found out about one thing, line by line: for a person and as JSON.

use hybrid_protocol::printable;
use serde_json::{Map, Value};
use std::fmt;

/// A value is cut here.
const LONGEST: usize = 400;
/// The widest label.
const LABEL: usize = 22;

/// One thing that was inspected.
#[derive(Clone, PartialEq, Debug)]
pub struct Sheet {
    kind: &'static str,
    title: &'static str,
    lines: Vec<SheetLine>,
    odd: Vec<String>,
}

/// One fact.
#[derive(Clone, PartialEq, Debug)]
struct SheetLine {
    name: &'static str,
    label: &'static str,
    text: String,
    json: Value,
    /// It names a person or an account, and stays out of what goes to others.
    personal: bool,
}

impl Sheet {
    pub(crate) const fn new(kind: &'static str, title: &'static str) -> Self {
        Self {
            kind,
            title,
            lines: Vec::new(),
            odd: Vec::new(),
        }
    }

    /// Adds a fact, with its text for people and its value for programs.
    pub(crate) fn put(
        &mut self,
        name: &'static str,
        label: &'static str,
        text: impl fmt::Display,
        json: impl Into<Value>,
    ) {
        self.lines.push(SheetLine {
            name,
            label,
            text: cut(&text.to_string()),
            json: json.into(),
            personal: false,
        });
    }

    /// Adds a fact that names a person or an account.
    pub(crate) fn put_personal(&mut self, name: &'static str, label: &'static str, text: &str) {
        let text = cut(text);
        self.lines.push(SheetLine {
            name,
            label,
            json: text.clone().into(),
            text,
            personal: true,
        });
    }

    /// Adds something that is not as it should be, or worth a second look; a sentence.
    pub(crate) fn find_odd(&mut self, what: impl fmt::Display) {
        let what = cut(&what.to_string());
        if !self.odd.contains(&what) {
            self.odd.push(what);
        }
    }

    /// Adds what another sheet has.
    pub(crate) fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.odd.extend(other.odd);
    }

    /// What it is.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// Labels and values, without what names a person or an account.
    pub fn impersonal_lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let shown = self.lines.iter().filter(|line| !line.personal);
        shown.map(|line| (line.label, line.text.as_str()))
    }

    /// What is odd, in sentences.
    pub fn odd(&self) -> &[String] {
        &self.odd
    }

    /// The members for a program.
    pub fn to_json(&self) -> Value {
        self.json_of(|_| true)
    }

    /// The same without what names a person or an account.
    pub fn to_impersonal_json(&self) -> Value {
        self.json_of(|line| !line.personal)
    }

    fn json_of(&self, shown: impl Fn(&SheetLine) -> bool) -> Value {
        let mut members: Map<String, Value> = self
            .lines
            .iter()
            .filter(|line| shown(line))
            .map(|line| (line.name.to_owned(), line.json.clone()))
            .collect();
        members.insert("kind".to_owned(), self.kind.into());
        members.insert("odd".to_owned(), self.odd.clone().into());
        Value::Object(members)
    }
}

fn cut(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for line in &self.lines {
            let label = format!("{}:", line.label);
            writeln!(f, "  {label:LABEL$} {}", line.text)?;
        }
        if self.odd.is_empty() {
            return Ok(());
        }
        writeln!(f, "  What is odd:")?;
        self.odd
            .iter()
            .try_for_each(|odd| writeln!(f, "    - {odd}"))
    }
}
