//! Every picture is read back by a QR reader that is not ours; drawings are, where they stand on a
//! terminal (`screen`).

use super::*;
use hybrid_protocol::Hint;
use hybrid_protocol::{Desktop, Secret};
use hybrid_protocol::{Linking, QrEntropy};
use std::time::{Duration, Instant};

const FORM: Form = Form {
    cells: Cells::Halves,
    ink: Ink::Fixed,
};

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
fn a_smaller_symbol_is_read_back_too() {
    for (symbol, side) in [
        (Symbol::small(&text()).unwrap(), 33 + 8),
        (Symbol::smallest(&text()).unwrap(), 33 + 4),
    ] {
        assert_eq!(symbol.side(), side);
        let picture = ::image::load_from_memory(&png(&symbol).unwrap()).unwrap();
        assert_eq!(read(picture.to_luma8()), text().expose());
    }
}

#[test]
fn a_drawing_is_as_large_as_it_was_said_to_be_and_without_colours_has_no_escapes() {
    for cells in [Cells::Halves, Cells::Blanks] {
        for ink in [Ink::Fixed, Ink::Bright, Ink::Eight, Ink::Light, Ink::Dark] {
            let form = Form { cells, ink };
            let drawing = form.draw(&symbol());
            assert_eq!((drawing.columns(), drawing.lines()), form.size(45));
            assert_eq!(drawing.text().lines().count(), drawing.lines());
            let colourless = matches!(ink, Ink::Light | Ink::Dark);
            if cells == Cells::Halves {
                assert_eq!(drawing.text().contains('\x1b'), !colourless);
            } else {
                assert!(drawing.text().is_ascii());
            }
        }
    }
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
    assert!(!FORM.draw(&symbol()).text().contains("\x1b]8"));
}

#[test]
fn a_code_is_drawn_before_a_person_notices() {
    let started = Instant::now();
    FORM.draw(&symbol());
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
