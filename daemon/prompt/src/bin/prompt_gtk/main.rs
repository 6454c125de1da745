//! `prompt-gtk`: the window of a phone that is a security key. It reads the agent's lines from
//! standard input and writes the person's answers to standard output (docs/security-key.md); the
//! library decides what is on it.
//!
//! ```text
//! standard input ── input ──> carrier ──> widgets      drawn
//!                              │   └────> standard output, announcer, clipboard
//!                              └── hybrid_prompt::PromptWindow: decides
//! ```

mod appearance;
mod carrier;
mod code_area;
mod focus;
mod input;
mod labels;
mod report_page;
mod request_page;
mod secrecy;
mod trouble_card;
mod widgets;

use carrier::Carrier;
use gtk::prelude::*;
use gtk::{gio, glib};
use hybrid_prompt::{PromptWindow, TextLanguage, WindowTexts};
use std::env;
use std::rc::Rc;

/// What desktops know the window by; no name on a bus.
const APPLICATION: &str = "org.hybridd.Prompt";

fn main() -> glib::ExitCode {
    secrecy::leave_no_dump();
    let language = TextLanguage::of_session(|name| env::var(name).ok());
    glib::set_prgname(Some(APPLICATION));
    // Without a bus and beside others: each request has a process of its own.
    let application = gtk::Application::builder()
        .application_id(APPLICATION)
        .flags(gio::ApplicationFlags::NON_UNIQUE)
        .build();
    application.connect_activate(move |application| {
        let window = PromptWindow::new(WindowTexts::new(language));
        let carrier = Carrier::new(application, window);
        input::follow(Rc::clone(&carrier));
        // It outlives the agent's lines: who reads why it failed still has its buttons.
        application.connect_shutdown(move |_| drop(Rc::clone(&carrier)));
        appearance::follow();
    });
    // Arguments are nobody's way to a prompt.
    application.run_with_args::<&str>(&[])
}
