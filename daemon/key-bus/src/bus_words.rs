//! What went wrong on the bus, in words: the library's are about its own parts.

use zbus::Error;

/// Why the system bus, or who is on it, gave no answer. The name of an error that came as an answer
/// is kept.
pub fn system_bus_words(error: &Error) -> String {
    words(error, "DBUS_SYSTEM_BUS_ADDRESS")
}

/// The same of the session bus.
pub fn session_bus_words(error: &Error) -> String {
    words(error, "DBUS_SESSION_BUS_ADDRESS")
}

/// The variable is the one that an address of this bus stands in.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "zbus has many errors; the others are about the form of what came"
)]
fn words(error: &Error, variable: &str) -> String {
    let words = match error {
        Error::Address(_) => return format!("{variable} is not an address of a bus (unix:path=…)"),
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
    use std::io;
    use zbus::fdo;

    #[test]
    fn an_address_that_is_none_is_told_by_the_variable_it_stands_in() {
        let error = Error::Address("invalid tcp `port`".to_owned());
        for (told, variable) in [
            (system_bus_words(&error), "DBUS_SYSTEM_BUS_ADDRESS"),
            (session_bus_words(&error), "DBUS_SESSION_BUS_ADDRESS"),
        ] {
            assert_eq!(
                told,
                format!("{variable} is not an address of a bus (unix:path=…)")
            );
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
            assert_eq!(system_bus_words(&error), told);
        }
    }
}
