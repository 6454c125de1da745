//! What is written goes to an emulated terminal, whose picture a QR reader that is not ours reads.

use super::super::caption::Ways;
use super::super::panel::Pictured;
use super::*;
use crate::picture::Picture;
use crate::private_file::Place;
use hybrid_protocol::{Desktop, Hint, Linking, QrEntropy, QrText, Secret};
use proptest::prelude::*;
use std::time::{Duration, Instant};
use vt100::{Color, Parser};

const WAYS: Ways = Ways {
    keys: true,
    option: Some("--qr png:FILE"),
};
const MODERN: Ability = Ability {
    colours: Palette::Fixed,
    unicode: true,
    moves: true,
    light: false,
};
const PLAIN: Ability = Ability {
    colours: Palette::None,
    ..MODERN
};
const ASCII: Ability = Ability {
    unicode: false,
    ..MODERN
};
const DUMB: Ability = Ability {
    moves: false,
    ..PLAIN
};

/// What a theme makes of default colours and of the first sixteen: text, background, and each.
#[derive(Clone, Copy)]
enum Theme {
    Dark,
    /// Its "black" is light, and its "white" dark.
    Light,
}

/// A region on an emulated terminal.
struct Stand {
    region: Region,
    terminal: Parser,
    size: (usize, usize),
    text: QrText,
}

impl Stand {
    fn new(ability: Ability, columns: usize, rows: usize) -> Self {
        Self {
            region: Region::new(ability),
            terminal: Parser::new(rows as u16, columns as u16, 1000),
            size: (columns, rows),
            text: text(1),
        }
    }

    fn showing(ability: Ability, columns: usize, rows: usize) -> Self {
        let mut stand = Self::new(ability, columns, rows);
        stand.write(|region, to| region.print("$ hybridd sign-in", to));
        stand.write(|region, to| region.print("To sign in at example.com:", to));
        stand.show(1);
        stand
    }

    fn show(&mut self, number: u8) {
        self.text = text(number);
        let panel = Panel::new(&self.text, WAYS).unwrap();
        self.write(|region, to| region.show(panel, to));
    }

    fn write(&mut self, change: impl FnOnce(&mut Region, Where) -> Zeroizing<String>) {
        let to = self.place(true);
        let text = change(&mut self.region, to);
        self.process(&text);
    }

    fn place(&self, foreground: bool) -> Where {
        Where {
            size: TerminalSize {
                columns: Some(self.size.0),
                rows: Some(self.size.1),
            },
            foreground,
        }
    }

    /// As a terminal line does it.
    fn process(&mut self, text: &str) {
        self.terminal.process(text.replace('\n', "\r\n").as_bytes());
    }

    fn tell(&mut self, told: &Told) {
        self.write(|region, to| {
            if let Some(panel) = &mut region.panel {
                panel.hear(told);
            }
            region.print(&told.printed(to.size.columns), to)
        });
    }

    fn type_in(&mut self, line: &str) {
        self.process(&format!("{line}\n"));
        let size = self.place(true).size;
        self.region.typed(line, size);
        let panel = self.region.panel.as_mut().unwrap();
        match line {
            "d" => panel.advise(),
            "b" => panel.draw_blocks(),
            _ => drop(panel.turn_back(self.size.0, self.size.1, self.region.ability)),
        }
        self.write(Region::draw);
    }

    fn resize(&mut self, columns: usize, rows: usize) {
        self.size = (columns, rows);
        self.terminal
            .screen_mut()
            .set_size(rows as u16, columns as u16);
        self.write(Region::draw);
    }

    fn lines(&self) -> Vec<String> {
        let contents = self.terminal.screen().contents();
        contents
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    fn says(&self, words: &str) -> bool {
        self.terminal
            .screen()
            .contents()
            .replace('\n', " ")
            .contains(words)
    }

    /// The code as a camera reads it.
    fn read(&self, theme: Theme) -> Option<String> {
        let mut prepared = rqrr::PreparedImage::prepare(picture(&self.terminal, theme));
        let grids = prepared.detect_grids();
        grids
            .iter()
            .find_map(|grid| grid.decode().ok())
            .map(|(_, text)| text)
    }

    fn is_read(&self) -> bool {
        [Theme::Dark, Theme::Light]
            .into_iter()
            .all(|theme| self.read(theme).as_deref() == Some(self.text.expose()))
    }

    /// Every row that the drawing has is on the screen, in one piece.
    fn is_whole(&self) -> bool {
        let panel = self.region.panel.as_ref().unwrap();
        let rows = panel.rows(self.size.0, self.size.1, self.region.ability);
        let mut alone = Parser::new(self.size.1 as u16, self.size.0 as u16, 0);
        for row in &rows {
            alone.process(row.text.as_bytes());
            alone.process(b"\r\n");
        }
        let rows: usize = rows.iter().map(|row| row.height).sum();
        let (bottom, _) = self.terminal.screen().cursor_position();
        let Some(top) = usize::from(bottom).checked_sub(rows) else {
            return false;
        };
        (0..rows).all(|row| {
            (0..self.size.0).all(|column| {
                let cell = |parser: &Parser, row: usize| {
                    parser.screen().cell(row as u16, column as u16).cloned()
                };
                cell(&alone, row) == cell(&self.terminal, top + row)
            })
        })
    }

    fn has_code(&self) -> bool {
        let panel = self.region.panel.as_ref().unwrap();
        let rows = panel.rows(self.size.0, self.size.1, self.region.ability);
        rows.iter()
            .filter(|row| row.text.contains('▀') || row.text.contains("\x1b["))
            .count()
            > 15
    }
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

fn text(number: u8) -> QrText {
    let entropy = QrEntropy {
        static_key: Secret::new([number; 32]),
        secret: Secret::new([9; 16]),
        ephemeral: Secret::new([1; 32]),
    };
    let started = Desktop::by_qr(
        &entropy,
        1_790_000_000,
        Hint::SignIn,
        Linking::NotOffered,
        Instant::now(),
    );
    started.unwrap().1.to_text()
}

fn finding(code: &str) -> Told {
    Told {
        at: Some(Duration::from_secs(14)),
        text: format!(
            "{code} (possible): no phone was heard\n  What was seen: {}\n  What it means: {}\n  What to do: {}",
            "Bluetooth listens and has heard nothing. ".repeat(3),
            "The phone has not scanned the code, or has no Bluetooth. ".repeat(3),
            "Switch Bluetooth on, on the phone; then scan the code again. ".repeat(4),
        ),
        finding: ["BT08", "NW15", "AD01"]
            .into_iter()
            .find(|known| *known == code),
    }
}

fn step() -> Told {
    Told {
        at: Some(Duration::from_secs(1)),
        text: "this computer can reach the relay cable.ua5v.com".to_owned(),
        finding: None,
    }
}

/// Half a cell is a square.
fn picture(terminal: &Parser, theme: Theme) -> image::GrayImage {
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
fn a_new_size_is_painted_anew_and_the_lines_above_come_with_it() {
    let mut stand = Stand::showing(MODERN, 100, 40);
    stand.tell(&step());
    for (columns, rows) in [(80, 24), (60, 24), (100, 50), (45, 23), (80, 24), (200, 30)] {
        stand.resize(columns, rows);
        assert!(
            stand.is_read() && stand.is_whole(),
            "{columns}x{rows}: {:?}",
            stand.lines()
        );
        stand.tell(&step());
        assert!(stand.is_read(), "{columns}x{rows}");
    }
    stand.resize(30, 10);
    assert!(stand.says("picture"), "{:?}", stand.lines());
    stand.resize(100, 40);
    assert!(stand.is_read() && stand.says("To sign in at example.com:"));
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

fn any_ability() -> impl Strategy<Value = Ability> {
    let colours = prop_oneof![
        Just(Palette::None),
        Just(Palette::Eight),
        Just(Palette::Sixteen),
        Just(Palette::Fixed)
    ];
    (colours, any::<bool>(), any::<bool>()).prop_map(|(colours, unicode, light)| Ability {
        colours,
        unicode,
        moves: true,
        light,
    })
}

/// Either the whole code is on the screen, or one line with a way out.
fn holds(stand: &Stand) -> Result<(), TestCaseError> {
    prop_assert!(stand.is_whole(), "{:?}", stand.lines());
    let way_out = stand.says("picture") || stand.says("png:");
    prop_assert!(stand.has_code() || way_out, "{:?}", stand.lines());
    Ok(())
}

proptest! {
    #[test]
    fn whatever_the_size_all_of_the_code_is_there_or_a_way_out(
        ability in any_ability(), columns in 20_usize..200, rows in 10_usize..80,
        then in (20_usize..200, 10_usize..80),
    ) {
        let mut stand = Stand::showing(ability, columns, rows);
        holds(&stand)?;
        for told in [step(), finding("BT08"), finding("NW15")] {
            stand.tell(&told);
            holds(&stand)?;
        }
        stand.resize(then.0, then.1);
        holds(&stand)?;
        stand.tell(&step());
        holds(&stand)?;
        let rows = stand.size.1;
        let (cursor, _) = stand.terminal.screen().cursor_position();
        prop_assert!(usize::from(cursor) < rows);
    }
}

#[test]
fn from_42_columns_and_22_rows_on_a_code_is_read_and_from_20_rows_on_one_with_less_margin() {
    for columns in [37, 41, 80] {
        for rows in [19, 20, 21, 22, 29, 30] {
            let mut stand = Stand::showing(MODERN, columns, rows);
            stand.tell(&finding("BT08"));
            let fits = rows >= 20;
            assert_eq!(stand.has_code(), fits, "{columns}x{rows}");
            if fits {
                assert!(stand.is_read(), "{columns}x{rows}: {:?}", stand.lines());
            }
        }
    }
    assert!(!Stand::showing(MODERN, 36, 40).has_code());
}
