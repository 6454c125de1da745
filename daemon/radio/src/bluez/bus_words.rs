//! What went wrong on the bus, in words: the library's are about its own parts.

use zbus::Error;

/// Why the system bus, or who is on it, gave no answer. The name of an error that came as an answer
/// is kept.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "zbus has many errors; the others are about the form of what came"
)]
pub fn bus_words(error: &Error) -> String {
    let words = match error {
        Error::Address(_) => {
            "DBUS_SYSTEM_BUS_ADDRESS is not an address such as unix:path=/run/dbus/system_bus_socket"
        }
        Error::Handshake(_) | Error::InvalidGUID => {
            "what responds at its address is not a D-Bus daemon, or rejects this user"
        }
        Error::InputOutput(error) if error.raw_os_error().is_some() => return error.to_string(),
        Error::InputOutput(_) => "the connection was closed",
        Error::Failure(_) | Error::Connection(..) | Error::MethodError(..) | Error::FDO(_) => {
            return error.to_string();
        }
        _ => "the response is malformed",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bluez::Bus;
    use std::io;
    use zbus::fdo;

    #[tokio::test]
    async fn an_address_that_is_none_is_told_by_the_variable_it_stands_in() {
        for wrong in ["x", "", "unix:", "foo:bar=1", "tcp:host=a,port=99999"] {
            let error = Bus::At(wrong.to_owned()).connect().await.unwrap_err();
            let told = bus_words(&error);
            assert!(told.starts_with("DBUS_SYSTEM_BUS_ADDRESS is not"), "{told}");
        }
    }

    #[test]
    fn a_cause_and_the_name_of_an_error_are_kept_and_a_librarys_words_are_not() {
        let os = io::Error::from_raw_os_error(13);
        let closed = io::Error::new(io::ErrorKind::BrokenPipe, "failed to read from socket");
        let named = fdo::Error::LimitsExceeded("too many".to_owned());
        for (error, told) in [
            (
                Error::InputOutput(os.into()),
                "Permission denied (os error 13)",
            ),
            (
                Error::InputOutput(closed.into()),
                "the connection was closed",
            ),
            (
                Error::Handshake("EXTERNAL rejected by the server".to_owned()),
                "what responds at its address is not a D-Bus daemon, or rejects this user",
            ),
            (Error::InvalidReply, "the response is malformed"),
            (
                Error::FDO(Box::new(named)),
                "org.freedesktop.DBus.Error.LimitsExceeded: too many",
            ),
        ] {
            assert_eq!(bus_words(&error), told);
        }
    }
}
