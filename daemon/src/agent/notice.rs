//! Notifications of the desktop: what a person is told when there is no prompt to tell it. Never a
//! code, and never for whom it was.

use hybrid_diagnosis::catalogue::Entry;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use zbus::{Connection, Variant, connection};

/// The same is not told again before this: a browser may ask many times.
const SILENCE: Duration = Duration::from_secs(60);
/// Nobody waits for a desktop that does not answer.
const CALL: Duration = Duration::from_secs(2);
const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Tells things by way of the session bus. Where there is none they are not told.
#[derive(Default)]
pub struct Notices {
    told: Mutex<Vec<(&'static str, Instant)>>,
}

impl Notices {
    /// Tells a cause, and what to do about it, in a task of its own.
    pub fn tell(&self, entry: &'static Entry, now: Instant) {
        if self.is_new(entry.code, now) {
            tokio::spawn(async move {
                if let Err(error) = notify(entry).await {
                    tracing::debug!(code = entry.code, %error, "no notification");
                }
            });
        }
    }

    fn is_new(&self, code: &'static str, now: Instant) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|(_, at)| now.saturating_duration_since(*at) < SILENCE);
        let is_new = told.iter().all(|(known, _)| *known != code);
        if is_new {
            told.push((code, now));
        }
        is_new
    }
}

async fn notify(entry: &'static Entry) -> zbus::Result<()> {
    let builder = connection::Builder::session().method_timeout(CALL);
    let connection = match tokio::time::timeout(CALL, builder.build()).await {
        Ok(connection) => connection?,
        Err(_) => return Err(zbus::Error::Failure("the bus does not respond".to_owned())),
    };
    send(&connection, entry).await
}

async fn send(connection: &Connection, entry: &Entry) -> zbus::Result<()> {
    let summary = format!("Phone as a security key: {}", entry.name);
    let body = format!("{} {} ({})", entry.means, entry.todo, entry.code);
    let hints = HashMap::<&str, Variant<'_>>::new();
    let message = (
        "hybridd",
        0_u32,
        "",
        summary.as_str(),
        body.as_str(),
        Vec::<&str>::new(),
        hints,
        -1_i32,
    );
    connection
        .call_method(Some(NAME), PATH, Some(NAME), "Notify", &message)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once_a_minute() {
        let (notices, now) = (Notices::default(), Instant::now());
        assert!(notices.is_new("UH14", now));
        assert!(!notices.is_new("UH14", now + SILENCE / 2));
        assert!(notices.is_new("UH19", now + SILENCE / 2));
        assert!(notices.is_new("UH14", now + SILENCE));
    }
}
