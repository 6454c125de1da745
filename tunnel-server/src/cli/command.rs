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
        .after_help("Exit status 6: the result could not be written to standard output.")
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
            "Exit status: 0 when everything was printed, 2 for an invalid id or when no id matches, 6 when the output could not be written.",
        )
        .arg_required_else_help(true)
        .arg(
            Arg::new("id")
                .value_name("ID")
                .num_args(0..)
                .help("domain ids, decimal or hexadecimal (0x...)"),
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
            "Pairs with itself through a relay's public address and reports every step: {}. Exit status: 0 when every step succeeded, 3 at the \
             first step that failed, 6 when every step succeeded but the report could not be written, 2 when the probe could not start.",
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
            "certificates of a private authority, trusted instead of the system's",
        ))
        .arg(flag("seconds", "N", "time limit of each step [default: 10]"))
        .arg(flag("large", "BYTES", "size of the large message [default: 65536]"))
        .arg(
            Arg::new("json")
                .long("json")
                .action(clap::ArgAction::SetTrue)
                .help("prints one JSON document instead of lines of text"),
        )
}

fn pages_command() -> Command {
    Command::new("pages")
        .about("Writes man pages, shell completions and the default configuration into a folder")
        .after_help("Exit status: 0 when all files were written, 2 when one could not be written; its previous version is kept.")
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
             (TUNNEL_LISTEN for --listen); options take precedence over variables, and variables over the file. Other variables that begin with TUNNEL_ are ignored.",
        )
        .after_help(
            "SIGTERM and SIGINT drain the relay: it accepts no new tunnels and lets running ones finish; a second signal closes them \
             immediately. SIGHUP reloads certificate and limits, which apply to new connections, and revocations. The first line on standard \
             output is a JSON document that reports readiness; logs go to standard error (RUST_LOG sets the level). Output that cannot be \
             written, or that nobody reads, is dropped; the relay keeps serving. Exit status: 0 after SIGTERM or SIGINT, 2 when the \
             configuration or a resource is unusable and nothing was served.",
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
