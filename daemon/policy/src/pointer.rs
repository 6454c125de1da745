//! Where something stands: a file of the person's, and the JSON pointer (RFC 6901) in it.

use hybrid_protocol::printable;
use std::fmt;
use std::sync::Arc;

/// A place in one of the exports. Shown as `methods.json#/includeTargets/0/id`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pointer {
    file: Arc<str>,
    path: String,
}

impl Pointer {
    /// The whole file.
    pub fn to_file(name: &str) -> Self {
        Self {
            file: name.into(),
            path: String::new(),
        }
    }

    /// The name that the caller gave the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The JSON pointer; empty for the whole file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A member of the object here.
    pub fn member(&self, name: &str) -> Self {
        let name = name.replace('~', "~0").replace('/', "~1");
        self.extended(&name)
    }

    /// An item of the array here.
    pub fn item(&self, index: usize) -> Self {
        self.extended(&index.to_string())
    }

    fn extended(&self, token: &str) -> Self {
        Self {
            file: Arc::clone(&self.file),
            path: format!("{}/{token}", self.path),
        }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.file))?;
        if !self.path.is_empty() {
            write!(f, "#{}", printable(&self.path))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_as_file_and_pointer_and_steers_no_terminal() {
        let place = Pointer::to_file("a\u{1b}.json").member("x/y~z").item(3);
        assert_eq!(place.path(), "/x~1y~0z/3");
        assert_eq!(place.to_string(), "a.json#/x~1y~0z/3");
        assert_eq!(Pointer::to_file("b.json").to_string(), "b.json");
    }
}
