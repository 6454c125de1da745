//! Light or dark, as the desktop has it: GTK itself asks no portal, and libadwaita is no dependency.

use crate::secrecy;
use gtk::gio;
use gtk::glib;
use gtk::prelude::*;
use std::time::Duration;

/// `org.freedesktop.appearance color-scheme`
const DARK: u32 = 1;
/// For the bus and the portal together.
const PATIENCE: Duration = Duration::from_secs(2);
/// The bus's own limit does not come first.
const NO_LIMIT_OF_ITS_OWN: i32 = i32::MAX;

/// Asks the desktop once; who does not answer has the theme's own.
pub(crate) fn follow() {
    glib::spawn_future_local(async {
        let scheme = glib::future_with_timeout(PATIENCE, scheme()).await;
        if matches!(scheme, Ok(Some(DARK)))
            && let Some(settings) = gtk::Settings::default()
        {
            settings.set_gtk_application_prefer_dark_theme(true);
        }
        secrecy::close();
    });
}

async fn scheme() -> Option<u32> {
    let bus = gio::bus_get_future(gio::BusType::Session).await.ok()?;
    let asked = ("org.freedesktop.appearance", "color-scheme").to_variant();
    let answer = bus
        .call_future(
            Some("org.freedesktop.portal.Desktop"),
            "/org/freedesktop/portal/desktop",
            "org.freedesktop.portal.Settings",
            "Read",
            Some(&asked),
            None,
            gio::DBusCallFlags::NO_AUTO_START,
            NO_LIMIT_OF_ITS_OWN,
        )
        .await
        .ok()?;
    // A variant within a variant.
    answer.child_value(0).as_variant()?.as_variant()?.get()
}
