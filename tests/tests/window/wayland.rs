//! A Wayland compositor without hardware: sway, whose pixels grim copies.

use crate::screen::{PATIENCE, decode};
use image::RgbImage;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// One output.
pub struct Wayland {
    folder: TempDir,
    display: String,
    socket: String,
    _sway: Child,
}

impl Wayland {
    /// With an output of so many pixels, and so many of them for one of a program's.
    pub async fn start(pixels: (u32, u32), scale: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let ready = folder.path().join("ready");
        let config = folder.path().join("sway");
        let (width, height) = pixels;
        let text = format!(
            "xwayland disable\noutput HEADLESS-1 resolution {width}x{height} scale {scale}\n\
             exec printf '%s\\n%s\\n' \"$WAYLAND_DISPLAY\" \"$SWAYSOCK\" > '{0}.new' && mv '{0}.new' '{0}'\n",
            ready.display()
        );
        fs::write(&config, text).unwrap();
        // It refuses to run as root, whom a container often has: here it is somebody else.
        let sway = Command::new("unshare")
            .args([
                "--user",
                "--map-user=1000",
                "--map-group=1000",
                "sway",
                "-c",
            ])
            .arg(&config)
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("WLR_BACKENDS", "headless")
            .env("WLR_LIBINPUT_NO_DEVICES", "1")
            .env("WLR_RENDERER", "pixman")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .kill_on_drop(true)
            .spawn()
            .expect("sway (Debian: sway)");
        let end = Instant::now() + PATIENCE;
        let said = loop {
            if let Ok(said) = fs::read_to_string(&ready) {
                break said;
            }
            let log = || fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < end, "sway is not ready: {}", log());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        let mut lines = said.lines().map(str::to_owned);
        Self {
            display: lines.next().unwrap(),
            socket: lines.next().unwrap(),
            folder,
            _sway: sway,
        }
    }

    /// What programs need to be shown.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let folder = self.folder.path().display().to_string();
        vec![
            ("WAYLAND_DISPLAY", self.display.clone()),
            ("XDG_RUNTIME_DIR", folder.clone()),
            ("HOME", folder),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LANG", "en_GB.UTF-8".to_owned()),
            ("GDK_BACKEND", "wayland".to_owned()),
            ("GSK_RENDERER", "cairo".to_owned()),
            ("GTK_A11Y", "none".to_owned()),
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere".to_owned()),
        ]
    }

    /// Its pixels.
    pub async fn picture(&self, path: &Path) -> RgbImage {
        let grim = Command::new("grim")
            .arg(path)
            .env("WAYLAND_DISPLAY", &self.display)
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .output()
            .await
            .expect("grim (Debian: grim)");
        assert!(grim.status.success(), "{grim:?}");
        image::open(path).unwrap().to_rgb8()
    }

    /// The code that a camera reads from it.
    pub async fn code(&self, path: &Path) -> Option<String> {
        decode(&self.picture(path).await)
    }

    /// What the compositor says of its windows.
    pub async fn windows(&self) -> String {
        let tree = Command::new("swaymsg")
            .args(["-s", &self.socket, "-t", "get_tree"])
            .output()
            .await
            .unwrap();
        String::from_utf8_lossy(&tree.stdout).into_owned()
    }
}
