//! What a person sees of a code on a terminal: an emulator has the picture, and a QR reader that is
//! not ours reads the code from it while findings come, sizes change and keys are pressed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "scenarios"
)]

use hybrid_tests::bluez::Air;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs::{self, World};
use hybrid_tests::relying_party::creation_options;
use hybrid_tests::stray_code::stray_code;
use hybrid_tests::terminal::{Terminal, Theme};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const NAMES: [&str; 2] = ["cable.ua5v.com", "cable.auth.com"];
const ASK: &str = "register --origin https://example.com";

/// Bluetooth is off and no relay is there: both are told at once.
async fn scene() -> (Air, World) {
    let air = Air::with_adapters(&["hci0"]).await.unwrap();
    air.set_powered("hci0", false).await.unwrap();
    let world = World::new(air.bus_address(), &NAMES).unwrap();
    std::fs::write(world.path("options.json"), creation_options().unwrap()).unwrap();
    (air, world)
}

fn command(world: &World, more: &str) -> String {
    format!(
        "{ASK} --options '{}' {more}",
        world.path("options.json").display()
    )
}

fn all_there(screen: &vt100::Screen) -> bool {
    let text = screen.contents();
    text.contains("(1 of 2)")
        || (text.contains("BT02") || text.contains("BT03")) && text.contains("NW")
}

#[tokio::test]
async fn a_code_is_read_on_every_terminal_at_every_moment_at_which_it_is_wanted() {
    let test = "a_code_is_read_on_every_terminal_at_every_moment_at_which_it_is_wanted";
    if !inside(test, &NAMES) {
        return;
    }
    let (_air, world) = scene().await;
    for (size, term, locale, theme) in [
        ((80, 24), "xterm-256color", "C.UTF-8", Theme::Dark),
        ((80, 24), "xterm-256color", "C.UTF-8", Theme::Light),
        ((60, 24), "xterm", "de_DE.UTF-8", Theme::Light),
        ((100, 30), "screen-256color", "C.UTF-8", Theme::Dark),
        ((80, 24), "vt100", "C.UTF-8", Theme::Dark),
        ((80, 24), "linux", "C.UTF-8", Theme::Dark),
        ((90, 45), "xterm-256color", "C", Theme::Light),
        ((90, 45), "vt220", "C", Theme::Dark),
    ] {
        let case = format!("{size:?} {term} {locale} {theme:?}");
        let variables = [("TERM", term), ("LANG", locale)];
        let line = command(&world, "");
        let mut screen = Terminal::hybridd(&world, &line, &variables, size)
            .await
            .unwrap();
        let code = screen.code(theme, "").await.unwrap();
        let synchronised = term.starts_with('x') || term.ends_with("256color");
        if synchronised {
            screen.watch(&code, theme);
        }
        screen
            .until(&format!("both findings, {case}"), all_there)
            .await
            .unwrap();
        assert_eq!(screen.blinks(), [] as [String; 0], "{case}");
        assert_eq!(screen.code(theme, "").await.unwrap(), code, "{case}");

        screen.press("d\n").await.unwrap();
        let advice = |screen: &vt100::Screen| {
            screen.contents().contains("What to do")
                && screen.contents().contains("back to the code")
        };
        screen
            .until(&format!("the advice, {case}"), advice)
            .await
            .unwrap();
        screen.press("\n").await.unwrap();
        assert_eq!(screen.code(theme, "").await.unwrap(), code, "{case}");

        let other = if locale == "C" { (120, 50) } else { (62, 25) };
        screen.resize(other).await.unwrap();
        let painted =
            |screen: &vt100::Screen| screen.contents().contains("Ctrl-C") || all_there(screen);
        screen
            .until(&format!("the code in another size, {case}"), painted)
            .await
            .unwrap();
        assert_eq!(screen.code(theme, "").await.unwrap(), code, "{case}");

        screen.press("\n").await.unwrap();
        let second = screen.code(theme, &code).await.unwrap();
        assert_ne!(second, code);
        screen.press("\x03").await.unwrap();
        let (exit, text) = screen.end().await.unwrap();
        assert_eq!(exit, Some(1), "{case}: {text}");
        assert!(
            text.contains("you cancelled") && !text.contains('▀'),
            "{case}: {text}"
        );
        assert_eq!(text.matches("US01").count(), 1, "{case}: {text}");
    }
}

#[tokio::test]
async fn where_no_code_fits_a_line_says_so_and_keys_draw_or_write_it() {
    if !inside(
        "where_no_code_fits_a_line_says_so_and_keys_draw_or_write_it",
        &NAMES,
    ) {
        return;
    }
    let (_air, world) = scene().await;
    // Longer than a row.
    let runtime =
        world.path("somebody-with-a-long-name@a-department.of-a-company.example.org/runtime");
    std::fs::create_dir_all(&runtime).unwrap();
    let variables = [
        ("TERM", "xterm-256color"),
        ("LANG", "C"),
        ("XDG_RUNTIME_DIR", runtime.to_str().unwrap()),
    ];
    let line = command(&world, "");
    let mut screen = Terminal::hybridd(&world, &line, &variables, (80, 24))
        .await
        .unwrap();
    let says = |screen: &vt100::Screen| {
        let text = screen.contents().replace('\n', " ");
        text.contains("UTF-8") && text.contains("--qr png:FILE") && text.contains("p Enter")
    };
    screen.until("what to do", says).await.unwrap();
    assert!(screen.text().is_ascii(), "{}", screen.text());

    screen.press("p\n").await.unwrap();
    let named = |screen: &vt100::Screen| screen.contents().contains("hybridd-code-");
    screen.until("the picture's name", named).await.unwrap();
    let picture = std::fs::read_dir(&runtime)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let text = screen.text().replace('\n', "");
    assert!(text.contains(picture.to_str().unwrap()), "{text}");
    let code = read_file(&picture);

    screen.press("b\n").await.unwrap();
    for theme in [Theme::Dark, Theme::Light] {
        assert_eq!(screen.code(theme, "").await.unwrap(), code);
    }
    screen.press("\x03").await.unwrap();
    let (exit, text) = screen.end().await.unwrap();
    assert_eq!(exit, Some(1), "{text}");
    assert!(!picture.exists(), "{text}");
}

#[tokio::test]
async fn without_a_runtime_folder_the_picture_is_where_everything_else_is_kept() {
    let test = "without_a_runtime_folder_the_picture_is_where_everything_else_is_kept";
    if !inside(test, &NAMES) {
        return;
    }
    let (_air, world) = scene().await;
    let state = world.path("state");
    std::fs::create_dir(&state).unwrap();
    let variables = [
        ("TERM", "xterm-256color"),
        ("LANG", "C"),
        ("XDG_RUNTIME_DIR", ""),
        ("XDG_STATE_HOME", state.to_str().unwrap()),
    ];
    let line = command(&world, "--keep-timeline false");
    let mut screen = Terminal::hybridd(&world, &line, &variables, (80, 24))
        .await
        .unwrap();
    let says = |screen: &vt100::Screen| screen.contents().contains("p Enter");
    screen.until("what to do", says).await.unwrap();
    screen.press("p\n").await.unwrap();
    let named = |screen: &vt100::Screen| screen.contents().contains("hybridd-code-");
    screen.until("the picture's name", named).await.unwrap();
    let entries = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    };
    assert_eq!(entries(&state), ["hybridd"]);
    let folder = state.join("hybridd");
    let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let pictures = entries(&folder);
    let picture = pictures.iter().find(|name| name.ends_with(".png"));
    let picture = folder.join(picture.unwrap());
    read_file(&picture);
    screen.press("\x03").await.unwrap();
    let (exit, text) = screen.end().await.unwrap();
    assert_eq!(exit, Some(1), "{text}");
    assert!(!picture.exists(), "{text}");
}

fn read_file(path: &Path) -> String {
    let picture = image::open(path).unwrap().to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    prepared.detect_grids()[0].decode().unwrap().1
}

#[tokio::test]
async fn a_person_whose_options_come_through_a_pipe_or_by_hand_has_the_same_keys() {
    let test = "a_person_whose_options_come_through_a_pipe_or_by_hand_has_the_same_keys";
    if !inside(test, &NAMES) {
        return;
    }
    let (_air, world) = scene().await;
    let variables = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];
    let hybridd = programs::program("hybridd");
    let piped = format!(
        "sh -c \"cat '{}' | '{}' {ASK}\"",
        world.path("options.json").display(),
        hybridd.display()
    );
    for by_hand in [false, true] {
        let line = if by_hand {
            format!("'{}' {ASK}", hybridd.display())
        } else {
            piped.clone()
        };
        let mut screen = Terminal::run(&world, &line, &variables, (80, 24))
            .await
            .unwrap();
        if by_hand {
            let asks = |screen: &vt100::Screen| {
                let text = screen.contents().replace('\n', " ");
                text.contains("Waiting for the WebAuthn options") && text.contains("Ctrl-D")
            };
            screen.until("what is waited for", asks).await.unwrap();
            screen
                .press(&format!("{}\n\x04", creation_options().unwrap()))
                .await
                .unwrap();
        }
        let code = screen.code(Theme::Dark, "").await.unwrap();
        screen.until("both findings", all_there).await.unwrap();
        screen.press("d\n").await.unwrap();
        let advice = |screen: &vt100::Screen| screen.contents().contains("What to do");
        screen.until("the advice", advice).await.unwrap();
        screen.press("\n").await.unwrap();
        assert_eq!(screen.code(Theme::Dark, "").await.unwrap(), code);
        screen.press("\n").await.unwrap();
        screen.code(Theme::Dark, &code).await.unwrap();
        screen.press("\x03").await.unwrap();
        let (exit, text) = screen.end().await.unwrap();
        // The shell around the pipe says that it was interrupted, too.
        let expected = if by_hand { 1 } else { 130 };
        assert_eq!(exit, Some(expected), "{text}");
    }
}

#[tokio::test]
async fn events_on_the_same_terminal_go_by_above_the_code() {
    if !inside("events_on_the_same_terminal_go_by_above_the_code", &NAMES) {
        return;
    }
    let (_air, world) = scene().await;
    let variables = [
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("RUST_LOG", "debug"),
    ];
    for events in ["-", "/dev/stderr", "/dev/tty"] {
        let line = command(&world, &format!("--events {events}"));
        let mut screen = Terminal::hybridd(&world, &line, &variables, (100, 44))
            .await
            .unwrap();
        let code = screen.code(Theme::Light, "").await.unwrap();
        screen.watch(&code, Theme::Light);
        screen
            .until("an event", |screen| screen.contents().contains("\"ev\""))
            .await
            .unwrap();
        screen.until("both findings", all_there).await.unwrap();
        assert_eq!(screen.blinks(), [] as [String; 0], "{events}");
        screen.press("\x03").await.unwrap();
        let (_, text) = screen.end().await.unwrap();
        assert!(
            text.contains("\"ev\":\"done\"") && !text.contains('▀'),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_agents_prompt_keeps_its_code_whole_too() {
    programs::build();
    let world = World::without_bus(&NAMES).unwrap();
    let variables = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];
    let pipe = world.pipe("agent").unwrap();
    let line = format!(
        "sh -c \"'{}' prompt-terminal <'{}' >/dev/null\"",
        programs::program("hybridd").display(),
        pipe.display()
    );
    let mut screen = Terminal::run(&world, &line, &variables, (80, 24))
        .await
        .unwrap();
    // Both ends, so that opening waits for nobody.
    let mut agent: File = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .unwrap();
    let mut told = |line: serde_json::Value| writeln!(agent, "{line}").unwrap();
    let code = stray_code(9).unwrap();
    told(json!({"ev": "ask", "id": 1, "operation": "get", "rp_id": "example.org", "notes": []}));
    told(json!({"ev": "code", "text": code}));
    for theme in [Theme::Light, Theme::Dark] {
        assert_eq!(screen.code(theme, "").await.unwrap(), code);
    }
    screen.watch(&code, Theme::Dark);
    for (ms, finding) in [(14_000, "BT08"), (15_000, "AD01")] {
        told(
            json!({"ev": "finding", "ms": ms, "code": finding, "certainty": "likely", "saw": "nothing was heard"}),
        );
    }
    screen
        .until("both findings", |screen| {
            screen.contents().contains("(1 of 2)")
        })
        .await
        .unwrap();
    assert_eq!(screen.blinks(), [] as [String; 0]);
    screen.press("d\n").await.unwrap();
    let advice = |screen: &vt100::Screen| screen.contents().contains("What to do");
    screen.until("the advice", advice).await.unwrap();
    screen.press("\n").await.unwrap();
    assert_eq!(screen.code(Theme::Dark, "").await.unwrap(), code);
    told(json!({"ev": "close"}));
    let (exit, text) = screen.end().await.unwrap();
    assert_eq!(exit, Some(0), "{text}");
    assert!(!text.contains('▀'), "{text}");
}

#[tokio::test]
async fn what_is_explained_breaks_between_words_on_a_terminal_alone() {
    programs::build();
    let world = World::without_bus(&NAMES).unwrap();
    for arguments in ["explain BT01", "explain xyzzy", "key status"] {
        let words = arguments.split(' ');
        let piped = world.command("hybridd").args(words).output().await.unwrap();
        let piped = String::from_utf8([piped.stdout, piped.stderr].concat()).unwrap();
        assert!(piped.lines().any(|line| line.len() > 100), "{piped}");
        let variables = [("TERM", "xterm-256color")];
        let terminal = Terminal::hybridd(&world, arguments, &variables, (60, 50)).await;
        let (_, shown) = terminal.unwrap().end().await.unwrap();
        // A line that the terminal itself had to break counts as one.
        assert!(
            shown.lines().all(|line| line.chars().count() <= 60),
            "{shown}"
        );
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert!(words(&shown).ends_with(&words(&piped)), "{shown}\n{piped}");
    }
}
