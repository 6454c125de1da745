//! Carries what happens to the window's state, and what follows from it to the screen, to the agent
//! and to the clipboard. It decides nothing.

use crate::focus;
use crate::widgets::Widgets;
use gtk::prelude::*;
use gtk::{gdk, glib};
use hybrid_prompt::{PromptWindow, WindowOutput, WindowView};
use hybrid_prompt_line::PromptLine;
use std::cell::RefCell;
use std::io::{self, Write as _};
use std::rc::Rc;
use std::time::Instant;

/// A window and its state.
pub(crate) struct Carrier {
    application: gtk::Application,
    state: Rc<RefCell<PromptWindow>>,
    widgets: Widgets,
    drawn: RefCell<Option<WindowView>>,
    timer: RefCell<Option<glib::SourceId>>,
}

impl Carrier {
    /// A window that is not shown before something is asked.
    pub(crate) fn new(application: &gtk::Application, window: PromptWindow) -> Rc<Self> {
        let state = Rc::new(RefCell::new(window));
        let carrier = Rc::new_cyclic(|carrier: &std::rc::Weak<Self>| {
            let pressed = carrier.clone();
            let press = move |button| {
                if let Some(carrier) = pressed.upgrade() {
                    carrier.change(|window, now| window.handle_press(button, now));
                }
            };
            Self {
                application: application.clone(),
                widgets: Widgets::new(application, &state, press),
                state,
                drawn: RefCell::default(),
                timer: RefCell::default(),
            }
        });
        carrier.listen();
        carrier
    }

    /// Something happens.
    pub(crate) fn change(self: &Rc<Self>, input: impl FnOnce(&mut PromptWindow, Instant)) {
        input(&mut self.state.borrow_mut(), Instant::now());
        loop {
            let output = self.state.borrow_mut().poll_output();
            match output {
                Some(output) => self.perform(output),
                None => break,
            }
        }
        let view = self.state.borrow().view();
        if self.drawn.borrow().as_ref() != Some(&view) {
            self.widgets.draw(&view);
            if !view.program.is_empty() || !view.how.is_empty() {
                self.show();
            }
            self.drawn.replace(Some(view));
        }
        self.wind();
    }

    fn show(self: &Rc<Self>) {
        let window = self.widgets.window();
        if window.is_visible() {
            return;
        }
        self.widgets.fit();
        WidgetExt::realize(window);
        focus::leave_where_it_is(window);
        let carrier = Rc::downgrade(self);
        if let Some(clock) = window.frame_clock() {
            clock.connect_after_paint(move |_| {
                if let Some(carrier) = carrier.upgrade() {
                    carrier.change(PromptWindow::handle_painted);
                }
            });
        }
        window.set_visible(true);
    }

    fn perform(&self, output: WindowOutput) {
        match output {
            WindowOutput::Say(line) => say(line),
            WindowOutput::Announce(text) => self.widgets.announce(&text),
            WindowOutput::Copy(text) => self.widgets.window().clipboard().set_text(&text),
            WindowOutput::Leave => {
                self.widgets.window().set_visible(false);
                self.application.quit();
            }
        }
    }

    /// Sets the clock for what comes next.
    fn wind(self: &Rc<Self>) {
        if let Some(timer) = self.timer.take() {
            timer.remove();
        }
        let Some(due) = self.state.borrow().poll_timeout() else {
            return;
        };
        let carrier = Rc::downgrade(self);
        let rest = due.saturating_duration_since(Instant::now());
        let timer = glib::timeout_add_local_once(rest, move || {
            if let Some(carrier) = carrier.upgrade() {
                // It has run, and cannot be removed.
                let _ = carrier.timer.take();
                carrier.change(PromptWindow::handle_timeout);
            }
        });
        self.timer.replace(Some(timer));
    }

    fn listen(self: &Rc<Self>) {
        let window = self.widgets.window();
        let carrier = Rc::downgrade(self);
        window.connect_close_request(move |_| {
            if let Some(carrier) = carrier.upgrade() {
                carrier.change(|window, _| window.handle_close());
            }
            glib::Propagation::Stop
        });
        let carrier = Rc::downgrade(self);
        let keys = gtk::EventControllerKey::new();
        keys.connect_key_pressed(move |_, key, _, _| {
            if key != gdk::Key::Escape {
                return glib::Propagation::Proceed;
            }
            if let Some(carrier) = carrier.upgrade() {
                carrier.change(PromptWindow::handle_escape);
            }
            glib::Propagation::Stop
        });
        window.add_controller(keys);
    }
}

/// An agent that is gone is seen by its lines' end.
fn say(line: PromptLine) {
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "{}", line.to_json());
    let _ = output.flush();
}
