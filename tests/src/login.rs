//! A fake logind and a fake polkit on a private bus: who is in front, and what the administrator
//! allows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, OwnedObjectPath, OwnedVariant, connection, interface};

const MANAGER: &str = "/org/freedesktop/login1";
const SEAT: &str = "/org/freedesktop/login1/seat/seat0";
const SELF: &str = "/org/freedesktop/login1/user/self";
const AUTHORITY: &str = "/org/freedesktop/PolicyKit1/Authority";

/// A session.
#[derive(Clone, Debug)]
pub struct LoginSession {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub uid: u32,
    /// Their name.
    pub name: String,
    /// Where they sit; empty when that is elsewhere.
    pub seat: String,
}

#[derive(Default)]
struct State {
    sessions: Vec<LoginSession>,
    active: String,
    forbidden: bool,
    locked: bool,
}

/// logind and polkit, until this is dropped.
pub struct Login {
    connection: Connection,
    state: Arc<Mutex<State>>,
    pause: Arc<Pause>,
}

/// Whether questions are left to wait, and how many do.
#[derive(Default)]
struct Pause {
    held: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

impl Pause {
    /// Waits until it is over.
    async fn over(&self) {
        let mut held = self.held.subscribe();
        self.waiting.send_modify(|count| *count += 1);
        // The sender is this value's own.
        let _ = held.wait_for(|held| !*held).await;
        self.waiting.send_modify(|count| *count -= 1);
    }
}

impl Login {
    /// Comes to the bus with nobody logged in and everything allowed.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn start(address: &str) -> zbus::Result<Self> {
        let state = Arc::<Mutex<State>>::default();
        let pause = Arc::<Pause>::default();
        let connection = connection::Builder::address(address)
            .name("org.freedesktop.login1")
            .name("org.freedesktop.PolicyKit1")
            .serve_at(MANAGER, Manager(Arc::clone(&state), Arc::clone(&pause)))
            .serve_at(SEAT, Seat(Arc::clone(&state)))
            .serve_at(SELF, OwnUser)
            .serve_at(SELF, OwnScreen(Arc::clone(&state)))
            .serve_at(AUTHORITY, Polkit(Arc::clone(&state), Arc::clone(&pause)))
            .build()
            .await?;
        Ok(Self {
            connection,
            state,
            pause,
        })
    }

    /// From now on who asks for sessions or permissions waits, or no more.
    pub fn hold(&self, held: bool) {
        self.pause.held.send_replace(held);
    }

    /// Waits until somebody waits.
    pub async fn is_asked(&self) {
        // The sender is this value's own.
        let _ = (self.pause.waiting.subscribe())
            .wait_for(|count| *count > 0)
            .await;
    }

    /// A session begins, in the background.
    pub fn log_in(&self, id: &str, uid: u32, seat: &str) {
        lock(&self.state).sessions.push(LoginSession {
            id: id.to_owned(),
            uid,
            name: format!("user{uid}"),
            seat: seat.to_owned(),
        });
    }

    /// This session comes to the front of seat0; none with an empty id.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn switch(&self, id: &str) -> zbus::Result<()> {
        id.clone_into(&mut lock(&self.state).active);
        let server = self.connection.object_server();
        let seat = server.interface::<_, Seat>(SEAT).await?;
        seat.get()
            .await
            .active_session_changed(seat.signal_emitter())
            .await
    }

    /// The screen of whoever asks is locked, or not.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn lock(&self, locked: bool) -> zbus::Result<()> {
        lock(&self.state).locked = locked;
        let server = self.connection.object_server();
        let screen = server.interface::<_, OwnScreen>(SELF).await?;
        screen
            .get()
            .await
            .locked_hint_changed(screen.signal_emitter())
            .await
    }

    /// The administrator's rules change.
    ///
    /// # Errors
    /// What D-Bus says.
    pub async fn allow(&self, allowed: bool) -> zbus::Result<()> {
        lock(&self.state).forbidden = !allowed;
        let server = self.connection.object_server();
        let polkit = server.interface::<_, Polkit>(AUTHORITY).await?;
        Polkit::changed(polkit.signal_emitter()).await
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn session_path(id: &str) -> OwnedObjectPath {
    let path = if id.is_empty() {
        "/".to_owned()
    } else {
        format!("{MANAGER}/session/_3{id}")
    };
    OwnedObjectPath::try_from(path).unwrap_or_default()
}

struct Manager(Arc<Mutex<State>>, Arc<Pause>);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    async fn list_sessions(&self) -> Vec<(String, u32, String, String, OwnedObjectPath)> {
        self.1.over().await;
        let sessions = lock(&self.0).sessions.clone();
        let row = |session: LoginSession| {
            let path = session_path(&session.id);
            (session.id, session.uid, session.name, session.seat, path)
        };
        sessions.into_iter().map(row).collect()
    }
}

struct Seat(Arc<Mutex<State>>);

#[interface(name = "org.freedesktop.login1.Seat")]
impl Seat {
    #[zbus(property)]
    fn active_session(&self) -> (String, OwnedObjectPath) {
        let active = lock(&self.0).active.clone();
        let path = session_path(&active);
        (active, path)
    }
}

/// Whoever asks. Their session is at the same path, which a real one's is not.
struct OwnUser;

#[interface(name = "org.freedesktop.login1.User")]
impl OwnUser {
    #[zbus(property)]
    fn display(&self) -> (String, OwnedObjectPath) {
        let path = OwnedObjectPath::try_from(SELF).unwrap_or_default();
        ("1".to_owned(), path)
    }
}

struct OwnScreen(Arc<Mutex<State>>);

#[interface(name = "org.freedesktop.login1.Session")]
impl OwnScreen {
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        lock(&self.0).locked
    }
}

struct Polkit(Arc<Mutex<State>>, Arc<Pause>);

#[interface(name = "org.freedesktop.PolicyKit1.Authority")]
impl Polkit {
    async fn check_authorization(
        &self,
        subject: (String, HashMap<String, OwnedVariant>),
        action_id: String,
        _details: HashMap<String, String>,
        flags: u32,
        _cancellation_id: String,
    ) -> (bool, bool, HashMap<String, String>) {
        self.1.over().await;
        // As a real one: a bus name is what the service knows for sure, and nobody is to be asked.
        let asked_well =
            subject.0 == "system-bus-name" && subject.1.contains_key("name") && flags == 0;
        let known = action_id == hybrid_key_bus::ACTION;
        let allowed = asked_well && known && !lock(&self.0).forbidden;
        (allowed, false, HashMap::new())
    }

    #[zbus(signal)]
    async fn changed(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}
