//! The code: black on white whatever the theme, in whole pixels, without a pointer over it.

use crate::labels;
use gtk::cairo;
use gtk::prelude::*;
use hybrid_prompt::{CodeSquare, CodeView, PromptWindow, WindowText, WindowView};
use std::cell::RefCell;
use std::rc::Rc;

/// A module is at least so large, and usually [`USUAL`]: cameras read smaller ones from less far.
const SMALLEST: i32 = 4;
const USUAL: i32 = 8;
/// Modules along a side of a usual code, quiet zone included: room is made before it is there.
const EXPECTED: i32 = 45;

/// Where the code is, or a text.
pub(crate) struct CodeArea {
    place: gtk::Box,
    area: gtk::DrawingArea,
    text: gtk::Label,
    state: Rc<RefCell<PromptWindow>>,
}

impl CodeArea {
    pub(crate) fn new(state: &Rc<RefCell<PromptWindow>>) -> Self {
        let area = {
            let window = state.borrow();
            let texts = window.texts();
            labels::named(
                "GtkDrawingArea",
                "<property name=\"accessible-role\">img</property>",
                &texts.say(WindowText::CodeName),
                &texts.say(WindowText::CodeDescription),
            )
            .unwrap_or_default()
        };
        let area: gtk::DrawingArea = area;
        // The keyboard begins here, where it can do no harm.
        area.set_focusable(true);
        area.set_cursor_from_name(Some("none"));
        area.set_hexpand(true);
        area.set_vexpand(true);
        area.set_content_width(EXPECTED * SMALLEST);
        area.set_content_height(EXPECTED * SMALLEST);
        let painted = Rc::clone(state);
        area.set_draw_func(move |_, context, width, height| {
            if let Some(code) = painted.borrow().code() {
                // A context that fails draws nothing, and the program knows of no code shown.
                let _ = paint(code, context, width.min(height), (width, height));
            }
        });
        let text = labels::styled("in-place-of-code");
        text.set_justify(gtk::Justification::Center);
        text.set_xalign(0.5);
        text.set_width_chars(12);
        text.set_hexpand(true);
        text.set_vexpand(true);
        text.set_size_request(EXPECTED * SMALLEST, EXPECTED * SMALLEST);
        // What is not seen is not there, also for screen readers: a stack tells them of all its pages.
        let place = gtk::Box::new(gtk::Orientation::Horizontal, 0);
        place.append(&area);
        place.append(&text);
        let state = Rc::clone(state);
        Self {
            place,
            area,
            text,
            state,
        }
    }

    pub(crate) const fn widget(&self) -> &gtk::Box {
        &self.place
    }

    pub(crate) fn draw(&self, view: &WindowView) {
        self.place.set_visible(view.code != CodeView::Absent);
        if let Some(code) = self.state.borrow().code() {
            let side = length(code) * SMALLEST;
            self.area.set_content_width(side);
            self.area.set_content_height(side);
        }
        let is_shown = matches!(view.code, CodeView::Shown(_));
        self.area.set_visible(is_shown);
        self.area.queue_draw();
        labels::set(&self.text, &view.in_place_of_code);
    }

    /// What a code wants more than it needs.
    pub(crate) fn wish(&self) -> i32 {
        if self.place.get_visible() {
            EXPECTED * (USUAL - SMALLEST)
        } else {
            0
        }
    }
}

fn length(code: &CodeSquare) -> i32 {
    i32::try_from(code.side()).unwrap_or_default()
}

fn paint(
    code: &CodeSquare,
    context: &cairo::Context,
    free: i32,
    (width, height): (i32, i32),
) -> Result<(), cairo::Error> {
    let module = code.module_pixels(free);
    let side = length(code) * module;
    // Whole pixels, also where the rest is odd.
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    context.set_antialias(cairo::Antialias::None);
    context.set_source_rgb(1.0, 1.0, 1.0);
    context.rectangle(left.into(), top.into(), side.into(), side.into());
    context.fill()?;
    context.set_source_rgb(0.0, 0.0, 0.0);
    for (row, column, modules) in code.bars() {
        let pixels = |count: usize| i32::try_from(count).unwrap_or_default() * module;
        let (x, y) = (left + pixels(column), top + pixels(row));
        let (width, height) = (pixels(modules), module);
        context.rectangle(x.into(), y.into(), width.into(), height.into());
    }
    context.fill()
}
