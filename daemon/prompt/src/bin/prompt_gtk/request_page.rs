//! The question, the code, the steps, and what hangs.

use crate::code_area::CodeArea;
use crate::labels;
use crate::trouble_card::TroubleCard;
use gtk::prelude::*;
use hybrid_prompt::{PromptWindow, StepMark, WindowView};
use std::cell::RefCell;
use std::rc::Rc;

/// A party with more characters is shown in smaller ones, so that all of it is seen.
const LONG: usize = 40;
const NOTES: usize = 3;

pub(crate) struct RequestPage {
    page: gtk::Box,
    headline: gtk::Label,
    party: gtk::Label,
    pub(crate) code: CodeArea,
    news: gtk::Label,
    trouble: TroubleCard,
    steps: [gtk::Label; 3],
    how: gtk::Label,
    program: gtk::Label,
    notes: [gtk::Label; NOTES],
}

impl RequestPage {
    pub(crate) fn new(state: &Rc<RefCell<PromptWindow>>) -> Self {
        let this = Self {
            page: gtk::Box::new(gtk::Orientation::Vertical, 6),
            headline: labels::styled("headline"),
            party: labels::styled("party"),
            code: CodeArea::new(state),
            news: labels::styled("news"),
            trouble: TroubleCard::new(),
            steps: [(); 3].map(|()| labels::wrapped()),
            how: labels::wrapped(),
            program: labels::wrapped(),
            notes: [(); NOTES].map(|()| labels::wrapped()),
        };
        for label in [&this.party, &this.program] {
            label.set_max_width_chars(-1);
        }
        this.page.append(&this.headline);
        this.page.append(&this.party);
        this.page.append(&this.program);
        let column = gtk::Box::new(gtk::Orientation::Vertical, 10);
        column.append(&this.news);
        column.append(this.trouble.widget());
        let steps = gtk::Box::new(gtk::Orientation::Vertical, 4);
        for step in &this.steps {
            steps.append(step);
        }
        column.append(&steps);
        column.append(&this.how);
        for note in &this.notes {
            column.append(note);
        }
        let scrolled = gtk::ScrolledWindow::builder()
            .hscrollbar_policy(gtk::PolicyType::Never)
            .overlay_scrolling(false)
            .propagate_natural_width(true)
            .propagate_natural_height(true)
            .hexpand(true)
            .vexpand(true)
            .child(&column)
            .build();
        let middle = gtk::Box::new(gtk::Orientation::Horizontal, 18);
        middle.append(this.code.widget());
        middle.append(&scrolled);
        this.page.append(&middle);
        this
    }

    pub(crate) const fn widget(&self) -> &gtk::Box {
        &self.page
    }

    pub(crate) fn draw(&self, view: &WindowView) {
        labels::set(&self.headline, &view.headline);
        labels::set(&self.party, &view.party);
        if view.party.chars().count() > LONG {
            self.party.add_css_class("long");
        }
        self.code.draw(view);
        labels::set(&self.news, &view.news);
        self.trouble.draw(view.trouble.as_ref());
        for (place, label) in self.steps.iter().enumerate() {
            let step = view.steps.get(place);
            let text = step.map(|step| format!("{} {}", sign(step.mark), step.text));
            labels::set(label, &text.unwrap_or_default());
            let active = step.is_some_and(|step| step.mark == StepMark::Active);
            label.set_css_classes(if active { &["active"] } else { &[] });
        }
        labels::set(&self.how, &view.how);
        for (place, label) in self.notes.iter().enumerate() {
            labels::set(label, view.notes.get(place).map_or("", String::as_str));
        }
        labels::set(&self.program, &view.program);
    }
}

/// Beside the words, which say the same.
const fn sign(mark: StepMark) -> &'static str {
    match mark {
        StepMark::Todo => "○",
        StepMark::Active => "➔",
        StepMark::Done => "✓",
        StepMark::Stopped => "✗",
    }
}
