//! Standard error as a person sees it: lines that stay, and below them a code for as long as it is
//! wanted. Everything that this program writes there goes through here, so that nothing breaks the
//! code.

mod caption;
mod panel;
mod region;
mod told;
pub mod wrap;

pub use caption::Ways;
pub use panel::Panel;
pub use told::Told;

use crate::output::{self, Output};
use crate::picture::Picture;
use crate::private_file::Place;
use crate::terminal::{self, Ability};
use crate::{qr, xdg};
use panel::Pictured;
use region::{Region, Where};
use std::env;
use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

/// Standard error.
pub struct Screen {
    region: Mutex<Region>,
    to: &'static Output,
    terminal: bool,
}

/// What a person wants who typed a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Typed {
    /// Enter alone: another code, or to go on.
    Enter,
    /// Something else, which is done already.
    Done,
}

/// Standard error, which everything that is for people goes through.
pub fn stderr() -> &'static Screen {
    static STDERR: OnceLock<Screen> = OnceLock::new();
    STDERR.get_or_init(|| Screen {
        region: Mutex::new(Region::new(Ability::from_environment())),
        to: output::stderr(),
        terminal: io::stderr().is_terminal(),
    })
}

impl Screen {
    /// Whether a person may be looking.
    pub const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Prints a line, or several. Says whether there was room for it.
    pub fn say(&self, line: &str) -> bool {
        if !self.terminal {
            return self.to.tell(&format!("{line}\n"));
        }
        self.write(|region, to| region.print(line, to))
    }

    /// Prints what a person may want to read again while the code is shown.
    pub fn tell(&self, told: &Told) -> bool {
        if !self.terminal {
            return self.say(&told.printed(None));
        }
        self.write(|region, to| {
            if let Some(panel) = &mut region.panel {
                panel.hear(told);
            }
            region
                .unseen
                .retain(|unseen| unseen.finding != told.finding);
            region.print(&told.printed(to.size.columns), to)
        })
    }

    /// Shows a code in the place of the one before.
    pub fn show(&self, panel: Panel) {
        self.write(|region, to| region.show(panel, to));
    }

    /// The code is not wanted any more.
    pub fn end(&self) {
        if self.terminal {
            self.write(|region, to| region.end(to));
        }
    }

    /// It came to nothing: the findings that the code had pushed out are told once more, below.
    pub fn tell_unseen(&self) {
        let unseen = std::mem::take(&mut self.lock().unseen);
        for told in unseen {
            self.tell(&told);
        }
    }

    /// Somebody typed a line on this terminal.
    pub fn typed(&self, line: &str) -> Typed {
        let mut region = self.lock();
        let (size, ability) = (terminal::size(io::stderr()), region.ability);
        region.typed(line, size);
        let Some(panel) = &mut region.panel else {
            return if line.trim().is_empty() {
                Typed::Enter
            } else {
                Typed::Done
            };
        };
        let mut wants = Typed::Done;
        match line.trim() {
            "" if panel.turn_back(
                size.columns.unwrap_or(usize::MAX),
                size.rows.unwrap_or(usize::MAX),
                ability,
            ) => {}
            "" => wants = Typed::Enter,
            "d" | "D" => panel.advise(),
            "b" | "B" => panel.draw_blocks(),
            "p" | "P" => {
                let pictured = picture(panel).map_or_else(Pictured::Failed, Pictured::At);
                panel.name_picture(pictured);
            }
            _ => {}
        }
        drop(region);
        self.write(Region::draw);
        wants
    }

    /// Follows the terminal for as long as the program runs: its size, and whether it is this
    /// program's.
    pub fn follow(&'static self) {
        const CONTINUED: i32 = rustix::process::Signal::CONT.as_raw();
        if !self.terminal {
            return;
        }
        // A signal that cannot be listened to is one that only disturbs the picture.
        if let Ok(mut resized) = signal(SignalKind::window_change()) {
            tokio::spawn(async move {
                while resized.recv().await.is_some() {
                    self.write(Region::draw);
                }
            });
        }
        if let Ok(mut continued) = signal(SignalKind::from_raw(CONTINUED)) {
            tokio::spawn(async move {
                while continued.recv().await.is_some() {
                    self.write(|region, to| {
                        region.left();
                        region.draw(to)
                    });
                }
            });
        }
    }

    fn write(&self, change: impl FnOnce(&mut Region, Where) -> Zeroizing<String>) -> bool {
        let mut region = self.lock();
        let to = Where {
            size: terminal::size(io::stderr()),
            foreground: in_foreground(),
        };
        let text = change(&mut region, to);
        // All of it or nothing, so that what stands on the terminal is known.
        let room = text.is_empty() || self.to.tell(&text);
        if !room {
            region.left();
        }
        room
    }

    fn lock(&self) -> MutexGuard<'_, Region> {
        self.region.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs come in whole records.
impl Write for &Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        if self.say(text.strip_suffix('\n').unwrap_or(&text)) {
            Ok(bytes.len())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal of another session, or none at all, has no background.
fn in_foreground() -> bool {
    rustix::termios::tcgetpgrp(io::stderr())
        .map_or(true, |foreground| foreground == rustix::process::getpgrp())
}

/// The folder of all that is kept; made if it can be.
fn kept() -> Option<PathBuf> {
    let folder = xdg::own_state(|name| env::var_os(name))?;
    xdg::make_private(&folder).ok().map(|()| folder)
}

/// Writes a picture where only its owner looks, and which a restart empties if it can be.
fn picture(panel: &Panel) -> Result<Picture, String> {
    let folder = xdg::runtime_dir(|name| env::var_os(name))
        .filter(|folder| folder.is_dir())
        .or_else(kept)
        .or_else(|| env::current_dir().ok())
        .ok_or("there is no folder for it (XDG_RUNTIME_DIR)")?;
    let path = folder.join(format!("hybridd-code-{}.png", std::process::id()));
    let content = qr::png(panel.symbol()).map_err(|error| error.to_string())?;
    let written = Place::find(&path).and_then(|place| Ok(Picture::write(place, &path, content)?));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
