//! Drawing the QR code: on a terminal, as SVG, as PNG.
//!
//! Error correction M, the smallest symbol that holds prefix and digits in two segments, and a quiet zone of four modules: without it
//! many cameras do not find the code.

mod picture;
mod terminal;

pub use picture::{png, svg};
pub use terminal::{Colours, terminal};

use hybrid_protocol::qr::QrText;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

const QUIET_ZONE: usize = 4;

/// A code as a square of dark and light modules, quiet zone included. It shows a secret; there is no `Debug`.
pub struct Symbol {
    side: usize,
    dark: Vec<bool>,
}

impl Symbol {
    /// Encodes the text of a code.
    ///
    /// # Errors
    /// [`TooLong`] never happens for texts of this protocol.
    pub fn new(text: &QrText) -> Result<Self, TooLong> {
        let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M).map_err(|_| TooLong)?;
        let inner = code.width();
        let modules: Vec<bool> = code
            .into_colors()
            .into_iter()
            .map(|colour| colour == Color::Dark)
            .collect();
        let side = inner + 2 * QUIET_ZONE;
        let mut dark = vec![false; side * side];
        for (row, line) in modules.chunks(inner).enumerate() {
            let start = (row + QUIET_ZONE) * side + QUIET_ZONE;
            if let Some(place) = dark.get_mut(start..start + inner) {
                place.copy_from_slice(line);
            }
        }
        Ok(Self { side, dark })
    }

    /// Modules along one side, quiet zone included.
    pub const fn side(&self) -> usize {
        self.side
    }

    fn is_dark(&self, row: usize, column: usize) -> bool {
        self.dark.get(row * self.side + column).copied().unwrap_or_default()
    }
}

/// Writes a picture of the code to a file that only its owner may read.
///
/// # Errors
/// What the file system says.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    // An existing file keeps its mode when it is opened.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(content)
}

/// The text does not fit any QR code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is too long for a QR code")
    }
}

impl std::error::Error for TooLong {}

#[cfg(test)]
mod tests;
