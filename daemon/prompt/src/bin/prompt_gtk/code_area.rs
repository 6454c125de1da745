//! The code: black on white whatever the theme, in whole pixels, without a pointer over it.

use crate::labels;
use gtk::cairo;
use gtk::prelude::*;
use hybrid_prompt::{CodeSquare, CodeView, PromptWindow, WindowText, WindowView};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A module's pixels, best first: cameras read larger ones from farther away.
pub(crate) const MODULES: [i32; 5] = [8, 7, 6, 5, 4];
/// Modules along a side of a usual code, quiet zone included: room is made before it is there.
const EXPECTED: i32 = 45;

/// Where the code is, or a text.
pub(crate) struct CodeArea {
    place: gtk::Box,
    area: gtk::DrawingArea,
    text: gtk::Label,
    state: Rc<RefCell<PromptWindow>>,
    module: Cell<i32>,
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
        area.set_valign(gtk::Align::Start);
        let painted = Rc::clone(state);
        area.set_draw_func(move |_, context, width, height| {
            let mut window = painted.borrow_mut();
            let free = width.min(height);
            let code = window.code();
            let done = code.map(|code| paint(code, context, free, (width, height)));
            // A context that fails draws nothing, and the program is not told of a code that nobody sees.
            if let Some(Ok(())) = done {
                window.handle_code_painted();
            }
        });
        let text = labels::styled("in-place-of-code");
        text.set_justify(gtk::Justification::Center);
        text.set_xalign(0.5);
        text.set_width_chars(12);
        text.set_max_width_chars(12);
        text.set_valign(gtk::Align::Start);
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
            module: Cell::new(MODULES[0]),
        }
    }

    pub(crate) const fn widget(&self) -> &gtk::Box {
        &self.place
    }

    pub(crate) fn draw(&self, view: &WindowView) {
        self.place.set_visible(view.code != CodeView::Absent);
        self.measure();
        let is_shown = matches!(view.code, CodeView::Shown(_));
        self.area.set_visible(is_shown);
        self.area.queue_draw();
        labels::set(&self.text, &view.in_place_of_code);
    }

    /// Its modules have so many pixels from now on, whatever happens beside it: a camera may be
    /// reading.
    pub(crate) fn set_module(&self, pixels: i32) {
        self.module.set(pixels);
        self.measure();
    }

    fn measure(&self) {
        let modules = self.state.borrow().code().map_or(EXPECTED, length);
        let side = modules * self.module.get();
        self.area.set_content_width(side);
        self.area.set_content_height(side);
        self.text.set_size_request(side, side);
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
