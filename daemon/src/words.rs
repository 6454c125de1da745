//! The words that a person reads about what happens.

use crate::timeline::{What, Whose};
use hybrid_protocol::Stage;

/// What a person reads about an event; nothing for those that only scripts want.
pub fn line(what: &What) -> Option<String> {
    match what {
        What::Stage(stage) => Some(stage_line(*stage).to_owned()),
        What::Listening(adapters) => Some(format!("Bluetooth listens ({})", adapters.join(", "))),
        What::Radio(trouble) => Some(format!("Bluetooth does not listen: {trouble}")),
        What::Heard(heard) => match heard.whose {
            Whose::Ours => Some(heard.rssi.map_or_else(
                || "the phone is near".to_owned(),
                |rssi| format!("the phone is near ({rssi} dBm)"),
            )),
            Whose::Stale => Some("a phone that scanned an earlier code is near".to_owned()),
            Whose::Foreign | Whose::Malformed | Whose::Unknown => None,
        },
        What::Net(step) => Some(match &step.outcome {
            Ok(fact) => format!("  {}: {fact} ({} ms)", step.step, step.took.as_millis()),
            Err(why) => format!("  {}: {why} ({} ms)", step.step, step.took.as_millis()),
        }),
        What::Finding(finding) => Some(finding.to_string()),
        What::Failed(failed) => Some(format!("it ended: {} (stage {})", failed.detail, failed.at)),
        What::NewCode | What::Neighbours(_) | What::Answered(_) | What::Done { .. } => None,
    }
}

/// What the session does in a stage.
pub const fn stage_line(stage: Stage) -> &'static str {
    match stage {
        Stage::Contact => "asking the relay to wake the phone",
        Stage::Advert => "waiting for the phone: scan the code",
        Stage::Tunnel => "connecting to the relay that the phone chose",
        Stage::Handshake => "agreeing on keys with the phone",
        Stage::Greeting => "the phone says what it can do",
        Stage::Request => "sending the request",
        Stage::Reply => "confirm on the phone",
        Stage::Linger => "the phone has answered",
        Stage::Done => "done",
    }
}
