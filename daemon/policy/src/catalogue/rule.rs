//! One rule of the catalogue.

use super::page::Page;
use crate::confidence::Confidence;
use std::fmt;

/// A rule.
#[derive(PartialEq, Eq, Debug)]
pub struct Rule {
    /// Stable, `PK` and three digits.
    pub code: &'static str,
    /// A few words.
    pub name: &'static str,
    /// What it speaks of.
    pub layer: Layer,
    /// No ruling of it is surer than this.
    pub best: Confidence,
    /// What it means, in sentences.
    pub means: &'static str,
    /// What to do.
    pub todo: &'static str,
    /// The smallest change that would turn it.
    pub flip: &'static str,
    /// Why it is believed.
    pub source: Source,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, layer, best) = (self.code, self.layer.name(), self.best.name());
        writeln!(f, "{code} ({layer}, {best} at best): {}", self.name)?;
        writeln!(f, "  What it means: {}", self.means)?;
        writeln!(f, "  What to do: {}", self.todo)?;
        writeln!(f, "  What would change it: {}", self.flip)?;
        write!(f, "  Source: {}", self.source)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.page;
        write!(f, "{} ({}; ", self.says, page.name)?;
        if let Some(dated) = page.dated {
            write!(f, "page dated {dated}, ")?;
        }
        write!(f, "read {})", page.checked)
    }
}

/// What a rule rests on.
#[derive(PartialEq, Eq, Debug)]
pub struct Source {
    /// The page.
    pub page: &'static Page,
    /// What it states, in our words.
    pub says: &'static str,
}

/// What a ruling speaks of. Capability ("may it be used at all") and enforcement ("where is it
/// asked for, and is it enough there") are never mixed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Layer {
    /// The files and facts that were given.
    Input,
    /// The authentication methods policy.
    Capability,
    /// How a user gets to the point of registering.
    Bootstrap,
    /// The authenticator or passkey provider.
    Provider,
    /// The browser, system or device.
    Platform,
    /// Conditional Access.
    Enforcement,
    /// What happens when a device is lost or a policy changes.
    Recovery,
}

impl Layer {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Capability => "capability",
            Self::Bootstrap => "bootstrap",
            Self::Provider => "provider",
            Self::Platform => "platform",
            Self::Enforcement => "enforcement",
            Self::Recovery => "recovery",
        }
    }
}
