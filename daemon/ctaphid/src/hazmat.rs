//! The parts by themselves, for fuzz targets and tests.
//!
//! Nothing here keeps the promises of a [`SecurityKey`]: frames have no channel, messages no time
//! limit. Each function takes any bytes and is expected to return.

pub use crate::command::{Command, Request};
pub use crate::encoded::Encoded;
pub use crate::frame::{ChannelId, Frame, HidCommand};
pub use crate::message::{Message, TooLong};
pub use crate::reply::Reply;
pub use crate::silent::{Dialect, Plan, SilentProbe};
pub use crate::status::Status;

use crate::answer::{self, AnswerNote};
use crate::assembly::{Assemblies, Step};
use crate::entropy::Entropy;
use crate::key::{Ask, Input, Output, SecurityKey};
use crate::report::Report;
use core::time::Duration;
use std::time::Instant;

/// Reads bytes as output reports of 64 bytes and returns the messages that become whole.
pub fn messages(bytes: &[u8]) -> Vec<Message> {
    let (mut assemblies, mut whole, now) = (Assemblies::default(), Vec::new(), Instant::now());
    for report in bytes
        .chunks(64)
        .filter_map(|chunk| Report::from_host(chunk).ok())
    {
        let step = match Frame::parse(&report) {
            Frame::First {
                channel,
                command,
                length,
                data,
            } => {
                assemblies.discard(channel);
                assemblies.first(channel, command, length, &data, now)
            }
            Frame::Next {
                channel,
                sequence,
                data,
            } => assemblies.next(channel, sequence, &data, now),
        };
        if let Step::Complete { message, .. } = step {
            whole.push(message);
        }
    }
    whole
}

/// What a phone is sent for a request: command byte and parameters.
pub fn relayed(request: &Request, seed: [u8; 32], label: &str) -> Vec<u8> {
    request.relayed(&mut Entropy::new(seed), label)
}

/// What a program is sent for a phone's answer.
pub fn judged(request: &Request, answer: &[u8]) -> (Reply, Vec<AnswerNote>) {
    answer::judge(request, answer)
}

/// Plays bytes to a whole key: a channel is opened, then each chunk is a report on it, an answer of
/// the agent or a step of time, as its first byte says. Returns how many outputs there were.
pub fn key(bytes: &[u8]) -> usize {
    let (mut key, mut now) = (SecurityKey::new([7; 32], "fuzz"), Instant::now());
    let mut init = vec![0xff, 0xff, 0xff, 0xff, 0x86, 0, 8];
    init.resize(64, 1);
    key.handle_input(Input::Report(&init), now);
    let (mut channel, mut ticket, mut outputs) = ([0; 4], None, 0);
    for chunk in bytes.chunks(64) {
        let Some((kind, rest)) = chunk.split_first() else {
            continue;
        };
        match (kind % 8, ticket) {
            (0, Some(ticket)) => key.handle_input(Input::Answered(ticket, rest), now),
            (1, Some(ticket)) => key.handle_input(Input::Chosen(ticket), now),
            (2, Some(ticket)) => key.handle_input(Input::Known(ticket, Some(0)), now),
            (3, _) => {
                now += Duration::from_millis(u64::from(*kind) * 100);
                key.handle_timeout(now);
            }
            (4, _) => key.handle_input(Input::Report(chunk), now),
            _ => {
                let mut report = [channel.as_slice(), rest].concat();
                report.resize(64, 0);
                key.handle_input(Input::Report(&report), now);
            }
        }
        while let Some(output) = key.poll_output() {
            outputs += 1;
            match output {
                Output::Report(report) => {
                    if let [
                        _,
                        _,
                        _,
                        _,
                        0x86,
                        _,
                        _,
                        _,
                        _,
                        _,
                        _,
                        _,
                        _,
                        _,
                        _,
                        a,
                        b,
                        c,
                        d,
                        ..,
                    ] = *report.bytes()
                    {
                        channel = [a, b, c, d];
                    }
                }
                Output::Ask(asked, Ask::Relay(_) | Ask::Choose | Ask::Known { .. }) => {
                    ticket = Some(asked);
                }
                Output::Withdraw(_) | Output::Finished { .. } | Output::Note(_) => {}
            }
        }
    }
    outputs
}
