//! Terminals without colours, Unicode, or a cursor that moves.

use super::camera::Theme;
use super::stand::{ASCII, DUMB, MODERN, PLAIN, Stand, finding, step};
use crate::terminal::{Ability, Palette};

#[test]
fn without_colours_it_is_right_on_a_dark_terminal_and_on_one_that_says_that_it_is_light() {
    for (ability, theme) in [
        (PLAIN, Theme::Dark),
        (
            Ability {
                light: true,
                ..PLAIN
            },
            Theme::Light,
        ),
    ] {
        let mut stand = Stand::showing(ability, 80, 24);
        stand.tell(&finding("BT08"));
        assert_eq!(stand.read(theme).as_deref(), Some(stand.text.expose()));
        let written = stand.region.draw(stand.place(true));
        assert!(
            !written.contains('m'.to_string().as_str()) || !written.contains("\x1b[3"),
            "no colour"
        );
    }
}

#[test]
fn eight_colours_are_right_with_the_usual_theme_and_the_way_out_stands_beside() {
    for colours in [Palette::Eight, Palette::Sixteen] {
        let stand = Stand::showing(Ability { colours, ..MODERN }, 80, 24);
        assert_eq!(
            stand.read(Theme::Dark).as_deref(),
            Some(stand.text.expose())
        );
        assert!(stand.says("--qr png:FILE"));
    }
}

#[test]
fn without_unicode_it_is_drawn_in_blanks_where_there_is_room() {
    for colours in [Palette::Fixed, Palette::Eight, Palette::None] {
        let mut stand = Stand::showing(Ability { colours, ..ASCII }, 100, 50);
        stand.tell(&finding("BT08"));
        assert_eq!(
            stand.read(Theme::Dark).as_deref(),
            Some(stand.text.expose()),
            "{colours:?}"
        );
        assert!(stand.terminal.screen().contents().is_ascii());
    }
}

#[test]
fn without_unicode_and_room_one_line_says_so_and_a_key_draws_it_all_the_same() {
    let mut stand = Stand::showing(ASCII, 80, 24);
    assert!(stand.terminal.screen().contents().is_ascii());
    for words in ["UTF-8", "--qr png:FILE", "b Enter"] {
        assert!(stand.says(words), "{:?}", stand.lines());
    }
    stand.type_in("b");
    assert!(stand.is_read() && stand.is_whole());
}

#[test]
fn where_nothing_can_be_erased_the_code_is_written_again_before_it_is_pushed_out() {
    let mut stand = Stand::showing(DUMB, 80, 24);
    for told in [step(), finding("BT08"), step(), finding("NW15"), step()] {
        stand.tell(&told);
        assert_eq!(
            stand.read(Theme::Dark).as_deref(),
            Some(stand.text.expose())
        );
    }
    let written = stand.region.draw(stand.place(true));
    assert!(!written.contains('\x1b'));
}
