//! Every drawing is read back by a QR reader.

use super::*;
use hybrid_protocol::desktop::{Linking, QrEntropy};
use hybrid_protocol::link::Hint;
use hybrid_protocol::{Desktop, Secret};

fn text() -> QrText {
    let entropy = QrEntropy {
        static_key: Secret::new([7; 32]),
        secret: Secret::new([9; 16]),
        ephemeral: Secret::new([1; 32]),
    };
    let started = Desktop::by_qr(
        &entropy,
        1_790_000_000,
        Hint::SignIn,
        Linking::NotOffered,
        std::time::Instant::now(),
    );
    started.unwrap().1.to_text()
}

fn read(side: usize, dark: impl Fn(usize, usize) -> bool) -> String {
    let scale = 4;
    let picture = image::GrayImage::from_fn((side * scale) as u32, (side * scale) as u32, |x, y| {
        image::Luma([if dark(y as usize / scale, x as usize / scale) {
            0
        } else {
            255
        }])
    });
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    prepared.detect_grids()[0].decode().unwrap().1
}

#[test]
fn the_symbol_is_the_smallest_one() {
    assert_eq!(
        Symbol::new(&text()).unwrap().side(),
        37 + 8,
        "version 5 and the quiet zone"
    );
}

#[test]
fn a_png_is_read_back() {
    let file = png(&Symbol::new(&text()).unwrap()).unwrap();
    let picture = image::load_from_memory(&file).unwrap().to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    assert_eq!(prepared.detect_grids()[0].decode().unwrap().1, text().expose());
}

#[test]
fn a_terminal_drawing_is_read_back_whatever_the_terminals_colours() {
    let symbol = Symbol::new(&text()).unwrap();
    for (colours, on_dark) in [(Colours::Ansi, false), (Colours::None, true)] {
        let drawn = terminal(&symbol, colours, Some(80))
            .unwrap()
            .replace("\x1b[30;107m", "")
            .replace("\x1b[0m", "");
        let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
        let ink = |row: usize, column: usize| {
            let char = lines[row / 2][column];
            char == '█' || char == if row % 2 == 0 { '▀' } else { '▄' }
        };
        // With ANSI the ink is black; without, it is the light of a dark terminal.
        assert_eq!(
            read(symbol.side(), |row, column| ink(row, column) != on_dark),
            text().expose()
        );
    }
}

#[test]
fn a_narrow_terminal_gets_no_broken_code() {
    let symbol = Symbol::new(&text()).unwrap();
    assert!(terminal(&symbol, Colours::Ansi, Some(44)).is_none());
    assert!(terminal(&symbol, Colours::Ansi, Some(45)).is_some());
}

#[test]
fn an_svg_holds_every_dark_module_and_no_link() {
    let symbol = Symbol::new(&text()).unwrap();
    let drawn = svg(&symbol);
    assert_eq!(
        drawn.matches("h1v1h-1z").count(),
        symbol.dark.iter().filter(|dark| **dark).count()
    );
    assert!(!drawn.contains("href") && !drawn.contains("FIDO"));
}

#[test]
fn a_picture_is_its_owners_alone_even_over_an_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("qr.svg");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    write_private(&path, b"new").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
