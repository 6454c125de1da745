//! Where this program runs: in a sandbox, in a virtual machine, with which radios.

pub use hybrid_radio::rfkill::Rfkill;
use hybrid_radio::{Sandbox, controllers};
use std::fs;
use std::path::Path;

/// What the system says of itself, without asking any service.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct System {
    /// What keeps this program apart from the system.
    pub sandbox: Option<Sandbox>,
    /// The virtual machine that this is, if it is one.
    pub machine: Option<String>,
    /// Bluetooth controllers that the kernel drives, such as `hci0`.
    pub controllers: Vec<String>,
    /// The kernel certainly has none: it shows its other devices.
    pub has_no_controller: bool,
    /// The kernel's radio switches.
    pub rfkill: Rfkill,
}

impl System {
    /// Looks around.
    pub fn look() -> Self {
        let snap = std::env::var("SNAP_NAME").or_else(|_| std::env::var("SNAP"));
        Self::look_in(Path::new("/"), snap.ok())
    }

    fn look_in(root: &Path, snap: Option<String>) -> Self {
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
        let sandbox = Sandbox::look_in(root, snap);
        Self {
            has_no_controller: controllers::has_none_in(&root.join("sys/class"), sandbox.as_ref()),
            sandbox,
            machine: machine(
                &format!(
                    "{} {}",
                    read("sys/class/dmi/id/sys_vendor"),
                    read("sys/class/dmi/id/product_name")
                ),
                &read("proc/sys/kernel/osrelease"),
                &read("proc/cpuinfo"),
            ),
            controllers: controllers::read(&root.join("sys/class/bluetooth")),
            rfkill: Rfkill::read(&root.join("sys/class/rfkill")),
        }
    }
}

/// As systemd-detect-virt: what the firmware calls itself, then what the processor says.
fn machine(firmware: &str, kernel: &str, processor: &str) -> Option<String> {
    const FIRMWARES: [(&str, &str); 10] = [
        ("QEMU", "QEMU"),
        ("KVM", "KVM"),
        ("VMware", "VMware"),
        ("VirtualBox", "VirtualBox"),
        ("innotek", "VirtualBox"),
        ("Microsoft Corporation Virtual", "Hyper-V"),
        ("Xen", "Xen"),
        ("Parallels", "Parallels"),
        ("Amazon EC2", "Amazon EC2"),
        ("Google Compute Engine", "Google Compute Engine"),
    ];
    if kernel.to_lowercase().contains("microsoft") {
        return Some("WSL".to_owned());
    }
    let firmware = firmware.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((_, name)) = FIRMWARES.iter().find(|(mark, _)| firmware.contains(mark)) {
        return Some((*name).to_owned());
    }
    let hypervisor = processor.lines().any(|line| {
        line.starts_with("flags") && line.split_whitespace().any(|flag| flag == "hypervisor")
    });
    hypervisor.then(|| "of an unknown type".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_radio::AdapterChoice;
    use hybrid_radio::rfkill::{RfkillBlock, Switches};

    fn look_in(root: &Path, snap: Option<String>) -> System {
        System::look_in(root, snap)
    }

    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }

    #[test]
    fn an_empty_system_has_nothing_and_hides_nothing_else() {
        let root = root(&[]);
        assert_eq!(look_in(root.path(), None), System::default());
    }

    #[test]
    fn a_sandbox_is_known_by_its_marks() {
        let flatpak = root(&[(".flatpak-info", "[Application]\nname=org.example.App\n")]);
        assert_eq!(
            look_in(flatpak.path(), None).sandbox,
            Some(Sandbox::Flatpak("org.example.App".to_owned()))
        );
        assert_eq!(
            look_in(root(&[]).path(), Some("chromium".to_owned())).sandbox,
            Some(Sandbox::Snap("chromium".to_owned()))
        );
        let editor = || Some("editor".to_owned());
        for (label, sandbox) in [
            ("snap.editor.editor (complain)\n", None),
            ("snap.editor.editor (enforce)\n", editor()),
            ("unconfined_u:unconfined_r:unconfined_t:s0\0", editor()),
        ] {
            let root = root(&[("proc/self/attr/current", label)]);
            let found = look_in(root.path(), editor()).sandbox;
            assert_eq!(found, sandbox.map(Sandbox::Snap), "{label}");
        }
        // Set, and to nothing: what starts programs may blank a variable that it cannot unset.
        let blank = look_in(root(&[]).path(), Some(String::new()));
        assert_eq!(blank.sandbox, None);
        let docker = root(&[(".dockerenv", "")]);
        assert_eq!(
            look_in(docker.path(), None).sandbox,
            Some(Sandbox::Container)
        );
        for (name, sandbox) in [("lxc", Some(Sandbox::Container)), ("wsl", None)] {
            let root = root(&[("run/systemd/container", name)]);
            assert_eq!(look_in(root.path(), None).sandbox, sandbox, "{name}");
        }
    }

    #[test]
    fn a_computer_without_bluetooth_is_known_by_its_kernel_outside_of_sandboxes() {
        let kernel = ("sys/class/tty/tty0/dev", "4:0");
        let has_none = |files: &[(&str, &str)]| look_in(root(files).path(), None).has_no_controller;
        assert!(has_none(&[kernel]));
        assert!(!has_none(&[kernel, (".dockerenv", "")]));
        assert!(!has_none(&[("sys/kernel/x", "")]));
    }

    #[test]
    fn a_virtual_machine_is_known_by_firmware_kernel_or_processor() {
        assert_eq!(machine("LENOVO\n 20XW\n", "6.1", "flags : fpu"), None);
        assert_eq!(
            machine("innotek GmbH\n VirtualBox\n", "6.1", ""),
            Some("VirtualBox".to_owned())
        );
        assert_eq!(
            machine("Microsoft Corporation\n Virtual Machine\n", "6.1", ""),
            Some("Hyper-V".to_owned())
        );
        assert_eq!(
            machine("Microsoft Corporation\n Surface Laptop\n", "6.1", ""),
            None
        );
        assert_eq!(
            machine("", "5.15-microsoft-standard-WSL2", ""),
            Some("WSL".to_owned())
        );
        assert_eq!(
            machine("", "6.1", "flags\t: fpu hypervisor lm"),
            Some("of an unknown type".to_owned())
        );
    }

    #[test]
    fn controllers_are_counted_without_their_connections() {
        let root = root(&[
            ("sys/class/bluetooth/hci1/type", "primary"),
            ("sys/class/bluetooth/hci0/type", "primary"),
            ("sys/class/bluetooth/hci0:11/type", "link"),
            ("sys/class/rfkill/rfkill0/type", "bluetooth\n"),
            ("sys/class/rfkill/rfkill0/soft", "1\n"),
        ]);
        let system = look_in(root.path(), None);
        assert_eq!(system.controllers, ["hci0", "hci1"]);
        assert!(!system.has_no_controller);
        assert_eq!(
            system.rfkill.of(&AdapterChoice::Any),
            Switches::Blocked(RfkillBlock::Soft)
        );
    }
}
