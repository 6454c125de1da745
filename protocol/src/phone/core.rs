//! What every phase of a phone's session needs: its clock, its outputs, and the ways to end.

use super::event::PhoneOutput;
use super::phase::{PhoneFlow, PhonePhase};
use crate::advert::{EidKey, Plaintext};
use crate::failure::{Cause, Failure};
use crate::id::{DomainId, RoutingId};
use crate::link::LinkOffer;
use crate::route::Route;
use crate::stage::Stage;
use std::collections::VecDeque;
use std::time::Instant;

/// The session apart from its phase. The transitions are its methods: they take the old phase and
/// return the new one.
pub(super) struct PhoneCore {
    pub(super) stage: Stage,
    pub(super) deadline: Instant,
    pub(super) eid_key: EidKey,
    nonce: [u8; 15],
    domain: DomainId,
    pub(super) get_info: Vec<u8>,
    /// What is to be offered once the channel is up.
    pub(super) offer: Option<LinkOffer>,
    pub(super) tunnel_open: bool,
    pub(super) advertising: bool,
    /// Whether a command was answered: from then on every end is an ordinary one.
    pub(super) served: bool,
    pub(super) outputs: VecDeque<PhoneOutput>,
}

impl PhoneCore {
    pub(super) fn new(
        eid_key: EidKey,
        nonce: [u8; 15],
        domain: DomainId,
        get_info: Vec<u8>,
        route: Route,
        now: Instant,
    ) -> Self {
        Self {
            stage: Stage::Tunnel,
            deadline: now + Stage::Tunnel.budget(),
            eid_key,
            nonce,
            domain,
            get_info,
            offer: None,
            tunnel_open: false,
            advertising: false,
            served: false,
            outputs: VecDeque::from([
                PhoneOutput::Entered(Stage::Tunnel),
                PhoneOutput::OpenTunnel(route),
            ]),
        }
    }

    pub(super) fn advert(&self, flow: &PhoneFlow, routing: RoutingId) -> Plaintext {
        match flow {
            PhoneFlow::Qr { .. } => {
                let [nonce @ .., _, _, _, _, _] = self.nonce;
                Plaintext::qr(nonce, routing, self.domain)
            }
            PhoneFlow::Linked { .. } => Plaintext::linked(self.nonce),
        }
    }

    pub(super) fn enter(&mut self, stage: Stage, now: Instant) {
        self.stage = stage;
        self.deadline = now + stage.budget();
        self.outputs.push_back(PhoneOutput::Entered(stage));
    }

    pub(super) fn fail(&mut self, cause: Cause) -> PhonePhase {
        self.close();
        self.outputs.push_back(PhoneOutput::Failed(Failure {
            at: self.stage,
            cause,
        }));
        PhonePhase::Done
    }

    pub(super) fn end(&mut self, now: Instant) -> PhonePhase {
        self.close();
        self.enter(Stage::Done, now);
        self.outputs.push_back(PhoneOutput::Ended);
        PhonePhase::Done
    }

    fn close(&mut self) {
        self.stop_advertising();
        if std::mem::take(&mut self.tunnel_open) {
            self.outputs.push_back(PhoneOutput::CloseTunnel);
        }
    }

    pub(super) fn stop_advertising(&mut self) {
        if std::mem::take(&mut self.advertising) {
            self.outputs.push_back(PhoneOutput::StopAdvertising);
        }
    }
}
