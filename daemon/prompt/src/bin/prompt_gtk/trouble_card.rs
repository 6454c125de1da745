//! What hangs, what it means and what to do: the findings' own words, in English.

use crate::labels;
use gtk::prelude::*;
use hybrid_prompt::TroubleView;

pub(crate) struct TroubleCard {
    card: gtk::Box,
    heading: gtk::Label,
    name: gtk::Label,
    saw: gtk::Label,
    means_heading: gtk::Label,
    means: gtk::Label,
    todo_heading: gtk::Label,
    todo: gtk::Label,
}

impl TroubleCard {
    pub(crate) fn new() -> Self {
        let card = gtk::Box::new(gtk::Orientation::Vertical, 4);
        card.add_css_class("trouble");
        let this = Self {
            heading: labels::styled("heading"),
            name: labels::english(),
            saw: labels::english(),
            means_heading: labels::styled("heading"),
            means: labels::english(),
            todo_heading: labels::styled("heading"),
            todo: labels::english(),
            card,
        };
        for label in this.labels() {
            this.card.append(label);
        }
        this
    }

    pub(crate) const fn widget(&self) -> &gtk::Box {
        &self.card
    }

    pub(crate) fn draw(&self, trouble: Option<&TroubleView>) {
        self.card.set_visible(trouble.is_some());
        let Some(trouble) = trouble else {
            return;
        };
        let texts = [
            &trouble.heading,
            &trouble.name,
            &trouble.saw,
            &trouble.todo_heading,
            &trouble.todo,
            &trouble.means_heading,
            &trouble.means,
        ];
        for (label, text) in self.labels().into_iter().zip(texts) {
            labels::set(label, text);
        }
    }

    /// What to do comes before what it means: there may be little room.
    const fn labels(&self) -> [&gtk::Label; 7] {
        [
            &self.heading,
            &self.name,
            &self.saw,
            &self.todo_heading,
            &self.todo,
            &self.means_heading,
            &self.means,
        ]
    }
}
