//! What agent and prompt say to each other: JSON Lines, over the prompt's standard input and output.
//! Lines and members that are not known are ignored on both sides.

use hybrid_protocol::printable;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// The longest line that either side reads; a code is a tenth of it.
pub const LONGEST_LINE: usize = 16 << 10;

/// What a program wants of the phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AskKind {
    /// A new passkey.
    Create,
    /// A sign-in, or a signature.
    Get,
    /// To know whether this key shall be the one: no phone is asked.
    Select,
}

impl AskKind {
    const ALL: [Self; 3] = [Self::Create, Self::Get, Self::Select];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::Select => "select",
        }
    }
}

/// A question for the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PromptAsk {
    /// Which request.
    pub id: u64,
    /// What is asked.
    pub kind: AskKind,
    /// For whom; empty when that is nobody's question.
    pub rp_id: String,
    /// What the program that asks calls itself, if that is known: a hint, and no more.
    pub program: Option<String>,
    /// What a person should know before the scan.
    pub notes: Vec<PromptNote>,
}

/// Whether this is the id of a site: `ssh:` and `pam://host` are none.
pub fn is_of_web(rp_id: &str) -> bool {
    !rp_id.contains(':')
}

/// What a person should know before the scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromptNote {
    /// Firefox tells the site that this passkey is on a USB key; some sites then do not offer it on
    /// the phone itself.
    UsbTransport,
    /// Chromium hides from the site which model of authenticator made this passkey; organisations
    /// that allow only some models then refuse it.
    AaguidErased,
    /// The browser may show a code of its own as well, and either will do.
    OtherCode,
}

impl PromptNote {
    const ALL: [Self; 3] = [Self::UsbTransport, Self::AaguidErased, Self::OtherCode];

    const fn name(self) -> &'static str {
        match self {
            Self::UsbTransport => "usb-transport",
            Self::AaguidErased => "aaguid-erased",
            Self::OtherCode => "other-code",
        }
    }
}

impl PromptAsk {
    /// As the agent says it.
    pub fn to_json(&self) -> Value {
        let notes: Vec<_> = self.notes.iter().map(|note| note.name()).collect();
        let mut line = json!({
            "ev": "ask", "id": self.id, "operation": self.kind.name(),
            "rp_id": printable(&self.rp_id), "notes": notes,
        });
        if let (Some(program), Some(line)) = (&self.program, line.as_object_mut()) {
            line.insert("program".to_owned(), printable(program).into());
        }
        line
    }

    fn from_json(line: &Value) -> Option<Self> {
        let text = |name| line.get(name).and_then(Value::as_str);
        let operation = text("operation")?;
        let notes = line.get("notes").and_then(Value::as_array);
        let note = |note: &Value| {
            let known = PromptNote::ALL.into_iter();
            known.into_iter().find(|known| note == known.name())
        };
        Some(Self {
            id: line.get("id")?.as_u64()?,
            kind: { AskKind::ALL.into_iter() }.find(|kind| kind.name() == operation)?,
            rp_id: printable(text("rp_id")?),
            program: text("program").map(printable),
            notes: notes.into_iter().flatten().filter_map(note).collect(),
        })
    }
}

/// A line of the agent's, as a prompt understands it.
pub enum AgentLine {
    /// Show this question.
    Ask(PromptAsk),
    /// Show this code in the place of the one before.
    Code(Zeroizing<String>),
    /// It failed, and another code is to be had.
    MayRenew,
    /// Disappear.
    Close,
    /// Something happened: a line of the timeline.
    Event(Value),
}

/// The line with a code. Its text is digits after `FIDO:/`, so that nothing needs to be escaped.
pub fn code_line(text: &str) -> Zeroizing<String> {
    // Without growing, the line's end included: what grows leaves copies behind.
    let mut line = Zeroizing::new(String::with_capacity(text.len() + 64));
    line.push_str("{\"ev\":\"code\",\"text\":\"");
    line.push_str(text);
    line.push_str("\"}");
    line
}

/// The line that offers another code.
pub fn may_renew_line() -> Value {
    json!({"ev": "may-renew"})
}

/// The line that ends a prompt.
pub fn close_line() -> Value {
    json!({"ev": "close"})
}

impl AgentLine {
    /// Reads one. `None` for what is not known.
    pub fn read(line: &[u8]) -> Option<Self> {
        let mut value: Value = serde_json::from_slice(line).ok()?;
        match value.get("ev")?.as_str()? {
            "ask" => PromptAsk::from_json(&value).map(Self::Ask),
            "code" => {
                let Value::String(text) = value.get_mut("text")?.take() else {
                    return None;
                };
                Some(Self::Code(Zeroizing::new(text)))
            }
            "may-renew" => Some(Self::MayRenew),
            "close" => Some(Self::Close),
            _ => Some(Self::Event(value)),
        }
    }
}

/// What a prompt says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromptLine {
    /// The person can see it.
    Shown,
    /// The person wants another code.
    NewCode,
    /// The person stops the request.
    Cancel,
    /// The person does not want it now.
    NotNow,
    /// This key shall be the one.
    Use,
}

impl PromptLine {
    const ALL: [Self; 5] = [
        Self::Shown,
        Self::NewCode,
        Self::Cancel,
        Self::NotNow,
        Self::Use,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::NewCode => "new-code",
            Self::Cancel => "cancel",
            Self::NotNow => "not-now",
            Self::Use => "use",
        }
    }

    /// As a prompt says it.
    pub fn to_json(self) -> Value {
        json!({"ev": self.name()})
    }

    /// Reads one. `None` for what is not known.
    pub fn read(line: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(line).ok()?;
        let said = value.get("ev")?.as_str()?;
        Self::ALL.into_iter().find(|known| known.name() == said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_either_side_says_the_other_understands() {
        for kind in AskKind::ALL {
            let ask = PromptAsk {
                id: 7,
                kind,
                rp_id: "example.org".to_owned(),
                program: (kind == AskKind::Get).then(|| "firefox".to_owned()),
                notes: PromptNote::ALL.to_vec(),
            };
            let line = ask.to_json().to_string();
            assert!(
                matches!(AgentLine::read(line.as_bytes()), Some(AgentLine::Ask(read)) if read == ask)
            );
        }
        for line in PromptLine::ALL {
            assert_eq!(
                PromptLine::read(line.to_json().to_string().as_bytes()),
                Some(line)
            );
        }
        let code = code_line("FIDO:/0123");
        assert!(
            matches!(AgentLine::read(code.as_bytes()), Some(AgentLine::Code(text)) if *text == "FIDO:/0123")
        );
        let read = |line: Value| AgentLine::read(line.to_string().as_bytes());
        assert!(matches!(read(close_line()), Some(AgentLine::Close)));
        assert!(matches!(read(may_renew_line()), Some(AgentLine::MayRenew)));
        let stage = json!({"ev": "stage", "stage": "advert", "ms": 0});
        assert!(matches!(read(stage.clone()), Some(AgentLine::Event(event)) if event == stage));
    }

    #[test]
    fn the_example_of_the_interface_is_understood() {
        let line = br#"{"ev":"ask","id":1,"operation":"create","rp_id":"example.org","program":"firefox","notes":["usb-transport","of the future"]}"#;
        let Some(AgentLine::Ask(ask)) = AgentLine::read(line) else {
            panic!("not understood");
        };
        assert_eq!(
            (ask.kind, ask.program.as_deref(), ask.notes),
            (
                AskKind::Create,
                Some("firefox"),
                vec![PromptNote::UsbTransport]
            )
        );
    }

    #[test]
    fn what_a_program_calls_itself_cannot_steer_a_terminal() {
        let ask = PromptAsk {
            id: 1,
            kind: AskKind::Get,
            rp_id: "ssh:\u{1b}[2J\u{202e}".to_owned(),
            program: Some("\u{1b}[2Jx\u{202e}".to_owned()),
            notes: Vec::new(),
        };
        let line = ask.to_json().to_string();
        assert!(
            !line.contains("u001b") && !line.contains('\u{202e}'),
            "{line}"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = AgentLine::read(&line);
            let _ = PromptLine::read(&line);
        }
    }
}
