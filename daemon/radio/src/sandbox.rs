//! What keeps this program apart from the system, as far as a program can see it.

use std::fmt;
use std::fs;
use std::path::Path;

/// What keeps a program apart.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Sandbox {
    /// A Flatpak, with the application's name.
    Flatpak(String),
    /// A Snap, with its name.
    Snap(String),
    /// A container.
    Container,
}

impl Sandbox {
    /// Looks around.
    pub fn look() -> Option<Self> {
        let snap = std::env::var("SNAP_NAME").or_else(|_| std::env::var("SNAP"));
        Self::look_in(Path::new("/"), snap.ok())
    }

    /// The same below another root, for tests.
    pub fn look_in(root: &Path, snap: Option<String>) -> Option<Self> {
        let exists = |path: &str| root.join(path).exists();
        if exists(".flatpak-info") {
            let info = fs::read_to_string(root.join(".flatpak-info")).unwrap_or_default();
            return Some(Self::Flatpak(flatpak_name(&info)));
        }
        // A terminal inherits the name of the Snap that it runs in also where that Snap is not
        // confined (an editor's). AppArmor's label ends with the mode: enforce or complain.
        let label = fs::read_to_string(root.join("proc/self/attr/current")).unwrap_or_default();
        let label = label.trim_end_matches(['\0', '\n']);
        let is_confined = !label.ends_with("(complain)");
        if let Some(name) = snap.filter(|name| !name.is_empty() && is_confined) {
            return Some(Self::Snap(name));
        }
        // systemd writes down what it runs in, and takes Windows' machine for Linux for a container.
        let systemd = fs::read_to_string(root.join("run/systemd/container")).unwrap_or_default();
        let by_systemd = !["", "wsl"].contains(&systemd.trim());
        (exists(".dockerenv") || exists("run/.containerenv") || by_systemd)
            .then_some(Self::Container)
    }

    /// Its D-Bus proxy hides the services that a program was not allowed to talk to.
    pub const fn hides_services(&self) -> bool {
        match self {
            Self::Flatpak(_) | Self::Snap(_) => true,
            Self::Container => false,
        }
    }
}

fn flatpak_name(info: &str) -> String {
    let name = info.lines().find_map(|line| line.strip_prefix("name="));
    name.unwrap_or("unknown").to_owned()
}

impl fmt::Display for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flatpak(name) => write!(f, "this program runs in a Flatpak ({name})"),
            Self::Snap(name) => write!(f, "this program runs in a Snap ({name})"),
            Self::Container => f.write_str("this program runs in a container"),
        }
    }
}
