//! `--policy` of `register` and `sign-in`: what an organisation's policy says before a code is shown.
//! Only a refusal that has no other reading stops; whatever is less sure is told, and the person
//! goes on.

use super::exit::Exit;
use super::json_error;
use super::say::say;
use hybrid_policy::{Admission, Judgement, Outlook, Ruling};
use std::fmt::Write as _;

/// Tells what the policy says of this command; the exit code when it stops here.
pub(super) fn tell(
    judgement: &Judgement,
    outlook: Option<&Outlook>,
    command: &str,
    json: bool,
) -> Option<Exit> {
    let obstacles: Vec<&Ruling> = judgement.obstacles().collect();
    let Some(first) = obstacles.first() else {
        let models = outlook.map_or_else(String::new, |outlook| format!("\n{outlook}"));
        say(&format!("{}{models}", words(judgement, command).trim_end()));
        return None;
    };
    let mut text = format!(
        "hybridd: the organisation's policy refuses this {command}, so no code is shown.\n"
    );
    for ruling in &obstacles {
        let _ = writeln!(text, "{ruling}");
    }
    say(text.trim_end());
    if json {
        let findings = obstacles.iter().map(|ruling| ruling.to_json());
        json_error::judged(first.code(), findings.collect());
    }
    Some(Exit::Prerequisite)
}

/// What is told before the code.
fn words(judgement: &Judgement, command: &str) -> String {
    let policy = format!("By the organisation's policy, this {command}");
    let hints: Vec<String> = judgement.hints().map(ToString::to_string).collect();
    if !hints.is_empty() {
        return format!("{policy} may be refused:\n{}\n", hints.join("\n"));
    }
    match judgement.capability {
        Admission::Accepted => format!("{policy} is likely to be accepted."),
        Admission::Refused | Admission::Input | Admission::Undetermined => {
            let mut text = format!("{policy} cannot be judged yet.");
            let missing = judgement.missing();
            for lack in &missing {
                let _ = write!(text, "\n  What is missing: {lack}");
            }
            if missing.is_empty() {
                for ruling in &judgement.rulings {
                    let _ = write!(text, "\n  {}: {}", ruling.code(), ruling.saw);
                }
            }
            text
        }
    }
}
