//! Drawing the QR code: on a terminal, as SVG, as PNG.
//!
//! Error correction M (L where there is little room), the smallest symbol that holds prefix and
//! digits in two segments, and a quiet zone of four modules: without it many cameras do not find the
//! code. What is drawn is a secret until the code is used; drawings are wiped and have no `Debug`.

mod image;
mod show;
mod terminal;

pub use image::{is_picture_of_a_code, png, svg};
pub use show::{NotAWayToShow, Show};
pub use terminal::{Cells, Drawing, Form, Ink};

use hybrid_protocol::QrText;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt;
use std::hint::black_box;
use zeroize::Zeroizing;

const QUIET_ZONE: usize = 4;
/// What a code is left where no more fits: most cameras find it, and all do once it fills a larger
/// window.
const NARROW_ZONE: usize = 2;

/// A code as a square of dark and light modules, quiet zone included.
pub struct Symbol {
    side: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl Symbol {
    /// Encodes the text of a code.
    ///
    /// # Errors
    /// [`TooLong`] never happens for texts of this protocol.
    pub fn new(text: &QrText) -> Result<Self, TooLong> {
        Self::encode(text, EcLevel::M, QUIET_ZONE)
    }

    /// The same with less error correction: four modules smaller. A screen does not get dirty.
    ///
    /// # Errors
    /// [`TooLong`] never happens for texts of this protocol.
    pub fn small(text: &QrText) -> Result<Self, TooLong> {
        Self::encode(text, EcLevel::L, QUIET_ZONE)
    }

    /// The smallest that most cameras read: half of the quiet zone is left out, too.
    ///
    /// # Errors
    /// [`TooLong`] never happens for texts of this protocol.
    pub fn smallest(text: &QrText) -> Result<Self, TooLong> {
        Self::encode(text, EcLevel::L, NARROW_ZONE)
    }

    fn encode(text: &QrText, level: EcLevel, zone: usize) -> Result<Self, TooLong> {
        // The crate splits the text into the segments that take the fewest bits.
        let code = QrCode::with_error_correction_level(text.expose(), level).map_err(TooLong)?;
        let inner = code.width();
        let side = inner + 2 * zone;
        let mut dark = Zeroizing::new(vec![false; side * side]);
        let mut modules = code.into_colors();
        for (row, line) in modules.chunks(inner).enumerate() {
            let start = (row + zone) * side + zone;
            for (module, colour) in dark.iter_mut().skip(start).zip(line) {
                *module = *colour == Color::Dark;
            }
        }
        // The square's other copy; `zeroize` does not know its type.
        modules.fill(Color::Light);
        black_box(&modules);
        Ok(Self { side, dark })
    }

    /// Modules along one side, quiet zone included.
    pub const fn side(&self) -> usize {
        self.side
    }

    /// Outside of the symbol everything is light.
    fn is_dark(&self, row: usize, column: usize) -> bool {
        self.dark
            .get(row * self.side + column)
            .copied()
            .unwrap_or_default()
    }
}

/// The text does not fit any QR code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong(QrError);

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is too long for a QR code")
    }
}

impl std::error::Error for TooLong {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[cfg(test)]
mod tests;
