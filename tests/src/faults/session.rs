//! A sign-in that runs, and whoever answers its code.

use super::scene::{Phone, Radio};
use super::stage::{ADAPTER, Stage};
use super::watch::Watch;
use super::{dns, server};
use crate::bluez::{FFF9, uuid};
use hybrid_protocol::EidKey;
use hybrid_protocol::Plaintext;
use hybrid_protocol::{DomainId, QrCode, RoutingId};
use hybrid_radio::beacon;
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc;

/// Some phones send data of their own under this service.
const OTHER_SERVICE: u16 = 0xfcf1;

/// See the module.
pub(super) struct Session<'s> {
    stage: &'s Stage<'s>,
    pub(super) watch: Watch,
    listening: bool,
    codes: Vec<String>,
    phone: Option<Child>,
    adverts: (mpsc::Sender<Vec<u8>>, mpsc::Receiver<Vec<u8>>),
    /// Heard as soon as the radio listens.
    waiting: Vec<Vec<u8>>,
    /// The same, as data of another Bluetooth service.
    other_service: Option<Vec<u8>>,
    /// The person stops as soon as the radio listens.
    stopping: bool,
    /// Lines to relays that were opened while waiting for the phone.
    lines_ahead: usize,
}

impl<'s> Session<'s> {
    pub(super) fn new(stage: &'s Stage<'s>) -> Self {
        Self {
            stage,
            watch: Watch::new(),
            listening: false,
            codes: Vec::new(),
            phone: None,
            adverts: mpsc::channel(1),
            waiting: Vec::new(),
            other_service: None,
            stopping: false,
            lines_ahead: 0,
        }
    }

    pub(super) async fn watch(
        &mut self,
        output: impl AsyncBufRead + Unpin,
        desktop: &mut Child,
    ) -> Result<(), String> {
        let mut lines = output.lines();
        loop {
            let line = tokio::select! {
                biased;
                // What was said before was about something else.
                () = self.stage.cut.notified() => {
                    self.watch.begin_anew();
                    continue;
                }
                line = lines.next_line() => line.map_err(|error| error.to_string())?,
                Some(advert) = self.adverts.1.recv() => {
                    self.waiting.push(advert);
                    self.be_heard().await?;
                    continue;
                }
            };
            let Some(line) = line else { return Ok(()) };
            let Some(event) = self.watch.line(&line) else {
                continue;
            };
            match event.get("ev").and_then(Value::as_str).unwrap_or_default() {
                "qr" => {
                    self.code(
                        event.get("url").and_then(Value::as_str).unwrap_or_default(),
                        desktop,
                    )
                    .await?
                }
                "radio" if event.get("listening").is_some() && !self.listening => {
                    self.listening = true;
                    self.be_heard().await?;
                    self.break_radio()
                        .await
                        .map_err(|error| error.to_string())?;
                    if self.stopping {
                        interrupt(desktop)?;
                        self.watch.begin();
                    }
                }
                "net" if is_line_ahead(&event) => {
                    self.lines_ahead += 1;
                    if self.lines_ahead == dns::NAMES.len() && !self.stage.scene.later.is_empty() {
                        run(self.stage.scene.later)?;
                        self.watch.begin();
                    }
                }
                "stage" => self.watch.begin(),
                "finding" => self.watch.finding(&event),
                _ => {}
            }
            if self.stage.scene.phone == Phone::Stale && self.watch.has_finding() {
                return desktop.start_kill().map_err(|error| error.to_string());
            }
        }
    }

    async fn be_heard(&mut self) -> Result<(), String> {
        if self.listening {
            if let Some(data) = self.other_service.take() {
                let heard = self
                    .stage
                    .air
                    .hear(ADAPTER, &uuid(OTHER_SERVICE), &data)
                    .await;
                heard.map_err(|error| error.to_string())?;
            }
            for advert in self.waiting.drain(..) {
                self.stage
                    .air
                    .hear(ADAPTER, FFF9, &advert)
                    .await
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Somebody answers the code that is shown.
    async fn code(&mut self, text: &str, desktop: &mut Child) -> Result<(), String> {
        self.codes.push(text.to_owned());
        let advert = |text: &str, domain| -> Result<Vec<u8>, String> {
            let code = QrCode::parse(text).map_err(|error| error.to_string())?;
            let plaintext = Plaintext::qr([7; 10], RoutingId::new([1, 2, 3]), DomainId(domain));
            Ok(EidKey::from_qr(&code.secret).seal(&plaintext).to_vec())
        };
        match self.stage.scene.phone {
            Phone::None | Phone::Remembered => {}
            Phone::OtherService => self.other_service = Some(advert(text, 0)?),
            Phone::Stopped => self.stopping = true,
            Phone::Advert => self.waiting.push(advert(text, 0)?),
            Phone::Domain(domain) => self.waiting.push(advert(text, domain)?),
            Phone::Foreign => self.waiting.push(vec![0x5a; 20]),
            Phone::Beacon => self.waiting.push(beacon::service_data().to_vec()),
            Phone::Short => self.waiting.push(vec![0x5a; 19]),
            Phone::Stale => match self.codes.as_slice() {
                [_] => {
                    let stdin = desktop.stdin.as_mut().ok_or("no keyboard")?;
                    stdin
                        .write_all(b"\n")
                        .await
                        .map_err(|error| error.to_string())?;
                }
                [first, ..] => {
                    self.waiting.push(advert(first, 0)?);
                    self.watch.begin();
                }
                [] => {}
            },
            Phone::Real(more) => self.phone = Some(self.answer(text, more).await?),
        }
        self.be_heard().await
    }

    /// The simulated phone, whose own way to the relay is whole. Its advert is carried to the air
    /// by hand.
    async fn answer(&self, text: &str, more: &[&str]) -> Result<Child, String> {
        let mut command = self.stage.world.command("phone-sim");
        command
            .args(["answer", "-", "--radio", "print", "--tunnel"])
            .arg(format!("ws://{}", server::PLAIN))
            .args(more);
        let mut phone = command.spawn().map_err(|error| error.to_string())?;
        let stdin = phone.stdin.as_mut().ok_or("no input")?;
        // It stays open: the phone's user is still to answer.
        stdin
            .write_all(format!("{text}\n").as_bytes())
            .await
            .map_err(|error| error.to_string())?;
        let mut lines = BufReader::new(phone.stdout.take().ok_or("no output")?).lines();
        let adverts = self.adverts.0.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let event: Value = serde_json::from_str(&line).unwrap_or_default();
                let hex = event
                    .get("hex")
                    .and_then(Value::as_str)
                    .and_then(|hex| hex::decode(hex).ok());
                if let Some(advert) = hex {
                    let _ = adverts.send(advert).await;
                }
            }
        });
        Ok(phone)
    }

    /// What happens to the radio once it listens.
    async fn break_radio(&mut self) -> zbus::Result<()> {
        let air = &self.stage.air;
        match self.stage.scene.radio {
            Radio::Pulled => air.remove_adapter(ADAPTER).await?,
            Radio::SwitchedOff => air.set_powered(ADAPTER, false).await?,
            Radio::BlockedLater => air.block(ADAPTER).await?,
            Radio::ServiceEnds => air.stop_bluetoothd().await?,
            Radio::Good
            | Radio::Quiet
            | Radio::Two
            | Radio::NoBus
            | Radio::NoService
            | Radio::NoAdapter
            | Radio::Off
            | Radio::Blocked
            | Radio::Classic
            | Radio::Denied
            | Radio::Forbidden
            | Radio::Busy
            | Radio::BrokenNeighbour
            | Radio::Weak => return Ok(()),
        }
        self.watch.begin();
        Ok(())
    }
}

fn is_line_ahead(event: &Value) -> bool {
    event["ahead"] == true && event["step"] == "tls" && event["ok"] == true
}

/// What Ctrl-C sends.
fn interrupt(program: &Child) -> Result<(), String> {
    let id = program.id().ok_or("it has ended")?;
    run(&format!("kill -INT {id}"))
}

fn run(lines: &str) -> Result<(), String> {
    let ran = std::process::Command::new("sh")
        .args(["-ec", lines])
        .status();
    match ran {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{lines}: {status}")),
        Err(error) => Err(format!("{lines}: {error}")),
    }
}
