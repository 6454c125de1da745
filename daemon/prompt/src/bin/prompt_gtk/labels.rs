//! Labels as this window has them: they wrap, and know their language.

use gtk::pango;
use gtk::prelude::*;

/// So many characters are a line that people read well; fewer fit where texts are large.
const WIDTH: (i32, i32) = (26, 46);

/// A text that wraps.
pub(crate) fn wrapped() -> gtk::Label {
    gtk::Label::builder()
        .wrap(true)
        .wrap_mode(pango::WrapMode::WordChar)
        .xalign(0.0)
        .width_chars(WIDTH.0)
        .max_width_chars(WIDTH.1)
        .build()
}

/// The same with a class of the style sheet.
pub(crate) fn styled(class: &str) -> gtk::Label {
    let label = wrapped();
    label.add_css_class(class);
    label
}

/// A text of the diagnosis, which is English in every session: screen readers are told, and read it
/// with an English voice.
pub(crate) fn english() -> gtk::Label {
    let label = wrapped();
    let attributes = pango::AttrList::new();
    attributes.insert(pango::AttrLanguage::new(&pango::Language::from_string(
        "en",
    )));
    label.set_attributes(Some(&attributes));
    label
}

/// Shows a text, or nothing.
pub(crate) fn set(label: &gtk::Label, text: &str) {
    if label.text() != text {
        label.set_text(text);
    }
    label.set_visible(!text.is_empty());
}

/// What GtkBuilder makes of an object with an accessible name. Names by code need GTK 4.10.
pub(crate) fn named<T: IsA<gtk::glib::Object>>(
    class: &str,
    properties: &str,
    name: &str,
    description: &str,
) -> Option<T> {
    let escape = |text| gtk::glib::markup_escape_text(text);
    let (name, description) = (escape(name), escape(description));
    let xml = format!(
        "<interface><object class=\"{class}\" id=\"it\">{properties}<accessibility>\
         <property name=\"label\">{name}</property>\
         <property name=\"description\">{description}</property>\
         </accessibility></object></interface>"
    );
    gtk::Builder::from_string(&xml).object("it")
}
