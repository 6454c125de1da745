//! Every drawing is read back by a QR reader that is not ours.

use super::*;
use hybrid_protocol::Hint;
use hybrid_protocol::{Desktop, Secret};
use hybrid_protocol::{Linking, QrEntropy};
use std::time::{Duration, Instant};

/// Pixels for one module in rasterised drawings.
const SCALE: u32 = 4;
const WHITE: u8 = 255;
const BLACK: u8 = 0;

#[test]
fn the_symbol_is_the_smallest_one_for_every_request() {
    for hint in [Hint::SignIn, Hint::Register] {
        for linking in [Linking::Offered, Linking::NotOffered] {
            let symbol = Symbol::new(&invitation(hint, linking)).unwrap();
            assert_eq!(symbol.side(), 37 + 8, "version 5 and the quiet zone");
        }
    }
}

#[test]
fn the_quiet_zone_is_light() {
    let symbol = symbol();
    let edge = |at: usize| at < QUIET_ZONE || at >= symbol.side() - QUIET_ZONE;
    for row in 0..symbol.side() {
        for column in (0..symbol.side()).filter(|column| edge(row) || edge(*column)) {
            assert!(!symbol.is_dark(row, column), "{row} {column}");
        }
    }
    assert!(
        symbol.is_dark(QUIET_ZONE, QUIET_ZONE),
        "the corner of a finder pattern"
    );
}

#[test]
fn a_png_is_read_back() {
    let file = png(&symbol()).unwrap();
    let picture = ::image::load_from_memory(&file).unwrap().to_luma8();
    assert_eq!(read(picture), text().expose());
}

#[test]
fn a_terminal_drawing_in_colour_is_read_back_on_dark_and_on_light_terminals() {
    for background in [BLACK, WHITE] {
        let drawing = terminal(&symbol(), Colours::Ansi, TerminalSize::default()).unwrap();
        assert_eq!(read(rasterise(&drawing, background)), text().expose());
    }
}

#[test]
fn a_terminal_drawing_without_colour_is_right_on_dark_terminals_and_the_inverse_on_light_ones() {
    let drawing = terminal(&symbol(), Colours::Plain, TerminalSize::default()).unwrap();
    assert!(!drawing.text().contains('\x1b'));
    assert_eq!(read(rasterise(&drawing, BLACK)), text().expose());
    let mut inverse = rasterise(&drawing, WHITE);
    ::image::imageops::invert(&mut inverse);
    assert_eq!(read(inverse), text().expose());
}

#[test]
fn a_small_terminal_is_told_what_the_code_needs() {
    let draw = |columns, rows| {
        let screen = TerminalSize {
            columns: Some(columns),
            rows: Some(rows),
        };
        terminal(&symbol(), Colours::Ansi, screen)
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(draw(45, 23), Ok(()));
    let narrow = draw(44, 50).unwrap_err();
    assert!(
        narrow.contains("45 columns and 23 lines") && narrow.contains("44 and 50"),
        "{narrow}"
    );
    assert!(draw(80, 22).is_err());
}

#[test]
fn a_used_code_is_taken_away_with_the_lines_below_it() {
    let drawing = terminal(&symbol(), Colours::Ansi, TerminalSize::default()).unwrap();
    assert_eq!(drawing.text().lines().count(), 23);
    assert_eq!(drawing.erase(2), "\r\x1b[25A\x1b[J");
}

#[test]
fn an_svg_holds_every_dark_module_and_nothing_to_load_or_follow() {
    let drawn = svg(&symbol());
    let dark = symbol().dark.iter().filter(|dark| **dark).count();
    assert_eq!(drawn.matches("h1v1h-1z").count(), dark);
    assert!(!drawn.contains("href") && !drawn.contains("FIDO") && !drawn.contains("<script"));
}

#[test]
fn no_drawing_is_a_link() {
    let drawing = terminal(&symbol(), Colours::Ansi, TerminalSize::default()).unwrap();
    assert!(!drawing.text().contains("\x1b]8"));
}

#[test]
fn a_code_is_drawn_before_a_person_notices() {
    let started = Instant::now();
    terminal(&symbol(), Colours::Ansi, TerminalSize::default()).unwrap();
    // 1 to 2 ms on an idle machine even without optimisation; the limit forgives a busy one.
    assert!(
        started.elapsed() < Duration::from_millis(500),
        "{:?}",
        started.elapsed()
    );
}

fn symbol() -> Symbol {
    Symbol::new(&text()).unwrap()
}

fn text() -> QrText {
    invitation(Hint::SignIn, Linking::NotOffered)
}

fn invitation(hint: Hint, linking: Linking) -> QrText {
    let entropy = QrEntropy {
        static_key: Secret::new([7; 32]),
        secret: Secret::new([9; 16]),
        ephemeral: Secret::new([1; 32]),
    };
    let started = Desktop::by_qr(&entropy, 1_790_000_000, hint, linking, Instant::now());
    started.unwrap().1.to_text()
}

fn read(picture: ::image::GrayImage) -> String {
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    prepared.detect_grids()[0].decode().unwrap().1
}

/// A terminal of this background colour as a camera sees it, with the drawing in the middle.
fn rasterise(drawing: &Drawing, background: u8) -> ::image::GrayImage {
    const MARGIN: usize = 3;
    let mut cells: Vec<Vec<[u8; 2]>> = Vec::new();
    let (mut ink, mut paper) = (WHITE - background, background);
    for line in drawing.text().lines() {
        let mut row = vec![[background; 2]; MARGIN];
        let mut rest = line;
        while let Some(char) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("\x1b[30;107m") {
                (ink, paper, rest) = (BLACK, WHITE, after);
                continue;
            }
            if let Some(after) = rest.strip_prefix("\x1b[0m") {
                (ink, paper, rest) = (WHITE - background, background, after);
                continue;
            }
            row.push(match char {
                '█' => [ink, ink],
                '▀' => [ink, paper],
                '▄' => [paper, ink],
                ' ' => [paper, paper],
                other => panic!("{other:?} does not belong into a drawing"),
            });
            rest = &rest[char.len_utf8()..];
        }
        row.extend([[background; 2]; MARGIN]);
        cells.push(row);
    }
    let blank = vec![[background; 2]; cells[0].len()];
    cells.insert(0, blank.clone());
    cells.push(blank);
    ::image::GrayImage::from_fn(
        cells[0].len() as u32 * SCALE,
        cells.len() as u32 * 2 * SCALE,
        |x, y| {
            let (column, row) = ((x / SCALE) as usize, (y / SCALE) as usize);
            ::image::Luma([cells[row / 2][column][row % 2]])
        },
    )
}
