//! What is written goes to an emulated terminal, whose picture a QR reader that is not ours reads.

mod ability;
mod camera;
mod size;
mod stand;

use crate::picture::Picture;
use crate::private_file::Place;
use crate::screen::panel::Pictured;
use crate::screen::region::Region;
use camera::Theme;
use stand::{MODERN, Stand, finding, step};
use zeroize::Zeroizing;

#[test]
fn a_code_is_read_at_every_moment_on_80_by_24_on_dark_and_on_light_themes() {
    for (columns, rows) in [(80, 24), (60, 24), (42, 23), (100, 30), (200, 60)] {
        let mut stand = Stand::showing(MODERN, columns, rows);
        assert!(stand.is_read(), "{columns}x{rows}");
        for told in [step(), finding("BT08"), finding("NW15"), step()] {
            stand.tell(&told);
            assert!(stand.is_read(), "{columns}x{rows}: {:?}", stand.lines());
        }
        stand.write(|region, to| region.print(&"a long line ".repeat(40), to));
        assert!(stand.is_read() && stand.is_whole(), "{columns}x{rows}");
    }
}

#[test]
fn a_used_code_is_gone_and_the_lines_around_it_stay_in_order() {
    let mut stand = Stand::showing(MODERN, 80, 40);
    stand.tell(&step());
    stand.write(Region::end);
    stand.write(|region, to| region.print("after", to));
    assert_eq!(
        stand.lines(),
        [
            "$ hybridd sign-in",
            "To sign in at example.com:",
            "   1.0 s  this computer can reach the relay cable.ua5v.com",
            "after",
        ]
    );
    assert_eq!(stand.read(Theme::Dark), None);
    assert_eq!(stand.read(Theme::Light), None);
}

#[test]
fn what_has_no_room_is_folded_to_a_line_and_one_key_shows_all_of_it() {
    let mut stand = Stand::showing(MODERN, 80, 24);
    stand.tell(&finding("BT08"));
    let folded = "BT08 (possible): no phone was heard";
    assert!(
        stand.says(folded) && stand.says("d and Enter"),
        "{:?}",
        stand.lines()
    );
    assert!(!stand.says("What to do"));
    stand.type_in("d");
    assert!(stand.says("What to do: Switch"), "{:?}", stand.lines());
    assert!(stand.says("back to the code") && stand.read(Theme::Dark).is_none());
    stand.type_in("");
    assert!(stand.is_read() && stand.is_whole(), "{:?}", stand.lines());
}

#[test]
fn advice_that_is_longer_than_the_screen_has_pages() {
    let mut stand = Stand::showing(MODERN, 60, 24);
    for code in ["BT08", "NW15", "AD01"] {
        stand.tell(&finding(code));
    }
    let mut seen = String::new();
    for page in 1..=2 {
        stand.type_in("d");
        let screen = stand.terminal.screen().contents();
        assert!(screen.contains(&format!("({page} of 2)")), "{screen}");
        seen.push_str(&screen);
    }
    for code in ["BT08", "NW15", "AD01"] {
        assert!(seen.contains(code), "{seen}");
    }
    assert_eq!(seen.matches("What to do").count(), 3, "{seen}");
    stand.type_in("");
    assert!(stand.is_read());
}

#[test]
fn the_name_of_a_picture_is_there_whole_and_enter_leads_back_to_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder
        .path()
        .join("somebody@a-department.of-a-company.example.org".repeat(2));
    std::fs::create_dir(&long).unwrap();
    let path = long.join("code.png");
    for size in [
        (40, 12),
        (60, 24),
        (60, 21),
        (60, 20),
        (80, 24),
        (80, 16),
        (100, 60),
    ] {
        for fails in [false, true] {
            let mut stand = Stand::showing(MODERN, size.0, size.1);
            let before = stand.has_code();
            let pictured = if fails {
                Pictured::Failed(format!("{}: no space", path.display()))
            } else {
                let place = Place::find(&path).unwrap();
                let content = Zeroizing::new(b"code".to_vec());
                Pictured::At(Picture::write(place, &path, content).unwrap())
            };
            let panel = stand.region.panel.as_mut().unwrap();
            panel.name_picture(pictured);
            stand.write(Region::draw);
            let seen = stand.lines().concat();
            assert!(
                seen.contains(path.to_str().unwrap()),
                "{size:?} {fails}: {seen}"
            );
            stand.type_in("");
            assert_eq!(stand.has_code(), before, "{size:?}");
        }
    }
}

#[test]
fn what_is_to_be_seen_above_is_not_said_twice() {
    let mut stand = Stand::showing(MODERN, 100, 60);
    stand.tell(&finding("BT08"));
    let screen = stand.terminal.screen().contents();
    assert_eq!(screen.matches("BT08").count(), 1, "{screen}");
}

#[test]
fn findings_that_the_code_pushed_out_can_be_told_again_once_it_is_gone() {
    let unseen = |rows| {
        let mut stand = Stand::showing(MODERN, 80, rows);
        for told in [finding("BT08"), step(), finding("NW15"), finding("BT08")] {
            stand.tell(&told);
        }
        stand.write(Region::end);
        let codes = stand.region.unseen.iter().map(|told| told.finding.unwrap());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(unseen(24), ["NW15", "BT08"]);
    assert_eq!(unseen(70), [""; 0]);
}

#[test]
fn nothing_of_what_is_told_is_lost() {
    let mut stand = Stand::showing(MODERN, 80, 24);
    for number in 0..50 {
        stand.write(|region, to| region.print(&format!("line {number}"), to));
    }
    stand.write(Region::end);
    stand.terminal.screen_mut().set_scrollback(500);
    let mut seen = Vec::new();
    for back in (0..=500).rev() {
        stand.terminal.screen_mut().set_scrollback(back);
        seen.push(stand.terminal.screen().rows(0, 80).next().unwrap());
    }
    seen.extend(stand.terminal.screen().rows(0, 80).skip(1));
    let lines: Vec<_> = seen
        .iter()
        .filter(|line| line.starts_with("line "))
        .collect();
    let mut once = lines.clone();
    once.dedup();
    assert_eq!(once.len(), 50, "{once:?}");
    assert!(
        !seen.iter().any(|line| line.contains('▀')),
        "no code is left in the scrollback"
    );
}

#[test]
fn what_a_person_types_below_moves_the_code_back_to_where_it_was() {
    for line in [
        "x",
        "",
        "a long line that goes on and on and on and on and on and on and on and on",
    ] {
        let mut stand = Stand::showing(MODERN, 60, 24);
        for _ in 0..3 {
            stand.type_in(line);
            assert!(stand.is_read() && stand.is_whole(), "{:?}", stand.lines());
        }
        stand.show(2);
        assert!(stand.is_read());
        stand.write(Region::end);
        assert!(!stand.says("▀") && !stand.says("█"), "{:?}", stand.lines());
    }
}

#[test]
fn a_program_in_the_background_moves_no_cursor() {
    let mut stand = Stand::showing(MODERN, 80, 24);
    let to = stand.place(false);
    let text = stand.region.print("told", to);
    assert!(text.contains("told") && !text.contains("\x1b[A"));
    stand.region.left();
    stand.process("$ other\n$ fg\n");
    stand.write(Region::draw);
    assert!(stand.is_read() && stand.is_whole());
}
