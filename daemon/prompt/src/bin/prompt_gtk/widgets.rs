//! All that the window is made of.

use crate::code_area::MODULES;
use crate::labels;
use crate::report_page::ReportPage;
use crate::request_page::RequestPage;
use gtk::prelude::*;
use gtk::{gdk, glib};
use hybrid_prompt::{PromptWindow, WindowButton, WindowText, WindowView};
use std::cell::RefCell;
use std::rc::Rc;

/// In the order in which they stand.
const BUTTONS: [WindowButton; 8] = [
    WindowButton::NewCode,
    WindowButton::Use,
    WindowButton::Report,
    WindowButton::Copy,
    WindowButton::Back,
    WindowButton::NotNow,
    WindowButton::Cancel,
    WindowButton::Close,
];
/// What desktops keep for panels and frames.
const DESKTOP: i32 = 80;

pub(crate) struct Widgets {
    window: gtk::ApplicationWindow,
    request: RequestPage,
    report: ReportPage,
    buttons: Vec<(WindowButton, gtk::Button)>,
    announcement: gtk::Label,
}

impl Widgets {
    /// Hidden, with buttons that call `press`.
    pub(crate) fn new(
        application: &gtk::Application,
        state: &Rc<RefCell<PromptWindow>>,
        press: impl Fn(WindowButton) + Clone + 'static,
    ) -> Self {
        let title = state.borrow().texts().say(WindowText::WindowTitle);
        let window = gtk::ApplicationWindow::builder()
            .application(application)
            .title(title)
            .build();
        let (request, report) = (RequestPage::new(state), ReportPage::new(&state.borrow()));
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 6);
        let announcement: gtk::Label = labels::named(
            "GtkLabel",
            "<property name=\"accessible-role\">alert</property>",
            "",
            "",
        )
        .unwrap_or_default();
        announcement.add_css_class("announcement");
        announcement.set_ellipsize(gtk::pango::EllipsizeMode::End);
        // It takes the room that the buttons leave.
        announcement.set_hexpand(true);
        row.append(&announcement);
        let buttons: Vec<_> = BUTTONS
            .into_iter()
            .map(|button| {
                let widget = gtk::Button::new();
                widget.set_visible(false);
                let press = press.clone();
                widget.connect_clicked(move |_| press(button));
                row.append(&widget);
                (button, widget)
            })
            .collect();
        let all = gtk::Box::new(gtk::Orientation::Vertical, 12);
        all.add_css_class("prompt");
        // One of them is visible. A stack would tell screen readers of both; and without a transition
        // whoever asked for less motion gets none.
        all.append(request.widget());
        all.append(report.widget());
        all.append(&row);
        window.set_child(Some(&all));
        style(&window);
        Self {
            window,
            request,
            report,
            buttons,
            announcement,
        }
    }

    pub(crate) const fn window(&self) -> &gtk::ApplicationWindow {
        &self.window
    }

    pub(crate) fn draw(&self, view: &WindowView) {
        self.request.draw(view);
        self.report.draw(view);
        self.request.widget().set_visible(view.report.is_none());
        self.report.widget().set_visible(view.report.is_some());
        for (button, widget) in &self.buttons {
            let shown = view.buttons.iter().find(|(shown, _)| shown == button);
            widget.set_visible(shown.is_some());
            if let Some((_, label)) = shown
                && widget.label().as_deref() != Some(label)
            {
                widget.set_label(label);
            }
        }
    }

    /// As large as it is read well, and no larger than the screen.
    pub(crate) fn fit(&self) {
        let (most_wide, most_high) = screen(&self.window).unwrap_or((i32::MAX, i32::MAX));
        let (mut width, mut height) = (0, 0);
        for module in MODULES {
            self.request.code.set_module(module);
            let (least_wide, wide, _, _) = self.window.measure(gtk::Orientation::Horizontal, -1);
            width = wide.min(most_wide).max(least_wide);
            let (least_high, high, _, _) = self.window.measure(gtk::Orientation::Vertical, width);
            height = high.min(most_high).max(least_high);
            if width <= most_wide && height <= most_high {
                break;
            }
        }
        self.window.set_default_size(width, height);
    }

    /// Has a screen reader say this: an alert that appears.
    pub(crate) fn announce(&self, text: &str) {
        let label = self.announcement.clone();
        label.set_visible(false);
        label.set_text(text);
        glib::idle_add_local_once(move || label.set_visible(true));
    }
}

fn screen(window: &gtk::ApplicationWindow) -> Option<(i32, i32)> {
    let monitors = WidgetExt::display(window).monitors();
    let smallest = |edge: fn(&gdk::Rectangle) -> i32| {
        let monitors = monitors.iter::<gdk::Monitor>().filter_map(Result::ok);
        monitors.map(|monitor| edge(&monitor.geometry())).min()
    };
    let width = smallest(gdk::Rectangle::width)?;
    let height = smallest(gdk::Rectangle::height)?;
    Some((width, height - DESKTOP))
}

fn style(window: &gtk::ApplicationWindow) {
    let provider = gtk::CssProvider::new();
    provider.load_from_data(include_str!("style.css"));
    let display = WidgetExt::display(window);
    let priority = gtk::STYLE_PROVIDER_PRIORITY_APPLICATION;
    gtk::style_context_add_provider_for_display(&display, &provider, priority);
}
