//! What the agent says to the service: it has a person's attention, a prompt, a radio and a network,
//! and a memory.

use super::asker;
use super::attention::{Closed, Unheard};
use super::floor::{Floor, Turn};
use super::forecast::{Forecast, ForecastRead};
use super::memory::Memory;
use super::notice::Notices;
use super::person::{Ending, Person};
use super::prompt::PromptProgram;
use super::relay::{self, Way};
use super::screen_lock;
use super::world::AgentWorld;
use crate::history::{CeremonyRecord, CeremonyTrace, HistoryKeeping, HistoryStore};
use crate::settings::PolicyPlace;
use crate::utc::utc;
use hybrid_diagnosis::catalogue::{
    ANOTHER_KEY_REQUEST, CANCELLED_HERE, DEFECT, Entry, NO_PROMPT, NOBODY_ANSWERED_IN_TIME,
    PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, POLICY_REFUSES, SCREEN_LOCKED,
};
use hybrid_diagnosis::explain;
use hybrid_diagnosis::timeline::EventKind;
use hybrid_dial::Network;
use hybrid_key_bus::KeyProxy;
use hybrid_policy::Client;
use hybrid_prompt_line::{AskKind, PromptAsk, PromptLine, PromptNote, is_of_web};
use hybrid_protocol::Wiped;
use hybrid_protocol::cbor;
use hybrid_protocol::ctap::CtapCommand;
use hybrid_radio::AdapterChoice;
use hybrid_radio::bluez::Bus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How Firefox and its relatives call themselves, in the kernel's fifteen characters.
const FIREFOX: &[&str] = &["firefox", "librewolf", "waterfox", "thunderbird"];
/// The same of Chromium's.
const CHROMIUM: &[&str] = &["chrom", "brave", "msedge", "opera", "vivaldi", "electron"];
/// authenticatorSelection (CTAP 2.2 §6.9)
const SELECTION: u8 = 0x0b;
/// The service is answered so long before it stops to wait.
const BEFORE_DEADLINE: Duration = Duration::from_secs(1);
/// Nobody waits longer to learn who seems to ask.
const GUESS: Duration = Duration::from_millis(50);
/// An answer waits no longer for the disk.
const STORING: Duration = Duration::from_millis(500);
/// A cancel that the next request overtook is here by then.
const OVERTAKEN: Duration = Duration::from_millis(200);

/// A request of the service's.
pub struct KeyRequest {
    /// Command byte and parameters.
    pub command: Vec<u8>,
    /// For whom.
    pub rp_id: String,
    /// After this nobody waits any more.
    pub limit: Duration,
    /// Which.
    pub number: u64,
}

/// Answers requests, one at a time.
pub struct Responder {
    bus: Bus,
    network: Network,
    prompt: Option<PromptProgram>,
    memory: Memory,
    history: HistoryStore,
    keeping: HistoryKeeping,
    adapters: AdapterChoice,
    vouches: bool,
    policies: Vec<PolicyPlace>,
    /// What is told where there is no prompt to tell it.
    pub notices: Notices,
    floor: Floor,
    /// Somebody waits for the screen to be unlocked, to tell what was missed.
    awaits_unlock: Arc<AtomicBool>,
}

impl Responder {
    /// Answers with what this world has, and this memory.
    pub fn new(world: &AgentWorld, memory: Memory) -> Self {
        Self {
            bus: world.bus.clone(),
            network: world.network.clone(),
            prompt: world.prompt.clone(),
            memory,
            history: world.folders.history(),
            keeping: world.history,
            adapters: world.adapters.clone(),
            vouches: world.vouches,
            policies: world.policies.clone(),
            notices: Notices::default(),
            floor: Floor::default(),
            awaits_unlock: Arc::default(),
        }
    }

    /// Which of these credentials a phone answered with before.
    pub fn known(&self, rp_id: &str, ids: &[Vec<u8>]) -> Vec<u32> {
        self.memory.known(rp_id, ids.iter().map(Vec::as_slice))
    }

    /// Nobody waits for this request any more.
    pub fn cancel(&self, number: u64) {
        self.floor.cancel(number);
    }

    /// The service is another one, or gone.
    pub fn service_changed(&self) {
        self.floor.forget_numbers();
    }

    /// Whether a request is shown, or was so shortly ago.
    pub fn was_busy_within(&self, time: Duration) -> bool {
        self.floor.was_taken_within(time)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// The cause for which there is no answer.
    pub async fn request(
        self: &Arc<Self>,
        key: &KeyProxy<'static>,
        request: KeyRequest,
    ) -> Result<Vec<u8>, &'static Entry> {
        let began = Instant::now();
        let time = utc(SystemTime::now());
        let kind = kind_of(&request.command);
        let site = self.keeping.site(&request.rp_id);
        let trace = CeremonyTrace::default();
        let mut shown = None;
        let answer = self.answer(key, request, began, &mut shown, &trace).await;
        let code = match &answer {
            Ok(reply) => match reply.first() {
                Some(0) => "ok",
                Some(&status) => explain::status(status).code,
                None => DEFECT.code,
            },
            Err(entry) => entry.code,
        };
        let operation = kind.map_or("unknown", AskKind::name);
        let ms = began.elapsed().as_millis();
        match shown {
            Some(shown) => {
                tracing::info!(operation, outcome = code, ms, shown_ms = shown, "request")
            }
            None => tracing::info!(operation, outcome = code, ms, "request"),
        }
        if let Some(site) = site {
            self.keep(CeremonyRecord {
                time,
                by: "agent".to_owned(),
                operation: operation_of(kind).to_owned(),
                site,
                phone: trace.phone(),
                result: code.to_owned(),
                findings: trace.findings(),
                ms: u64::try_from(ms).unwrap_or(u64::MAX),
                codes: trace.codes(),
                stages: trace.stages(),
            });
        }
        answer
    }

    async fn answer(
        self: &Arc<Self>,
        key: &KeyProxy<'static>,
        request: KeyRequest,
        began: Instant,
        shown: &mut Option<u128>,
        trace: &CeremonyTrace,
    ) -> Result<Vec<u8>, &'static Entry> {
        let unservable = || {
            self.notices
                .tell(&PHONE_CANNOT_DO_WHAT_SITE_REQUIRES, began);
            &PHONE_CANNOT_DO_WHAT_SITE_REQUIRES
        };
        let kind = kind_of(&request.command).ok_or_else(unservable)?;
        let Some(program) = &self.prompt else {
            self.notices.tell(&NO_PROMPT, began);
            return Err(&NO_PROMPT);
        };
        // Beside what else comes before the prompt.
        let asker = tokio::task::spawn_blocking(asker::guess);
        let forecast = ForecastRead::begin(&self.policies, &request.rp_id);
        let mut turn = self.turn(request.number, &request.rp_id).await?;
        if self.keep_locked(key, &mut turn).await {
            return Err(&SCREEN_LOCKED);
        }
        // Within this time, or it is not told.
        let asker = tokio::time::timeout(GUESS, asker).await;
        let asker = asker.ok().and_then(Result::ok).flatten();
        let client = client(asker.as_deref());
        let forecast = forecast.finish(kind, &request.rp_id, client).await;
        let mut notes = notes(kind, &request.rp_id, asker.as_deref());
        if let Forecast::Doubtful(_) = forecast {
            notes.push(PromptNote::PolicyMayRefuse);
        }
        let ask = PromptAsk {
            id: request.number,
            kind,
            notes,
            rp_id: request.rp_id,
            program: asker,
        };
        let Ok(prompt) = program.start(&ask) else {
            self.notices.tell(&NO_PROMPT, began);
            return Err(&NO_PROMPT);
        };
        let deadline = began + request.limit.saturating_sub(BEFORE_DEADLINE);
        let mut person = Person::new(prompt, key.clone(), request.number, began);
        if let Forecast::Refused(finding) | Forecast::Doubtful(finding) = &forecast {
            let finding = EventKind::Finding(finding.clone());
            relay::tell(&person.lines(), began, finding);
        }
        let ending = if let Forecast::Refused(_) = forecast {
            relay::tell(&person.lines(), began, EventKind::Done { ok: false });
            Ending::Failed(&POLICY_REFUSES)
        } else if kind == AskKind::Select {
            choose(&mut person, &mut turn, deadline).await
        } else {
            let way = Way {
                bus: &self.bus,
                network: &self.network,
                adapters: &self.adapters,
                deadline,
                vouches: self.vouches,
                trace: trace.clone(),
            };
            let command = Wiped::new(request.command);
            relay::relay(command, way, &mut person, &mut turn).await
        };
        *shown = person.shown();
        self.conclude(ending, person, turn).await
    }

    async fn conclude(
        &self,
        ending: Ending,
        person: Person,
        mut turn: Turn<'_>,
    ) -> Result<Vec<u8>, &'static Entry> {
        match ending {
            Ending::Replied(reply) => {
                person.close();
                Ok(reply)
            }
            Ending::Declined(status) => Ok(vec![status]),
            Ending::Seen { reply, rp_id, id } => {
                person.close();
                self.remember(rp_id, id).await;
                Ok(reply)
            }
            Ending::Withdrawn => {
                person.close();
                Err(&CANCELLED_HERE)
            }
            Ending::ByPerson => {
                person.close();
                turn.close(Closed::ByPerson);
                Err(&CANCELLED_HERE)
            }
            Ending::PromptGone => {
                // One that hangs is not left behind.
                person.close();
                self.notices.tell(&NO_PROMPT, Instant::now());
                Err(&NO_PROMPT)
            }
            // The prompt was told, and says so as long as the person likes.
            Ending::Failed(entry) => Err(entry),
        }
    }

    async fn remember(&self, rp_id: String, id: Vec<u8>) {
        let memory = self.memory.clone();
        let written = tokio::task::spawn_blocking(move || {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).ok()?;
            memory.remember(&rp_id, &id, salt).err()
        });
        match tokio::time::timeout(STORING, written).await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(error))) => tracing::warn!(%error, "this credential was not stored"),
            Ok(Err(error)) => tracing::warn!(%error, "this credential was not stored"),
            // It goes on, and the program has its answer.
            Err(late) => tracing::warn!(%late, "this credential is not stored yet"),
        }
    }

    /// Nobody waits for the file.
    fn keep(&self, record: CeremonyRecord) {
        let history = self.history.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = history.add(&record) {
                tracing::warn!(%error, "this request is not kept in the history");
            }
        });
    }

    /// The turn of this request.
    async fn turn(&self, number: u64, rp_id: &str) -> Result<Turn<'_>, &'static Entry> {
        let mut asked = self.floor.ask(number, rp_id);
        if asked.as_ref().is_err_and(|why| *why == Unheard::Occupied) {
            tokio::time::sleep(OVERTAKEN).await;
            asked = self.floor.ask(number, rp_id);
        }
        asked.map_err(|why| match why {
            Unheard::Occupied => &ANOTHER_KEY_REQUEST,
            Unheard::Withdrawn | Unheard::JustDeclined => &CANCELLED_HERE,
        })
    }

    /// Whether nobody can see a code. It is told once somebody can.
    async fn keep_locked(self: &Arc<Self>, key: &KeyProxy<'static>, turn: &mut Turn<'_>) -> bool {
        let connection = key.inner().connection().clone();
        let locked = tokio::select! {
            () = turn.stopped() => false,
            locked = screen_lock::is_locked(&connection) => locked,
        };
        if locked && !self.awaits_unlock.swap(true, Ordering::Relaxed) {
            let responder = Arc::clone(self);
            tokio::spawn(async move {
                let unlocked = screen_lock::unlocked(&connection).await;
                responder.awaits_unlock.store(false, Ordering::Relaxed);
                if unlocked.is_some() {
                    responder.notices.tell(&SCREEN_LOCKED, Instant::now());
                }
            });
        }
        locked
    }
}

/// Whether this key shall be the one: no radio, no network.
async fn choose(person: &mut Person, turn: &mut Turn<'_>, deadline: Instant) -> Ending {
    let chosen = async {
        loop {
            match person.next().await {
                Ok(PromptLine::Use) => return Ending::Replied(vec![0]),
                Ok(_) => {}
                Err(ending) => return ending,
            }
        }
    };
    tokio::select! {
        biased;
        () = turn.stopped() => Ending::Withdrawn,
        ending = chosen => ending,
        () = tokio::time::sleep_until(deadline.into()) => Ending::Failed(&NOBODY_ANSWERED_IN_TIME),
    }
}

/// What a command asks for; `None` for what no phone is asked.
fn kind_of(command: &[u8]) -> Option<AskKind> {
    let (byte, parameters) = command.split_first()?;
    let is_map = || cbor::read(parameters).is_ok_and(|value| value.as_map().is_some());
    if *byte == SELECTION {
        return parameters.is_empty().then_some(AskKind::Select);
    }
    let kind = if *byte == CtapCommand::MakeCredential.byte() {
        AskKind::Create
    } else if *byte == CtapCommand::GetAssertion.byte() {
        AskKind::Get
    } else {
        return None;
    };
    is_map().then_some(kind)
}

/// As commands name it.
const fn operation_of(kind: Option<AskKind>) -> &'static str {
    match kind {
        Some(AskKind::Create) => "register",
        Some(AskKind::Get) => "sign-in",
        Some(AskKind::Select) => "select",
        None => "unknown",
    }
}

/// Of Firefox, the version is not known, and decides.
fn client(program: Option<&str>) -> Client {
    let is_chromium = |program: &str| CHROMIUM.iter().any(|name| program.contains(name));
    match program.is_some_and(is_chromium) {
        true => Client::Chromium,
        false => Client::Unknown,
    }
}

/// What a person should know before the scan; of a program that is not known, what may be.
fn notes(kind: AskKind, rp_id: &str, program: Option<&str>) -> Vec<PromptNote> {
    // ssh and PAM have no other place to offer their keys.
    if !is_of_web(rp_id) || kind == AskKind::Select {
        return Vec::new();
    }
    let is_of =
        |names: &[&str]| program.map(|program| names.iter().any(|name| program.contains(name)));
    let (firefox, chromium) = (is_of(FIREFOX), is_of(CHROMIUM));
    let mut notes = Vec::new();
    if kind == AskKind::Create && firefox != Some(false) {
        notes.push(PromptNote::UsbTransport);
    }
    if kind == AskKind::Create && chromium == Some(true) {
        notes.push(PromptNote::AaguidErased);
    }
    // Firefox has no code of its own, and Electron no dialog at all.
    if firefox != Some(true) && is_of(&["electron"]) != Some(true) {
        notes.push(PromptNote::OtherCode);
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_phone_or_a_person_can_answer_is_shown() {
        assert_eq!(kind_of(&[0x01, 0xa0]), Some(AskKind::Create));
        assert_eq!(kind_of(&[0x02, 0xa0]), Some(AskKind::Get));
        assert_eq!(kind_of(&[0x0b]), Some(AskKind::Select));
        for other in [
            &[][..],
            &[0x01],
            &[0x01, 0x80],
            &[0x02, 0xa1, 0x01],
            &[0x04],
            &[0x07],
            &[0x0b, 0xa0],
        ] {
            assert_eq!(kind_of(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_person_is_told_what_the_program_does_or_may_do() {
        use PromptNote::{AaguidErased, OtherCode, UsbTransport};
        let create = |program| notes(AskKind::Create, "example.org", program);
        let get = |program| notes(AskKind::Get, "example.org", program);
        assert_eq!(create(None), [UsbTransport, OtherCode]);
        assert_eq!(create(Some("firefox-esr")), [UsbTransport]);
        assert_eq!(create(Some("chromium")), [AaguidErased, OtherCode]);
        assert_eq!(get(Some("chrome")), [OtherCode]);
        assert_eq!(get(Some("firefox-bin")), []);
        assert_eq!(create(Some("electron")), [AaguidErased]);
        assert_eq!(get(Some("electron")), []);
        assert_eq!(notes(AskKind::Create, "ssh:", None), []);
        assert_eq!(notes(AskKind::Select, "", None), []);
    }
}
