//! The window as a person has it: on a screen of its own, read by a decoder, by assistive technology
//! and with the keyboard alone. It needs what `tests/run` installs, and the program, which it builds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::wildcard_enum_match_arm,
    reason = "scenarios"
)]

mod accessibility;
mod asked;
mod keyboard;
mod prompt;
mod screen;
mod wayland;

use accessibility::{Accessibility, Told};
use asked::{create, failed, finding, get, read, shown};
use futures_util::StreamExt as _;
use hybrid_diagnosis::catalogue::BLUETOOTH_OFF;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::EventKind;
use hybrid_protocol::Stage;
use prompt::{Manner, PLAIN, Prompt, code, variables};
use screen::Screen;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};
use wayland::Wayland;

#[tokio::test]
async fn a_camera_reads_the_code_in_every_theme_size_and_language() {
    const MANNERS: [(&str, &str, u32); 7] = [
        ("en_GB.UTF-8", "Adwaita", 100),
        ("en_GB.UTF-8", "Adwaita:dark", 100),
        ("en_GB.UTF-8", "Adwaita", 200),
        ("de_DE.UTF-8", "Adwaita:dark", 200),
        ("fr_FR.UTF-8", "Adwaita", 200),
        ("ja_JP.UTF-8", "Adwaita", 200),
        ("C.UTF-8", "HighContrast", 100),
    ];
    let screen = Screen::bare().await;
    for (locale, theme, text_size) in MANNERS {
        let manner = Manner {
            locale,
            theme,
            text_size,
        };
        let mut prompt = shown(&screen, manner, None, create("login.example.org")).await;
        read(&screen, &code(1)).await;
        let language = &locale[..2];
        screen.keep(&format!(
            "code-{language}-{}-{text_size}",
            theme.replace(':', "-")
        ));
        // A new one takes its place, and the old one is not seen any more.
        prompt.tell(json!({"ev": "new-code", "ms": 1})).await;
        prompt.tell(json!({"ev": "code", "text": code(2)})).await;
        read(&screen, &code(2)).await;
        prompt.tell(json!({"ev": "close"})).await;
        let (status, journal) = prompt.ended().await;
        assert!(status.success() && !journal.contains("FIDO"), "{journal}");
    }
}

#[tokio::test]
async fn every_state_of_the_contract_is_seen_and_told() {
    let screen = Screen::bare().await;
    let accessibility = Accessibility::start(&screen).await;
    let bus = Some(accessibility.address());
    let told = async |part: &str| {
        let look = async || {
            let texts = accessibility.texts().await;
            texts.iter().any(|text| text.contains(part)).then_some(())
        };
        screen.until(part, look).await;
    };
    let mut prompt = Prompt::start(&variables(&screen, PLAIN, bus).await);
    prompt.tell(create("login.example.org")).await;
    told("Create a passkey for").await;
    told("The code appears here in a moment.").await;
    screen.keep("state-1-awaited");
    prompt.tell(json!({"ev": "code", "text": code(1)})).await;
    prompt.shown(Instant::now()).await;
    for part in [
        "login.example.org",
        "seems to be chromium",
        "USB key",
        "Either code",
        "which model",
    ] {
        told(part).await;
    }
    read(&screen, &code(1)).await;
    screen.keep("state-2-code");
    prompt.event(EventKind::Stage(Stage::Advert)).await;
    let off = Finding::certain(&BLUETOOTH_OFF, "every adapter is switched off");
    prompt.event(EventKind::Finding(off)).await;
    told("BT03").await;
    read(&screen, &code(1)).await;
    screen.keep("state-3-trouble");
    prompt
        .event(EventKind::Listening(vec!["hci0".to_owned()]))
        .await;
    prompt.event(EventKind::Stage(Stage::Tunnel)).await;
    told("Connecting to the phone").await;
    screen
        .until("no code", async || screen.code().is_none().then_some(()))
        .await;
    screen.keep("state-4-connecting");
    prompt.event(EventKind::Stage(Stage::Reply)).await;
    told("Confirm on the phone now").await;
    screen.keep("state-5-confirm");
    prompt.event(failed()).await;
    prompt.event(finding()).await;
    prompt.tell(json!({"ev": "may-renew"})).await;
    told("tries again").await;
    screen.keep("state-6-renewable");
    prompt.event(EventKind::NewCode).await;
    prompt.tell(json!({"ev": "code", "text": code(2)})).await;
    told("This is a new code").await;
    read(&screen, &code(2)).await;
    prompt.event(failed()).await;
    prompt.event(finding()).await;
    prompt.event(EventKind::Done { ok: false }).await;
    told("start again there").await;
    screen.keep("state-7-failed");
    let tree = accessibility.tree().await;
    let report = tree.iter().find(|told| told.name == "Report").unwrap();
    accessibility.press(report).await;
    told("What happened").await;
    screen.keep("state-8-report");
    let tree = accessibility.tree().await;
    let back = tree.iter().find(|told| told.name == "Back").unwrap();
    accessibility.press(back).await;
    told("Close").await;
    // The agent is gone; the window stays until the person has read it.
    prompt.end_of_lines();
    let close = async || {
        let tree = accessibility.tree().await;
        let mut close = tree.into_iter();
        close.find(|told| told.name == "Close" && told.role.contains("button"))
    };
    let close = screen.until("Close", close).await;
    accessibility.press(&close).await;
    let (status, journal) = prompt.ended().await;
    assert!(status.success() && !journal.contains("FIDO"), "{journal}");

    let mut prompt = Prompt::start(&variables(&screen, PLAIN, bus).await);
    prompt
        .tell(json!({"ev": "ask", "id": 1, "operation": "select", "rp_id": "", "notes": []}))
        .await;
    prompt.shown(Instant::now()).await;
    told("Use the phone as security key?").await;
    screen.keep("state-9-select");
    // They count only after a moment.
    let used = async || {
        let tree = accessibility.tree().await;
        if let Some(button) = tree.iter().find(|told| told.name == "Use the phone") {
            accessibility.press(button).await;
        }
        let word = tokio::time::timeout(Duration::from_millis(200), prompt.word()).await;
        word.ok().flatten()
    };
    assert_eq!(screen.until("buttons count", used).await, "use");
    prompt.end_of_lines();
    assert!(prompt.ended().await.0.success());

    // An agent that is killed leaves a window that says so.
    let mut prompt = shown(&screen, PLAIN, bus, get()).await;
    prompt.end_of_lines();
    told("has ended, and the request with it").await;
    screen.keep("state-10-agent-gone");
}

#[tokio::test]
async fn assistive_technology_is_told_names_roles_languages_and_changes() {
    let screen = Screen::bare().await;
    let accessibility = Accessibility::start(&screen).await;
    let manner = Manner {
        locale: "de_DE.UTF-8",
        ..PLAIN
    };
    let mut prompt = shown(&screen, manner, Some(accessibility.address()), get()).await;
    let tree = accessibility.tree().await;
    let one = |tree: &[Told], name: &str| {
        let found = tree
            .iter()
            .find(|told| told.name == name && told.shown)
            .cloned();
        found.unwrap_or_else(|| panic!("{name}: {tree:#?}"))
    };
    let window = one(&tree, "Passkey auf dem Telefon");
    assert!(is_window(&window), "{window:?}");
    let picture = one(&tree, "QR-Code für das Telefon");
    assert!(
        ["image", "icon"].contains(&picture.role.as_str()),
        "{picture:?}"
    );
    assert!(picture.description.contains("Kamera"), "{picture:?}");
    for label in ["Neuer Code", "Jetzt nicht", "Abbrechen"] {
        assert!(one(&tree, label).role.contains("button"), "{label}");
    }
    assert_eq!(one(&tree, "login.example.org").role, "label");
    let everything = format!("{tree:?}");
    assert!(!everything.contains("FIDO") && !everything.contains(&code(1)[6..]));
    for told in tree
        .iter()
        .filter(|told| told.shown && told.role.contains("button"))
    {
        assert!(!told.name.is_empty(), "{told:?}");
    }

    // A change is announced: an alert appears with the words.
    let mut events = accessibility.events().await;
    prompt.event(EventKind::Stage(Stage::Reply)).await;
    let announced = async {
        loop {
            let event = events.next().await.unwrap().unwrap();
            let path = event
                .header()
                .path()
                .map(ToString::to_string)
                .unwrap_or_default();
            let tree = accessibility.tree().await;
            let alert = tree
                .iter()
                .find(|told| told.role == "notification" || told.role == "alert");
            if let Some(alert) = alert.filter(|alert| alert.name.contains("Bestätigen Sie jetzt"))
            {
                println!("{path} {alert:?} {event:?}");
                return;
            }
        }
    };
    tokio::time::timeout(screen::PATIENCE, announced)
        .await
        .expect("nothing is announced");

    // What is not translated says so, to people and to speech.
    prompt.event(finding()).await;
    let texts = async || {
        let tree = accessibility.tree().await;
        let problem = tree
            .iter()
            .any(|told| told.name == "Es gibt ein Problem (auf Englisch)");
        problem.then_some(tree)
    };
    let tree = screen.until("the finding", texts).await;
    let saw = one(&tree, "No phone was heard for 30 s.");
    let attributes = accessibility.attributes(&saw).await;
    assert_eq!(
        attributes.get("language").map(String::as_str),
        Some("en"),
        "{attributes:?}"
    );
    let todo = one(&tree, "Was zu tun ist");
    assert_ne!(
        accessibility.attributes(&todo).await.get("language"),
        Some(&"en".to_owned())
    );
}

fn is_window(told: &Told) -> bool {
    ["frame", "window"].contains(&told.role.as_str())
}

#[tokio::test]
async fn large_texts_are_cut_off_in_no_language() {
    let screen = Screen::managed().await;
    let accessibility = Accessibility::start(&screen).await;
    for (locale, cancel) in [
        ("en_GB.UTF-8", "Cancel"),
        ("de_DE.UTF-8", "Abbrechen"),
        ("fr_FR.UTF-8", "Annuler"),
        ("ja_JP.UTF-8", "キャンセル"),
    ] {
        let manner = Manner {
            locale,
            text_size: 200,
            ..PLAIN
        };
        let bus = Some(accessibility.address());
        let mut prompt = shown(&screen, manner, bus, create("login.example.org")).await;
        prompt.event(finding()).await;
        let with_report = async || {
            let tree = accessibility.tree().await;
            let buttons: Vec<Told> = tree
                .iter()
                .filter(|told| told.shown && told.role.contains("button"))
                .cloned()
                .collect();
            let frame = tree.iter().find(|told| is_window(told))?.clone();
            let complete = buttons.len() >= 4 && buttons.iter().any(|told| told.name == cancel);
            complete.then_some((frame, buttons))
        };
        let (frame, buttons) = screen.until("four buttons", with_report).await;
        let (_, _, width, height) = accessibility.place(&frame).await;
        assert!(width <= 1280 && height <= 720, "{locale}: {width}×{height}");
        for button in &buttons {
            let (left, top, wide, high) = accessibility.place(button).await;
            let inside = left >= 0 && top >= 0 && left + wide <= width && top + high <= height;
            assert!(
                inside,
                "{locale}: {button:?} at {left} {top}, {wide}×{high}"
            );
        }
        read(&screen, &code(1)).await;
        screen.keep(&format!("large-{}", &locale[..2]));
        prompt.tell(json!({"ev": "close"})).await;
        assert!(prompt.ended().await.0.success());
    }
}

#[tokio::test]
async fn the_code_is_in_no_title_no_argument_and_no_environment() {
    let screen = Screen::managed().await;
    let prompt = shown(&screen, PLAIN, None, get()).await;
    let secret = &code(1)[6..30];
    for file in ["cmdline", "environ", "comm"] {
        let text = std::fs::read(format!("/proc/{}/{file}", prompt.id()));
        let text = text.unwrap_or_default();
        assert!(!String::from_utf8_lossy(&text).contains(secret), "{file}");
    }
    for window in screen
        .tool("xdotool", &["search", "--name", "."])
        .await
        .lines()
    {
        let about = screen.tool("xprop", &["-id", window]).await;
        assert!(
            !about.contains(secret) && !about.contains("FIDO"),
            "{about}"
        );
    }
}

#[tokio::test]
async fn on_wayland_at_either_scale_the_code_is_read_and_no_title_has_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window");
    std::fs::create_dir_all(&folder).unwrap();
    for (pixels, scale) in [((1280, 720), 1), ((2560, 1440), 2)] {
        let wayland = Wayland::start(pixels, scale).await;
        let mut prompt = Prompt::start(&wayland.variables());
        prompt.tell(create("login.example.org")).await;
        prompt.tell(json!({"ev": "code", "text": code(1)})).await;
        prompt.shown(Instant::now()).await;
        let picture = folder.join(format!("wayland-{scale}.png"));
        let end = Instant::now() + screen::PATIENCE;
        while wayland.code(&picture).await != Some(code(1)) {
            assert!(Instant::now() < end, "no code: {}", picture.display());
        }
        let windows = wayland.windows().await;
        for part in ["org.hybridd.Prompt", "Passkey on your phone"] {
            assert!(windows.contains(part), "{windows}");
        }
        assert!(!windows.contains("FIDO") && !windows.contains("login.example.org"));
        prompt.tell(json!({"ev": "close"})).await;
        let (status, journal) = prompt.ended().await;
        assert!(status.success() && !journal.contains("FIDO"), "{journal}");
    }
}

#[tokio::test]
async fn the_first_code_is_painted_soon_after_the_process_starts() {
    // The figures are in docs/security-key.md; a machine that is busy with other tests has others.
    const AT_MOST: Duration = Duration::from_secs(5);
    let screen = Screen::bare().await;
    let accessibility = Accessibility::start(&screen).await;
    for bus in [None, Some(accessibility.address())] {
        let variables = variables(&screen, PLAIN, bus).await;
        let mut times = Vec::new();
        for _ in 0..5 {
            let since = Instant::now();
            let mut prompt = Prompt::start(&variables);
            prompt.tell(get()).await;
            prompt.tell(json!({"ev": "code", "text": code(1)})).await;
            times.push(prompt.shown(since).await);
            prompt.tell(json!({"ev": "close"})).await;
            assert!(prompt.ended().await.0.success());
        }
        times.sort();
        println!(
            "accessibility bus: {}; from the start to the code: {times:?}",
            bus.is_some()
        );
        assert!(times[0] < AT_MOST, "{times:?}");
    }
}
