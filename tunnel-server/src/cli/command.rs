//! The whole command line as it is typed: commands, flags, and what each says of itself.

use clap::{Arg, ArgMatches, Command};
use hybrid_tunnel_probe::ProbeStep;
use hybrid_tunnel_server::{Limits, RelaySettings};
use std::path::PathBuf;

/// The whole command line; man page and completions are made from it too.
pub(crate) fn command() -> Command {
    Command::new("tunnel-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Self-hosted relay (tunnel server) for the FIDO hybrid transport")
        .after_help("Exit status 6: what was asked for could not be written to standard output.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(serve_command())
        .subcommand(domain_command())
        .subcommand(probe_command())
        .subcommand(pages_command())
}

fn domain_command() -> Command {
    Command::new("domain")
        .about("Prints the host names that 16-bit domain ids stand for")
        .after_help(
            "Exit status: 0 when all is printed, 2 for what is no id or finds none, 6 when it could not be printed.",
        )
        .arg_required_else_help(true)
        .arg(
            Arg::new("id")
                .value_name("ID")
                .num_args(0..)
                .help("ids, decimal or 0x hexadecimal"),
        )
        .arg(
            Arg::new("find")
                .long("find")
                .value_name("TEXT")
                .help("lists the ids whose host name contains this text"),
        )
}

fn probe_command() -> Command {
    let flag = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("probe")
        .about("Pairs with itself through a relay's public address and reports every step")
        .long_about(format!(
            "Pairs with itself through a relay's public address and reports every step: {}. Exits with 0 when all went \
             well, with 3 at the first that did not, with 6 when all went well but could not be printed, and with 2 when it could not begin.",
            steps()
        ))
        .arg(
            Arg::new("url")
                .value_name("URL")
                .required(true)
                .help("https://NAME or wss://NAME; http:// or ws:// for a relay without TLS"),
        )
        .arg(flag(
            "ca",
            "PEM",
            "certificates of a private authority, believed instead of the system's",
        ))
        .arg(flag("seconds", "N", "the longest that one step may take [default: 10]"))
        .arg(flag("large", "BYTES", "length of the long message [default: 65536]"))
        .arg(
            Arg::new("json")
                .long("json")
                .action(clap::ArgAction::SetTrue)
                .help("one JSON document instead of lines"),
        )
}

fn pages_command() -> Command {
    Command::new("pages")
        .about("Writes man pages, shell completions and the default configuration into a folder")
        .after_help("Exit status: 0 when all are written, 2 when one could not be, whose old version then stays.")
        .arg(
            Arg::new("folder")
                .value_name("DIR")
                .required(true)
                .value_parser(clap::value_parser!(PathBuf)),
        )
}

fn serve_command() -> Command {
    let flag = |name: &'static str, value: &'static str, help: String| {
        Arg::new(name)
            .long(name.replace('_', "-"))
            .value_name(value)
            .help(help)
    };
    let keys = RelaySettings::KEYS
        .iter()
        .map(|key| flag(key.name, key.value, key.what.to_owned()));
    let limits = Limits::TABLE.iter().map(|limit| {
        let default = (limit.show)(&Limits::default());
        flag(
            limit.key,
            "LIMIT",
            format!("{} [default: {default}]", limit.what),
        )
        .help_heading("Limits")
    });
    Command::new("serve")
        .about("Runs the relay")
        .long_about(
            "Runs the relay. Every option is also a key of the config file (with _ for -) and an environment variable \
             (TUNNEL_LISTEN for --listen); options win over variables, variables over the file. A variable that begins with \
             TUNNEL_ and is none of these is left alone.",
        )
        .after_help(
            "SIGTERM and SIGINT drain: no new tunnels, running ones finish; a second one ends them at once. SIGHUP reads the \
             configuration again: certificate and limits, for connections that come later, and revocations. The first line on standard \
             output, a JSON document, says that it is ready; logs go to standard error (RUST_LOG sets their level). What cannot be \
             written to either, or is not read, is lost, and nothing else is. Exit \
             status: 0 after SIGTERM or SIGINT, 2 when something cannot be used and nothing was served.",
        )
        .arg(
            Arg::new("config")
                .long("config")
                .env("TUNNEL_CONFIG")
                .value_name("FILE")
                .help("config file (TOML)"),
        )
        .args(keys)
        .args(limits)
}

/// The flags that were given, as settings.
pub(crate) fn flags(matches: &ArgMatches) -> Vec<(String, String)> {
    let names = RelaySettings::KEYS
        .iter()
        .map(|key| key.name)
        .chain(Limits::TABLE.iter().map(|limit| limit.key));
    names
        .filter_map(|name| {
            matches
                .get_one::<String>(name)
                .map(|value| (name.to_owned(), value.clone()))
        })
        .collect()
}

/// The names of all steps of a probe.
fn steps() -> String {
    ProbeStep::ALL.map(ProbeStep::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }
}
