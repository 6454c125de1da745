//! A code as a square of dark and light modules. It is a secret until the code is used, so that it
//! is wiped and has no `Debug`.

use hybrid_protocol::QrCode;
use qrcode::{Color, EcLevel};
use std::hint::black_box;
use zeroize::Zeroizing;

/// Without this light margin many cameras do not find a code (ISO/IEC 18004 §6.3.8).
const QUIET_ZONE: usize = 4;

/// What cameras see.
pub struct CodeSquare {
    side: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl CodeSquare {
    /// Draws the text of a code. It is read and made again, so that nothing else can be drawn;
    /// `None` for what is no code of this protocol.
    pub fn read(text: &str) -> Option<Self> {
        let text = QrCode::parse(text).ok()?.to_text();
        let code = qrcode::QrCode::with_error_correction_level(text.expose(), EcLevel::M).ok()?;
        let inner = code.width();
        let side = inner + 2 * QUIET_ZONE;
        let mut dark = Zeroizing::new(vec![false; side * side]);
        let mut modules = code.into_colors();
        for (row, line) in modules.chunks(inner).enumerate() {
            let start = (row + QUIET_ZONE) * side + QUIET_ZONE;
            for (module, colour) in dark.iter_mut().skip(start).zip(line) {
                *module = *colour == Color::Dark;
            }
        }
        // The square's other copy; `zeroize` does not know its type.
        modules.fill(Color::Light);
        black_box(&modules);
        Some(Self { side, dark })
    }

    /// Modules along one side, quiet zone included.
    pub const fn side(&self) -> usize {
        self.side
    }

    /// The dark modules as bars within rows: row, first column, length.
    pub fn bars(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let rows = self.dark.chunks(self.side).enumerate();
        rows.flat_map(|(row, line)| {
            let mut column = 0;
            line.chunk_by(|one, other| one == other)
                .filter_map(move |run| {
                    let start = column;
                    column += run.len();
                    run.first()
                        .is_some_and(|dark| *dark)
                        .then_some((row, start, run.len()))
                })
        })
    }

    /// How large a module is where so many pixels are free along a side: a whole number, so that
    /// every edge lies between two pixels.
    pub fn module_pixels(&self, free: i32) -> i32 {
        let side = i32::try_from(self.side).unwrap_or(i32::MAX);
        (free / side.max(1)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::code_text;
    use proptest::prelude::*;

    #[test]
    fn a_code_has_a_light_margin_of_four_modules_and_bars_that_cover_it() {
        let code = CodeSquare::read(&code_text(7)).unwrap();
        let (mut dark, side) = (0, code.side());
        for (row, column, length) in code.bars() {
            assert!(row >= QUIET_ZONE && row < side - QUIET_ZONE);
            assert!(column >= QUIET_ZONE && column + length <= side - QUIET_ZONE);
            dark += length;
        }
        assert_eq!(dark, code.dark.iter().filter(|dark| **dark).count());
        assert!(dark > side * side / 4, "{dark} of {side} squared");
    }

    #[test]
    fn modules_are_whole_pixels_that_fit() {
        let code = CodeSquare::read(&code_text(1)).unwrap();
        let side = i32::try_from(code.side()).unwrap();
        for free in [side, 3 * side - 1, 320, 641] {
            let pixels = code.module_pixels(free);
            assert!(pixels * side <= free && (pixels + 1) * side > free);
        }
        assert_eq!(code.module_pixels(0), 1);
    }

    proptest! {
        #[test]
        fn what_is_no_code_is_not_drawn(text in "(FIDO:/)?[0-9]{0,200}") {
            let drawn = CodeSquare::read(&text).is_some();
            prop_assert_eq!(drawn, QrCode::parse(&text).is_ok());
        }
    }
}
