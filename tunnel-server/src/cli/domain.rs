//! `tunnel-server domain`: which host name a 16-bit domain id means, and which ids give a wished
//! name.

use super::answer::{print, unwritten, wrong};
use super::command_error::CommandError;
use clap::ArgMatches;
use hybrid_protocol::DomainId;
use hybrid_tunnel_server::shown;
use std::fmt::Write as _;
use std::process::ExitCode;

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    let ids = matches.get_many::<String>("id").unwrap_or_default();
    let mut lines = String::new();
    for text in ids {
        match read(text) {
            Ok(id) => line(&mut lines, id),
            Err(sentence) => return wrong(&sentence),
        }
    }
    if let Some(asked) = matches.get_one::<String>("find") {
        let wanted = asked.to_ascii_lowercase();
        let fits = |id: &DomainId| {
            id.host()
                .is_some_and(|host| host.as_str().contains(&wanted))
        };
        let found: Vec<DomainId> = (0..=u16::MAX).map(DomainId).filter(fits).collect();
        if found.is_empty() {
            return wrong(&format_args!(
                "no domain id gives a host name with {}",
                shown(asked).escape_debug()
            ));
        }
        found.into_iter().for_each(|id| line(&mut lines, id));
    }
    match print(&lines) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => unwritten(&error),
    }
}

/// Decimal, or hexadecimal after `0x`.
fn read(text: &str) -> Result<DomainId, CommandError> {
    let parsed = text
        .strip_prefix("0x")
        .map_or_else(|| text.parse(), |hex| u16::from_str_radix(hex, 16));
    parsed.map(DomainId).map_err(|error| {
        let got = shown(text);
        let sentence = format!(
            "expected a domain id from 0 to 65535, got {}",
            got.escape_debug()
        );
        CommandError::caused(sentence, error)
    })
}

fn line(lines: &mut String, DomainId(id): DomainId) {
    let host = DomainId(id).host().map_or_else(
        || "(reserved, no host yet)".to_owned(),
        |host| host.to_string(),
    );
    let _ = writeln!(lines, "{id} {host}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_decimal_and_hexadecimal() {
        assert_eq!(read("266").unwrap(), DomainId(266));
        assert_eq!(read("0xf980").unwrap(), DomainId(0xf980));
        for bad in ["", "65536", "-1", "0x", "cable"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reserved_id_says_so() {
        let mut lines = String::new();
        line(&mut lines, DomainId(1));
        line(&mut lines, DomainId(2));
        assert_eq!(lines, "1 cable.auth.com\n2 (reserved, no host yet)\n");
    }
}
