//! What a screen reader is told: a session bus and an accessibility bus of the test's own.

use crate::screen::{PATIENCE, Screen};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use zbus::{
    Connection, MatchRule, MessageStream, OwnedObjectPath, OwnedVariant, connection, message,
};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const REGISTRY: &str = "org.a11y.atspi.Registry";
const ROOT: &str = "/org/a11y/atspi/accessible/root";

/// A session with assistive technology.
pub struct Accessibility {
    address: String,
    connection: Connection,
    _session: Connection,
    _bus: Child,
}

/// Something on the screen, as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    pub role: String,
    pub name: String,
    pub description: String,
    pub shown: bool,
    pub focused: bool,
    owner: String,
    path: OwnedObjectPath,
}

impl Accessibility {
    pub async fn start(screen: &Screen) -> Self {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .env("DISPLAY", screen.display())
            .env("HOME", screen.folder())
            .env("XDG_RUNTIME_DIR", screen.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("dbus-daemon (Debian: dbus)");
        let mut address = String::new();
        let mut said = BufReader::new(bus.stdout.take().unwrap());
        said.read_line(&mut address).await.unwrap();
        let address = address.trim().to_owned();
        let session = connect(&address).await;
        let answer = session
            .call_method(
                Some("org.a11y.Bus"),
                "/org/a11y/bus",
                Some("org.a11y.Bus"),
                "GetAddress",
                &(),
            )
            .await
            .expect("at-spi-bus-launcher (Debian: at-spi2-core)");
        let own: String = answer.body().deserialize().unwrap();
        let connection = connect(&own).await;
        Self {
            address,
            connection,
            _session: session,
            _bus: bus,
        }
    }

    /// The session's bus.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Everything that is told of all programs.
    pub async fn tree(&self) -> Vec<Told> {
        let mut found = Vec::new();
        let root = OwnedObjectPath::try_from(ROOT).unwrap();
        self.collect(REGISTRY.to_owned(), root, &mut found).await;
        found
    }

    /// The texts that a person is told to see.
    pub async fn texts(&self) -> Vec<String> {
        let tree = self.tree().await;
        tree.into_iter()
            .filter(|told| told.shown)
            .map(|told| told.name)
            .collect()
    }

    fn collect<'a>(
        &'a self,
        owner: String,
        path: OwnedObjectPath,
        found: &'a mut Vec<Told>,
    ) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(async move {
            // What goes while it is looked at is not there.
            let Some(told) = self.about(&owner, &path).await else {
                return;
            };
            found.push(told);
            let answer = self.ask(&owner, &path, ACCESSIBLE, "GetChildren").await;
            let children = answer.and_then(|answer| {
                let children = answer
                    .body()
                    .deserialize::<Vec<(String, OwnedObjectPath)>>();
                children.ok()
            });
            for (owner, path) in children.unwrap_or_default() {
                self.collect(owner, path, found).await;
            }
        })
    }

    async fn about(&self, owner: &str, path: &OwnedObjectPath) -> Option<Told> {
        /// GTK 4.8 tells who is visible, and only of windows that they show.
        const VISIBLE: u32 = 1 << 30;
        const FOCUSED: u32 = 1 << 12;
        let role = self.ask(owner, path, ACCESSIBLE, "GetRoleName").await?;
        let state = self.ask(owner, path, ACCESSIBLE, "GetState").await;
        let state: Vec<u32> = state
            .and_then(|state| state.body().deserialize().ok())
            .unwrap_or_default();
        let states = state.first().copied().unwrap_or_default();
        Some(Told {
            role: role.body().deserialize().ok()?,
            name: self.property(owner, path, "Name").await,
            description: self.property(owner, path, "Description").await,
            shown: states & VISIBLE != 0,
            focused: states & FOCUSED != 0,
            owner: owner.to_owned(),
            path: path.clone(),
        })
    }

    async fn property(&self, owner: &str, path: &OwnedObjectPath, name: &str) -> String {
        let answer = self
            .connection
            .call_method(
                Some(owner),
                path,
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &(ACCESSIBLE, name),
            )
            .await;
        let value = answer
            .ok()
            .and_then(|answer| answer.body().deserialize::<OwnedVariant>().ok());
        value
            .and_then(|value| String::try_from(value).ok())
            .unwrap_or_default()
    }

    async fn ask(
        &self,
        owner: &str,
        path: &OwnedObjectPath,
        interface: &str,
        method: &str,
    ) -> Option<zbus::Message> {
        let asked = self
            .connection
            .call_method(Some(owner), path, Some(interface), method, &());
        tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()
    }

    /// Presses a button as assistive technology does.
    pub async fn press(&self, button: &Told) {
        let pressed = self
            .connection
            .call_method(
                Some(button.owner.as_str()),
                &button.path,
                Some("org.a11y.atspi.Action"),
                "DoAction",
                &0_i32,
            )
            .await;
        pressed.unwrap();
    }

    /// The attributes of a text at its beginning.
    pub async fn attributes(&self, text: &Told) -> HashMap<String, String> {
        let answer = self
            .connection
            .call_method(
                Some(text.owner.as_str()),
                &text.path,
                Some("org.a11y.atspi.Text"),
                "GetAttributes",
                &0_i32,
            )
            .await
            .unwrap();
        let (attributes, _, _): (HashMap<String, String>, i32, i32) =
            answer.body().deserialize().unwrap();
        attributes
    }

    /// Where it is in its window: left, top, width, height.
    pub async fn place(&self, told: &Told) -> (i32, i32, i32, i32) {
        const WINDOW: u32 = 1;
        let answer = self
            .connection
            .call_method(
                Some(told.owner.as_str()),
                &told.path,
                Some("org.a11y.atspi.Component"),
                "GetExtents",
                &WINDOW,
            )
            .await
            .unwrap();
        let (place,): ((i32, i32, i32, i32),) = answer.body().deserialize().unwrap();
        place
    }

    /// What is announced from now on.
    pub async fn events(&self) -> MessageStream {
        let rule = MatchRule::builder()
            .msg_type(message::Type::Signal)
            .interface("org.a11y.atspi.Event.Object")
            .build()
            .unwrap();
        let stream = MessageStream::for_match_rule(rule, &self.connection, None)
            .await
            .unwrap();
        // Programs are silent before somebody listens.
        for event in [
            "object:state-changed",
            "object:property-change",
            "object:announcement",
        ] {
            let _ = self
                .connection
                .call_method(
                    Some(REGISTRY),
                    "/org/a11y/atspi/registry",
                    Some(REGISTRY),
                    "RegisterEvent",
                    &(event, Vec::<String>::new(), ""),
                )
                .await;
        }
        stream
    }
}

async fn connect(address: &str) -> Connection {
    connection::Builder::address(address).build().await.unwrap()
}
