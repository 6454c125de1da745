//! The whole report, to read and to copy.

use crate::labels;
use gtk::prelude::*;
use hybrid_prompt::{PromptWindow, WindowText, WindowView};

pub(crate) struct ReportPage {
    page: gtk::Box,
    heading: gtk::Label,
    text: gtk::TextView,
    news: gtk::Label,
    english: gtk::TextTag,
}

impl ReportPage {
    pub(crate) fn new(window: &PromptWindow) -> Self {
        let name = window.texts().say(WindowText::ReportTitle);
        let text: gtk::TextView = labels::named("GtkTextView", "", &name, "").unwrap_or_default();
        text.set_editable(false);
        text.set_monospace(true);
        text.set_wrap_mode(gtk::WrapMode::WordChar);
        // Tab leads on to the buttons.
        text.set_accepts_tab(false);
        let english = gtk::TextTag::builder().language("en").build();
        text.buffer().tag_table().add(&english);
        let scrolled = gtk::ScrolledWindow::builder()
            .overlay_scrolling(false)
            .vexpand(true)
            .hexpand(true)
            .child(&text)
            .build();
        let this = Self {
            page: gtk::Box::new(gtk::Orientation::Vertical, 6),
            heading: labels::styled("headline"),
            text,
            news: labels::styled("news"),
            english,
        };
        this.page.append(&this.heading);
        this.page.append(&scrolled);
        this.page.append(&this.news);
        this
    }

    pub(crate) const fn widget(&self) -> &gtk::Box {
        &self.page
    }

    pub(crate) fn draw(&self, view: &WindowView) {
        let Some((heading, text)) = &view.report else {
            return;
        };
        labels::set(&self.heading, heading);
        labels::set(&self.news, &view.news);
        let buffer = self.text.buffer();
        let (start, end) = buffer.bounds();
        if buffer.text(&start, &end, true) != *text {
            buffer.set_text(text);
            let (start, end) = buffer.bounds();
            buffer.apply_tag(&self.english, &start, &end);
            buffer.place_cursor(&buffer.start_iter());
        }
    }
}
