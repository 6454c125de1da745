//! What a camera sees of an emulated terminal.

use vt100::{Color, Parser};

/// What a theme makes of default colours and of the first sixteen: text, background, and each.
#[derive(Clone, Copy)]
pub(super) enum Theme {
    Dark,
    /// Its "black" is light, and its "white" dark.
    Light,
}

/// Half a cell is a square.
pub(super) fn picture(terminal: &Parser, theme: Theme) -> image::GrayImage {
    const SCALE: u32 = 3;
    let (rows, columns) = terminal.screen().size();
    image::GrayImage::from_fn(
        u32::from(columns) * SCALE,
        u32::from(rows) * 2 * SCALE,
        |x, y| {
            let (row, column) = ((y / SCALE / 2) as u16, (x / SCALE) as u16);
            let cell = terminal.screen().cell(row, column).unwrap();
            let (mut ink, mut paper) = (
                theme.grey(cell.fgcolor(), true),
                theme.grey(cell.bgcolor(), false),
            );
            if cell.inverse() {
                std::mem::swap(&mut ink, &mut paper);
            }
            let upper = (y / SCALE).is_multiple_of(2);
            let inked = match cell.contents() {
                "█" => true,
                "▀" => upper,
                "▄" => !upper,
                "" | " " => false,
                // Letters are half ink.
                _ => (x + y) % 2 == 0,
            };
            image::Luma([if inked { ink } else { paper }])
        },
    )
}

impl Theme {
    fn grey(self, colour: Color, text: bool) -> u8 {
        let [dark, light] = match self {
            Self::Dark => [0x11, 0xdd],
            Self::Light => [0xee, 0x22],
        };
        match colour {
            Color::Default => {
                if text {
                    light
                } else {
                    dark
                }
            }
            Color::Idx(0 | 8) => dark,
            Color::Idx(7 | 15) => light,
            Color::Idx(1..=14) => 0x80,
            Color::Idx(cube @ 16..=231) => {
                let levels = [0u16, 95, 135, 175, 215, 255];
                let cube = usize::from(cube - 16);
                let sum = levels[cube / 36] + levels[cube / 6 % 6] + levels[cube % 6];
                (sum / 3) as u8
            }
            Color::Idx(grey) => 8 + (grey - 232) * 10,
            Color::Rgb(red, green, blue) => {
                ((u16::from(red) + u16::from(green) + u16::from(blue)) / 3) as u8
            }
        }
    }
}
