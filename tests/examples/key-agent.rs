//! An agent for the key's service that has no phone; what it sees is told as JSON Lines.
//!
//!   key-agent [hang | refuse CODE]

#![allow(clippy::print_stdout, reason = "a tool of the tests")]

use hybrid_key_bus::Code;
use hybrid_tests::stand_in::{Manner, Sight, StandIn};
use serde_json::json;
use std::process::ExitCode;
use zbus::connection;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let manner = match words.as_slice() {
        [] | ["hang"] => Some(Manner::Hang),
        ["refuse", code] => Code::new(code).map(Manner::Refuse),
        _ => None,
    };
    let Some(manner) = manner else {
        println!("usage: key-agent [hang | refuse CODE]");
        return ExitCode::from(2);
    };
    let mut agent = match StandIn::start(connection::Builder::system(), manner).await {
        Ok(agent) => agent,
        Err(error) => {
            println!("{}", json!({"ev": "failed", "error": error.to_string()}));
            return ExitCode::FAILURE;
        }
    };
    while let Ok(sight) = agent.next().await {
        let event = match sight {
            Sight::Registered => json!({"ev": "registered"}),
            Sight::Refused(refusal) => json!({"ev": "refused", "code": refusal.code()}),
            Sight::NoService => json!({"ev": "no-service"}),
            Sight::Anew => json!({"ev": "anew"}),
            Sight::Asked {
                number,
                command,
                rp_id,
            } => json!({"ev": "asked", "number": number, "command": command, "rp_id": rp_id}),
            Sight::AskedMemory(rp_id) => json!({"ev": "asked-memory", "rp_id": rp_id}),
            Sight::Cancelled(number) => json!({"ev": "cancelled", "number": number}),
        };
        println!("{event}");
    }
    ExitCode::FAILURE
}
