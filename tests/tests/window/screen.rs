//! A screen of the test's own: an X server without hardware, whose pixels are a file.

use image::{DynamicImage, GrayImage, RgbImage};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Nothing of a test takes longer, also on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(40);
const LOOK: Duration = Duration::from_millis(20);

/// A screen of 1280×720.
pub struct Screen {
    folder: TempDir,
    display: String,
    _server: Child,
    _manager: Option<Child>,
    _settings: Mutex<Option<Child>>,
}

impl Screen {
    /// Without a window manager.
    pub async fn bare() -> Self {
        // Xvfb can choose a number by itself, but then it takes no lock, and another server that
        // starts meanwhile may take its socket away.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let first = 200 + std::process::id() % 500;
        for _ in 0..100 {
            let number = first + NEXT.fetch_add(1, Ordering::Relaxed);
            if let Some(screen) = Self::at(number).await {
                return screen;
            }
        }
        panic!("every display is taken");
    }

    /// With this number; `None` when another server has it.
    async fn at(number: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let display = format!(":{number}");
        let mut server = Command::new("Xvfb")
            .args([&display, "-screen", "0", "1280x720x24", "-nolisten", "tcp"])
            .args(["-noreset", "-fbdir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Xvfb (Debian: xvfb)");
        let pixels = folder.path().join("Xvfb_screen0");
        let end = Instant::now() + PATIENCE;
        loop {
            if server.try_wait().unwrap().is_some() {
                return None;
            }
            // Who has pixels has the lock, too.
            let asked = Command::new("xprop")
                .args(["-display", &display, "-root"])
                .output();
            if pixels.exists()
                && asked
                    .await
                    .expect("xprop (Debian: x11-utils)")
                    .status
                    .success()
            {
                break;
            }
            assert!(Instant::now() < end, "Xvfb is not ready");
            tokio::time::sleep(LOOK).await;
        }
        Some(Self {
            folder,
            display,
            _server: server,
            _manager: None,
            _settings: Mutex::default(),
        })
    }

    /// With a window manager.
    pub async fn managed() -> Self {
        let mut screen = Self::bare().await;
        let ready = screen.folder.path().join("managed");
        let manager = Command::new("openbox")
            .arg("--startup")
            .arg(format!("touch {}", ready.display()))
            .env("DISPLAY", &screen.display)
            .env("HOME", screen.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("openbox (Debian: openbox)");
        screen._manager = Some(manager);
        // It says early that it is there, and then loses windows that are mapped before it looks at
        // them. Its start-up command is run when it has looked.
        screen
            .until("a window manager", async || ready.exists().then_some(()))
            .await;
        screen
    }

    /// Texts are of so many hundredths of their size from now on, as a desktop tells programs.
    pub async fn set_text_size(&self, hundredths: u32) {
        let file = self.folder.path().join("xsettings");
        let dpi = 96 * 1024 * hundredths / 100;
        fs::write(&file, format!("Xft/DPI {dpi}\n")).unwrap();
        let before = self._settings.lock().unwrap().take();
        if let Some(mut before) = before {
            before.kill().await.unwrap();
        }
        let settings = Command::new("xsettingsd")
            .arg("-c")
            .arg(&file)
            .env("DISPLAY", &self.display)
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("xsettingsd (Debian: xsettingsd)");
        *self._settings.lock().unwrap() = Some(settings);
        // Its window has them; the selection says that it is there.
        self.until("the desktop's settings", async || {
            let windows = self
                .tool("xdotool", &["search", "--name", "xsettingsd"])
                .await;
            (!windows.is_empty()).then_some(())
        })
        .await;
    }

    /// What programs call it.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A folder that goes with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a tool for this screen says.
    pub async fn tool(&self, program: &str, args: &[&str]) -> String {
        let output = Command::new(program)
            .args(args)
            .env("DISPLAY", &self.display)
            .stdin(Stdio::null())
            .output()
            .await;
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Presses keys, one after the other, in the window that has the keyboard.
    pub async fn press(&self, keys: &[&str]) {
        for key in keys {
            self.tool("xdotool", &["key", "--clearmodifiers", key])
                .await;
        }
    }

    /// Looks again until it sees something.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            if Instant::now() > end {
                let kept = self.keep(&format!("not-seen-{}", what.replace([' ', '/'], "-")));
                panic!("not seen: {what}; the screen is in {}", kept.display());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Its pixels: a file in the format of `xwd`, which the server keeps up to date.
    pub fn picture(&self) -> RgbImage {
        let file = fs::read(self.folder.path().join("Xvfb_screen0")).unwrap();
        let word = |place: usize| {
            let bytes = file[4 * place..4 * place + 4].try_into().unwrap();
            u32::from_be_bytes(bytes) as usize
        };
        let (header, width, height, line, colours) =
            (word(0), word(4), word(5), word(12), word(19));
        assert_eq!((word(1), word(11)), (7, 32), "XWD, 32 bits a pixel");
        let pixels = &file[header + 12 * colours..];
        RgbImage::from_fn(width as u32, height as u32, |x, y| {
            let at = y as usize * line + 4 * x as usize;
            image::Rgb([pixels[at + 2], pixels[at + 1], pixels[at]])
        })
    }

    /// The code that a camera reads from it.
    pub fn code(&self) -> Option<String> {
        decode(&self.picture())
    }

    /// Keeps a picture for people to look at.
    pub fn keep(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        self.picture().save(&path).unwrap();
        path
    }
}

/// The code in a picture, read by a decoder that is not ours.
pub fn decode(picture: &RgbImage) -> Option<String> {
    let grey: GrayImage = DynamicImage::ImageRgb8(picture.clone()).to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(grey);
    let grids = prepared.detect_grids();
    grids
        .iter()
        .find_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
}
