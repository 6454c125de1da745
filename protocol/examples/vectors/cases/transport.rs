//! Frames of the channel.

use super::read::{array, bytes, number, refused, same, text};
use super::{Checked, Report};
use hybrid_protocol::hazmat;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub fn transport(file: &Value, report: &mut Report) {
    report.list(file, "/transport/frames", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        same(
            hazmat::seal(&key, counter, &bytes(&c["plaintext"]))
                .ok()
                .map(hex::encode),
            Some(text(&c["frame"]).to_owned()),
        )?;
        opens(&key, counter, c, &bytes(&c["plaintext"]))
    });
    report.list(file, "/transport/old_construction", |c| {
        let frame = hazmat::seal_old(
            &array(&c["key"]),
            number(&c["counter"]) as u32,
            &bytes(&c["plaintext"]),
        );
        same(hex::encode(frame), text(&c["frame"]).to_owned())
    });
    report.list(file, "/transport/large", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        let message =
            vec![bytes(&c["plaintext_repeat"])[0]; number(&c["plaintext_length"]) as usize];
        let frame = hazmat::seal(&key, counter, &message).map_err(|error| error.to_string())?;
        same(frame.len() as u64, number(&c["frame_length"]))?;
        same(
            hex::encode(Sha256::digest(&frame)),
            text(&c["frame_sha256"]).to_owned(),
        )?;
        let opened = hazmat::open(&key, counter, &frame);
        if c["over_1MiB"].as_bool().unwrap() {
            refused(opened.map(drop))
        } else {
            same(opened.ok().map(|m| m.expose() == message), Some(true))
        }
    });
    report.list(file, "/transport/limit", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        let message =
            vec![bytes(&c["plaintext_repeat"])[0]; number(&c["plaintext_length"]) as usize];
        let zeros = number(&c["padding_zeros"]) as usize;
        let padded = [message.as_slice(), &vec![0; zeros], &[zeros as u8]].concat();
        let frame =
            hazmat::seal_padded(&key, counter, padded).map_err(|error| error.to_string())?;
        same(frame.len() as u64, number(&c["frame_length"]))?;
        same(
            hex::encode(Sha256::digest(&frame)),
            text(&c["frame_sha256"]).to_owned(),
        )?;
        let opened = hazmat::open(&key, counter, &frame);
        match text(&c["open"]) {
            "accept" => same(opened.ok().map(|m| m.expose() == message), Some(true)),
            _ => refused(opened.map(drop)),
        }
    });
    report.list(file, "/transport/accept_variants", |c| {
        let (key, counter) = (array(&c["key"]), number(&c["counter"]) as u32);
        same(
            hazmat::seal_padded(&key, counter, bytes(&c["padded"]))
                .ok()
                .map(hex::encode),
            Some(text(&c["frame"]).to_owned()),
        )?;
        opens(&key, counter, c, &bytes(&c["message"]))
    });
    report.list(file, "/transport/errors", |c| {
        refused(
            hazmat::open(
                &array(&c["key"]),
                number(&c["counter"]) as u32,
                &bytes(&c["frame"]),
            )
            .map(drop),
        )
    });
    report.list(file, "/transport/seal_errors", |c| {
        refused(hazmat::seal(&[0; 32], number(&c["counter"]) as u32, b"any"))
    });
}

/// The case's frame holds this.
fn opens(key: &[u8; 32], counter: u32, case: &Value, message: &[u8]) -> Checked {
    let opened = hazmat::open(key, counter, &bytes(&case["frame"])).ok();
    same(opened.map(|m| m.expose().to_vec()), Some(message.to_vec()))
}
