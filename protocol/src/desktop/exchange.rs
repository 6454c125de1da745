//! The desktop's phases in which the channel is up: the greeting, the one command and its reply,
//! and what may come late.

use super::core::DesktopCore;
use super::event::{DesktopOutput, Greeted, Linking};
use super::phase::{DesktopChannel, DesktopPhase, LinkTerms, ReplyDue};
use crate::cbor::Value;
use crate::channel::Channel;
use crate::failure::Cause;
use crate::greeting::Greeting;
use crate::link::{LinkError, VerifiedLink};
use crate::message::{Message, Revision, Update};
use crate::secret::{Secret, Wiped};
use crate::stage::Stage;
use std::time::Instant;

/// Updates taken before the session is ended as a flood.
const MAX_UPDATES: u8 = 8;

impl DesktopCore {
    pub(super) fn greeting(
        &mut self,
        terms: LinkTerms,
        mut channel: Channel,
        hash: Secret<32>,
        frame: &[u8],
        now: Instant,
    ) -> DesktopPhase {
        let greeting = match channel.open(frame) {
            Ok(bytes) => Greeting::read(bytes.expose()),
            Err(error) => return self.fail(Cause::Frame(error)),
        };
        let Greeting {
            revision,
            features,
            get_info,
            linking,
        } = match greeting {
            Ok(greeting) => greeting,
            Err(error) => return self.fail(Cause::Greeting(error)),
        };
        let Some(get_info) = get_info else {
            return self.fail(Cause::NoCtap);
        };
        let mut session = DesktopChannel {
            terms,
            channel,
            hash,
            revision,
            updates: 0,
            linked: false,
        };
        // In the QR flow wrong linking information here is fatal; in the linked flow there is no
        // key to check it with.
        let linked = match linking.map(|map| session.verify(&map)) {
            Some(Err(error)) => return self.fail(Cause::Link(error)),
            Some(Ok(link)) => link,
            None => None,
        };
        self.outputs.push_back(DesktopOutput::Greeted(Greeted {
            get_info,
            features,
            revision,
        }));
        self.linked(&mut session, linked);
        self.enter(Stage::Request, now);
        match self.request.take() {
            Some(command) => self.ask(session, &command, now),
            None => DesktopPhase::Ready(session),
        }
    }

    pub(super) fn ask(
        &mut self,
        mut session: DesktopChannel,
        command: &Wiped,
        now: Instant,
    ) -> DesktopPhase {
        match session
            .channel
            .seal(Message::ctap(session.revision, command.expose()).expose())
        {
            Ok(frame) => {
                self.outputs.push_back(DesktopOutput::Send(frame));
                self.enter(Stage::Reply, now);
                DesktopPhase::Asked(session)
            }
            Err(error) => self.fail(Cause::Frame(error)),
        }
    }

    pub(super) fn message(
        &mut self,
        mut session: DesktopChannel,
        frame: &[u8],
        due: ReplyDue,
        now: Instant,
    ) -> DesktopPhase {
        let message = match session.channel.open(frame) {
            Ok(bytes) => Message::read(session.revision, &bytes),
            Err(error) => return self.fail(Cause::Frame(error)),
        };
        match (message, due) {
            (Err(error), _) => self.fail(Cause::Message(error)),
            (Ok(Message::Shutdown), _) => self.fail(Cause::PeerShutdown),
            (Ok(Message::Ctap(reply)), ReplyDue::Yes) => {
                self.outputs.push_back(DesktopOutput::Reply(reply));
                self.linger(session, now)
            }
            (Ok(Message::Ctap(_)), ReplyDue::No) | (Ok(Message::Json(_)), _) => {
                self.fail(Cause::Unsolicited)
            }
            (Ok(Message::Update(update)), due) => match self.update(&mut session, update) {
                Err(cause) => self.fail(cause),
                Ok(()) => match due {
                    ReplyDue::No => DesktopPhase::Ready(session),
                    ReplyDue::Yes => DesktopPhase::Asked(session),
                },
            },
        }
    }

    /// Says goodbye; stays only when the phone may still want to be remembered.
    fn linger(&mut self, mut session: DesktopChannel, now: Instant) -> DesktopPhase {
        self.enter(Stage::Linger, now);
        self.send_shutdown(&mut session);
        let may_link = matches!(
            session.terms,
            LinkTerms::Qr {
                linking: Linking::Offered,
                ..
            }
        );
        if may_link && !session.linked && session.revision == Revision::One {
            DesktopPhase::Lingering(session)
        } else {
            self.end(now)
        }
    }

    /// Late replies are ignored, and so is everything that would be an error earlier: the reply was
    /// handed over.
    pub(super) fn late_message(
        &mut self,
        mut session: DesktopChannel,
        frame: &[u8],
        now: Instant,
    ) -> DesktopPhase {
        let Ok(bytes) = session.channel.open(frame) else {
            return self.end(now);
        };
        // What a phone sends now can no longer undo the reply; it only decides how long we stay.
        let over = match Message::read(session.revision, &bytes) {
            Ok(Message::Update(update)) => {
                self.update(&mut session, update).is_err() || session.linked
            }
            Ok(Message::Ctap(_) | Message::Json(_)) => false,
            Ok(Message::Shutdown) | Err(_) => true,
        };
        if over {
            self.end(now)
        } else {
            DesktopPhase::Lingering(session)
        }
    }

    fn update(&mut self, session: &mut DesktopChannel, update: Update) -> Result<(), Cause> {
        session.updates += 1;
        if session.updates > MAX_UPDATES {
            return Err(Cause::TooManyUpdates);
        }
        // Unlike in the greeting, linking information that does not verify is ignored here: the
        // sign-in goes on.
        if let Update::Link(map) = update {
            let link = session.verify(&map).unwrap_or_default();
            self.linked(session, link);
        }
        Ok(())
    }

    fn linked(&mut self, session: &mut DesktopChannel, link: Option<VerifiedLink>) {
        if let Some(link) = link {
            session.linked = true;
            self.outputs.push_back(DesktopOutput::Linked(link));
        }
    }

    pub(super) fn send_shutdown(&mut self, session: &mut DesktopChannel) {
        if session.revision == Revision::One
            && let Ok(frame) = session.channel.seal(&Message::shutdown())
        {
            self.outputs.push_back(DesktopOutput::Send(frame));
        }
    }
}

impl DesktopChannel {
    /// Checks linking information against this handshake. `None` when this session takes none.
    fn verify(&self, map: &Value) -> Result<Option<VerifiedLink>, LinkError> {
        let LinkTerms::Qr {
            key,
            linking,
            domain,
        } = &self.terms
        else {
            return Ok(None);
        };
        let link = VerifiedLink::verify(map, key, &self.hash, *domain)?;
        Ok((*linking == Linking::Offered).then_some(link))
    }
}
