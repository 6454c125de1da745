//! The window by the keyboard alone, and beside a window that has the keyboard.

use crate::accessibility::Accessibility;
use crate::asked::{ARMED, finding, get, read, shown};
use crate::prompt::{PLAIN, code};
use crate::screen::Screen;
use serde_json::json;
use std::time::Duration;
use tokio::process::Command;

#[tokio::test]
async fn with_the_keyboard_alone_everything_is_reached() {
    let screen = Screen::managed().await;
    let accessibility = Accessibility::start(&screen).await;
    let bus = Some(accessibility.address());
    let mut prompt = shown(&screen, PLAIN, bus, get()).await;
    focus_by_hand(&screen).await;
    prompt.event(finding()).await;
    tokio::time::sleep(ARMED).await;
    // Round until the button has the focus, then Enter or the space bar.
    let go = async |name: &str, key: &str| {
        screen
            .until(name, async || {
                let tree = accessibility.tree().await;
                if tree.iter().any(|told| told.focused && told.name == name) {
                    return Some(());
                }
                screen.press(&["Tab"]).await;
                None
            })
            .await;
        screen.press(&[key]).await;
    };
    let sees = async |name: &str| {
        let look = async || {
            accessibility
                .texts()
                .await
                .iter()
                .any(|text| text == name)
                .then_some(())
        };
        screen.until(name, look).await;
    };
    go("Report", "Return").await;
    sees("What happened").await;
    screen.press(&["Escape"]).await;
    sees("New code").await;
    go("New code", "space").await;
    assert_eq!(prompt.word().await.as_deref(), Some("new-code"));
    prompt.tell(json!({"ev": "code", "text": code(2)})).await;
    read(&screen, &code(2)).await;
    go("Not now", "Return").await;
    assert_eq!(prompt.word().await.as_deref(), Some("not-now"));
    assert!(prompt.ended().await.0.success());

    let mut prompt = shown(&screen, PLAIN, bus, get()).await;
    focus_by_hand(&screen).await;
    let escaped = async || {
        screen.press(&["Escape"]).await;
        let word = tokio::time::timeout(Duration::from_millis(200), prompt.word()).await;
        word.ok().flatten()
    };
    assert_eq!(screen.until("Escape counts", escaped).await, "cancel");
    assert!(prompt.ended().await.0.success());
}

/// A person clicks into the window, or the desktop leads them there.
async fn focus_by_hand(screen: &Screen) {
    let found = async || {
        let ids = screen
            .tool(
                "xdotool",
                &["search", "--onlyvisible", "--name", "Passkey on"],
            )
            .await;
        let id = ids.lines().last()?.to_owned();
        screen
            .tool("xdotool", &["windowactivate", "--sync", &id])
            .await;
        (screen.tool("xdotool", &["getactivewindow"]).await == id).then_some(())
    };
    screen.until("the window has the keyboard", found).await;
}

#[tokio::test]
async fn who_types_elsewhere_goes_on_typing_there() {
    let screen = Screen::managed().await;
    // Any window, over the whole screen.
    let other = Command::new("xev")
        .args([
            "-geometry",
            "1200x600",
            "-event",
            "keyboard",
            "-name",
            "other",
        ])
        .env("DISPLAY", screen.display())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("xev (Debian: x11-utils)");
    let active = async || {
        let args = ["getactivewindow", "getwindowname"];
        screen.tool("xdotool", &args).await
    };
    let activated = async || {
        let args = [
            "search",
            "--onlyvisible",
            "--name",
            "^other$",
            "windowactivate",
        ];
        screen.tool("xdotool", &args).await;
        (active().await == "other").then_some(())
    };
    screen.until("the other window", activated).await;
    let mut prompt = shown(&screen, PLAIN, None, get()).await;
    assert_eq!(active().await, "other");
    screen.press(&["Return", "space", "Escape", "a"]).await;
    screen.keep("beside-another-window");
    assert_eq!(active().await, "other");
    // Nothing was said but what is asked for now.
    prompt.tell(json!({"ev": "close"})).await;
    assert_eq!(prompt.word().await, None);
    assert!(prompt.ended().await.0.success());
    drop(other);
}
