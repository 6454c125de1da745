//! Which CTAP commands may go to a phone.

use crate::cbor::{self, Value};
use crate::ctap::CtapCommand;
use crate::ctap::parameter::{get_assertion, make_credential};
use crate::failure::Misuse;

/// Refuses what phones treat as fatal or would answer with a prompt that nobody expects. Parameters
/// are inspected, never changed.
pub(super) fn check(command: &[u8]) -> Result<(), Misuse> {
    let (byte, parameters) = command.split_first().ok_or(Misuse::Empty)?;
    let options_key = match CtapCommand::from_byte(*byte) {
        Some(CtapCommand::MakeCredential) => make_credential::OPTIONS,
        Some(CtapCommand::GetAssertion) => get_assertion::OPTIONS,
        Some(CtapCommand::GetInfo) => return Err(Misuse::GetInfo),
        None => return Err(Misuse::Command(*byte)),
    };
    if is_silent(parameters, options_key) {
        Err(Misuse::Silent)
    } else {
        Ok(())
    }
}

fn is_silent(parameters: &[u8], options_key: u64) -> bool {
    let Ok(Value::Map(map)) = cbor::read_lenient(parameters) else {
        return false;
    };
    let options = cbor::entry(&map, options_key).and_then(Value::as_map);
    options
        .and_then(|options| cbor::text_entry(options, "up"))
        .and_then(Value::as_bool)
        == Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assertion(up: bool) -> Vec<u8> {
        let options = Value::Map(vec![(Value::from("up"), Value::from(up))]);
        let parameters = Value::Map(vec![
            (Value::from(1), Value::from("example.com")),
            (Value::from(5), options),
        ]);
        [
            &[CtapCommand::GetAssertion.byte()],
            cbor::write(&parameters).as_slice(),
        ]
        .concat()
    }

    #[test]
    fn only_what_phones_serve_is_sent() {
        assert_eq!(check(&[]), Err(Misuse::Empty));
        assert_eq!(check(&[CtapCommand::GetInfo.byte()]), Err(Misuse::GetInfo));
        assert_eq!(check(&[6, 0xa0]), Err(Misuse::Command(6)));
        assert_eq!(check(&assertion(false)), Err(Misuse::Silent));
        assert_eq!(check(&assertion(true)), Ok(()));
        assert_eq!(
            check(&[CtapCommand::MakeCredential.byte(), 0xff]),
            Ok(()),
            "the phone judges the parameters"
        );
    }
}
