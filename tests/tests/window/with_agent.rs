//! The window between a real agent and a phone that scans the screen.

use crate::scene::{CANCELLED, NAME, SECOND, Scene, create, get, listen, until};
use crate::screen::Screen;
use hybrid_protocol::QrCode;
use hybrid_tests::namespace::inside;
use hybrid_tests::programs;
use hybridd::agent::prompt::PromptProgram;
use std::fs;
use std::time::Instant;

/// The program with a screen; the variables of this test are not its own.
fn window_on(screen: &Screen) -> PromptProgram {
    let home = screen.folder().display();
    let args = [
        "-i".to_owned(),
        format!("DISPLAY={}", screen.display()),
        format!("HOME={home}"),
        format!("XDG_RUNTIME_DIR={home}"),
        "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere".to_owned(),
        "GDK_BACKEND=x11".to_owned(),
        "GSK_RENDERER=cairo".to_owned(),
        "GTK_A11Y=none".to_owned(),
        programs::program("prompt-gtk").display().to_string(),
    ];
    PromptProgram {
        program: "/usr/bin/env".into(),
        args: args.map(Into::into).into(),
        lingers: true,
        has_terminal: false,
    }
}

async fn code_on(screen: &Screen) -> String {
    screen
        .until("a code on the screen", async || screen.code())
        .await
}

async fn nothing_on(screen: &Screen) {
    let empty = async || {
        screen
            .picture()
            .pixels()
            .all(|pixel| pixel.0 == [0; 3])
            .then_some(())
    };
    screen.until("no window", empty).await;
}

/// The process of the only window of this screen.
fn process_on(screen: &Screen) -> rustix::process::Pid {
    let display = format!("DISPLAY={}\0", screen.display());
    let found = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .find_map(|process| {
            let pid = process.file_name().to_str()?.parse().ok()?;
            let name = fs::read_to_string(process.path().join("comm")).ok()?;
            let about = fs::read(process.path().join("environ")).ok()?;
            let about = String::from_utf8_lossy(&about).into_owned();
            (name.trim() == "prompt-gtk" && about.contains(&display)).then_some(pid)
        });
    rustix::process::Pid::from_raw(found.expect("a window's process")).unwrap()
}

#[tokio::test]
async fn a_passkey_is_made_with_a_code_that_is_read_from_the_screen() {
    let name = "with_window::a_passkey_is_made_with_a_code_that_is_read_from_the_screen";
    if !inside(name, &[NAME]) {
        return;
    }
    let screen = Screen::bare().await;
    let mut scene = Scene::with(|_| Some(window_on(&screen))).await;
    let _relay = scene.world.relay().await.unwrap();
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &create("example.com")).unwrap();
    let code = code_on(&screen).await;
    let phone = scene
        .world
        .phone(&code, &["--domain-id", "0"])
        .await
        .unwrap();
    assert_eq!(device.status(&channel).await, Ok(0), "{:?}", scene.lines);
    assert_eq!(programs::end(phone).await.unwrap().code, Some(0));
    nothing_on(&screen).await;
}

#[tokio::test]
async fn a_window_that_is_killed_ends_its_request_and_not_the_agent() {
    programs::build();
    let screen = Screen::bare().await;
    let mut scene = Scene::with(|_| Some(window_on(&screen))).await;
    let (mut device, channel) = scene.device().await;
    let mut last = String::new();
    for _ in 0..2 {
        device.command(&channel, &create("example.com")).unwrap();
        last = screen
            .until("another code", async || {
                screen.code().filter(|code| *code != last)
            })
            .await;
        let since = Instant::now();
        let process = process_on(&screen);
        rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
        assert_eq!(device.status(&channel).await, Ok(CANCELLED));
        assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
        nothing_on(&screen).await;
    }
    scene.written("code=UH14").await;
    assert!(!scene.agent.unwrap().0.is_finished());
}

#[tokio::test]
async fn a_window_goes_when_the_program_cancels() {
    programs::build();
    let screen = Screen::bare().await;
    let mut scene = Scene::with(|_| Some(window_on(&screen))).await;
    let (mut device, channel) = scene.device().await;
    device
        .command(&channel, &get("example.com", &[7; 16]))
        .unwrap();
    code_on(&screen).await;
    let since = Instant::now();
    device.cancel(&channel).unwrap();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    nothing_on(&screen).await;
    assert!(since.elapsed() < 2 * SECOND, "{:?}", since.elapsed());
}

#[tokio::test]
async fn the_program_hybridd_finds_its_window_and_no_log_has_its_code() {
    programs::build();
    let screen = Screen::bare().await;
    let mut scene = Scene::bare().await;
    let mut command = scene.world.command("hybridd");
    command
        .args(["agent"])
        .env("RUST_LOG", "trace")
        .env("DISPLAY", screen.display())
        .env("XDG_RUNTIME_DIR", screen.folder())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
        .env("GDK_BACKEND", "x11")
        .env("GSK_RENDERER", "cairo")
        .env("GTK_A11Y", "none");
    let mut agent = command.spawn().unwrap();
    let said = listen(&mut agent).await;
    let (mut device, channel) = scene.device().await;
    device.command(&channel, &create("example.com")).unwrap();
    let code = code_on(&screen).await;
    device.cancel(&channel).unwrap();
    assert_eq!(device.status(&channel).await, Ok(CANCELLED));
    nothing_on(&screen).await;
    until("the request's line", || {
        said.lock()
            .unwrap()
            .contains("operation=\"create\"")
            .then_some(())
    })
    .await;
    let log = said.lock().unwrap().clone();
    assert!(!log.contains(&code) && !log.contains("FIDO:/"), "{log}");
    let secret = QrCode::parse(&code).unwrap().secret;
    assert!(!log.contains(&hex::encode(secret.expose())));
}
