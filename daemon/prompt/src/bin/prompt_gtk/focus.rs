//! The window asks nobody for the keyboard: who types in another window goes on typing there.

use gdk4_x11::X11Surface;
use gtk::prelude::*;

/// Says so, before the window is mapped. On X11 a user time of 0 means it (EWMH, `_NET_WM_USER_TIME`);
/// on Wayland a window without an activation token has not asked.
pub(crate) fn leave_where_it_is(window: &impl IsA<gtk::Native>) {
    if let Some(surface) = window.surface().and_downcast::<X11Surface>() {
        surface.set_user_time(0);
    }
}
