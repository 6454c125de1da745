//! What is said of one cause, and how the groups of the catalogue write it down.

use std::fmt;

/// One cause.
#[derive(PartialEq, Eq, Debug)]
pub struct Entry {
    /// Stable, for scripts and searching.
    pub code: &'static str,
    /// A few words.
    pub name: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub todo: &'static str,
    /// Causes of which this is a mere consequence: when one of them is found, this is not worth
    /// telling.
    pub depends_on: &'static [&'static str],
    /// Why hybridd never reports it, for causes that are there to be looked up.
    pub lookup: Option<&'static str>,
}

/// What `hybridd explain CODE` prints.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            name,
            means,
            todo,
            depends_on,
            lookup,
        } = self;
        write!(f, "{code}: {name}\n  {means}")?;
        if !depends_on.is_empty() {
            write!(
                f,
                "\n  Not reported together with: {}",
                depends_on.join(", ")
            )?;
        }
        if let Some(why) = lookup {
            write!(f, "\n  hybridd never reports this: {why}.")?;
        }
        // Last, for that is what is looked for.
        write!(f, "\n  What to do: {todo}")
    }
}

/// Declares the entries of one group and the list of them: the constant says the meaning in the
/// source, and the code after it is what people see. The compiler checks the causes.
macro_rules! entries {
    ($list:ident: $($entry:ident $code:literal $name:literal { means: $means:literal, todo: $todo:literal $(, depends_on: [$($cause:ident),+])? $(, lookup: $lookup:literal)? $(,)? })+) => {
        $(
            #[doc = $name]
            pub static $entry: $crate::catalogue::entry::Entry = $crate::catalogue::entry::Entry {
                code: $code,
                name: $name,
                means: $means,
                todo: $todo,
                depends_on: &[$($($cause.code),+)?],
                lookup: $crate::catalogue::entry::reason!($($lookup)?),
            };
        )+
        pub(super) static $list: &[&$crate::catalogue::entry::Entry] = &[$(&$entry),+];
    };
}
pub(super) use entries;

/// Why an entry is there only to be looked up, if it is.
macro_rules! reason {
    () => {
        None
    };
    ($reason:literal) => {
        Some($reason)
    };
}
pub(super) use reason;
