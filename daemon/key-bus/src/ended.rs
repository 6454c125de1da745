//! Why an agent has no reply, as it tells the service: the code of its finding, for the journal.

use core::fmt;
use zbus::message::{Header, Message};
use zbus::names::ErrorName;

const NAME: &str = "org.hybridd.Agent1.Error.Ended";

/// A code of the diagnosis: two letters and two hexadecimal digits. The only thing of an agent that
/// comes into the journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code([u8; 4]);

impl Code {
    /// Reads a code.
    pub fn new(text: &str) -> Option<Self> {
        let code: [u8; 4] = text.as_bytes().try_into().ok()?;
        let [a, b, c, d] = code;
        let letter = |byte: u8| byte.is_ascii_uppercase();
        let digit = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
        (letter(a) && letter(b) && digit(c) && digit(d)).then_some(Self(code))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The error that an agent ends a request with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended(Code);

impl Ended {
    /// For this reason.
    pub const fn new(code: Code) -> Self {
        Self(code)
    }

    /// The reason in an error that came back, when it is one of these.
    pub fn code_of(error: &zbus::Error) -> Option<Code> {
        let zbus::Error::MethodError(name, text, _) = error else {
            return None;
        };
        let text = text.as_deref().filter(|_| name.as_str() == NAME)?;
        Code::new(text)
    }
}

impl zbus::DBusError for Ended {
    fn create_reply(&self, call: &Header<'_>) -> zbus::Result<Message> {
        Message::error(call, self.name()).build(&self.0.as_str())
    }

    fn name(&self) -> ErrorName<'_> {
        ErrorName::from_static_str_unchecked(NAME)
    }

    fn description(&self) -> Option<&str> {
        Some(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_a_code_is_one() {
        for code in ["BT03", "CT2E", "UH01"] {
            assert_eq!(
                Code::new(code).map(|code| code.to_string()),
                Some(code.to_owned())
            );
        }
        for other in ["", "BT3", "BT033", "bt03", "BT0G", "1T03", "B\n03", "BTé"] {
            assert_eq!(Code::new(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            if let Some(code) = Code::new(&text) {
                prop_assert_eq!(code.as_str(), text);
            }
        }
    }
}
