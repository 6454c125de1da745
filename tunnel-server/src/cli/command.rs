//! The whole command line as it is typed: commands, flags, and what each says of itself.

use clap::builder::StringValueParser;
use clap::{Arg, ArgMatches, Command};
use hybrid_pages::{CommandPage, offering};
use hybrid_tunnel_probe::ProbeStep;
use hybrid_tunnel_server::{Limits, RelaySettings};
use std::path::PathBuf;

/// What the page of the program itself says.
const PROGRAM: CommandPage = CommandPage {
    exits: &[
        (0, "done"),
        (2, "wrong usage, settings or input"),
        (3, "a step of the probe failed"),
        (6, "the result could not be written to standard output"),
    ],
    notes: "",
    examples: &[
        (
            "Does the relay work from outside?",
            "tunnel-server probe https://cable.example.org",
        ),
        ("What happened?", "journalctl -u tunnel-server"),
    ],
    also: &[
        "systemctl(1)",
        "the manual in /usr/share/doc/hybrid-tunnel-server (relay.md first)",
    ],
};

const SERVE: CommandPage = CommandPage {
    exits: &[
        (0, "ended by SIGTERM or SIGINT"),
        (2, "the configuration or a resource is unusable, and nothing was served"),
    ],
    notes: "\
SIGTERM and SIGINT drain the relay: it accepts no new tunnels and lets running ones finish; a second signal closes them
immediately. SIGHUP reloads certificate and limits, which apply to new connections, and revocations.

The first line on standard output is a JSON document that reports readiness; logs go to standard error (RUST_LOG sets the
level). Output that cannot be written, or that nobody reads, is dropped; the relay keeps serving.

Without an option, a variable and a file, --listen is 127.0.0.1:8443, --node is 0/1, --log is text, and nothing else is set. NETWORKS are
addresses and networks with commas between them (127.0.0.1,10.0.0.0/8). A LIMIT is a number, a time (5s, 15m) or a size (8KiB, 1MiB), as its
default shows.",
    examples: &[
        ("As the service runs it:", "tunnel-server serve --config /etc/tunnel-server.toml"),
        (
            "Behind a proxy on this machine, without a file:",
            "tunnel-server serve --listen 127.0.0.1:8443 --forwarded-from 127.0.0.1",
        ),
    ],
    also: &["tunnel-server-probe(1)", "systemctl(1)"],
};

const DOMAIN: CommandPage = CommandPage {
    exits: &[
        (0, "everything was printed"),
        (2, "an invalid id, or no id matches"),
        (6, "the output could not be written"),
    ],
    notes: "",
    examples: &[
        ("The name of an id:", "tunnel-server domain 266"),
        (
            "All ids whose name contains a text:",
            "tunnel-server domain --find lab",
        ),
    ],
    also: &["tunnel-server-probe(1)"],
};

const PROBE: CommandPage = CommandPage {
    exits: &[
        (0, "every step succeeded"),
        (2, "the probe could not start"),
        (3, "a step failed; the probe stops there"),
        (
            6,
            "every step succeeded, but the report could not be written",
        ),
    ],
    notes: "",
    examples: &[
        (
            "From another machine than the relay's:",
            "tunnel-server probe https://cable.example.org",
        ),
        (
            "With a certificate of a private authority, for scripts:",
            "tunnel-server probe https://relay.lab.example --ca authority.pem --json",
        ),
    ],
    also: &["tunnel-server-serve(1)"],
};

const PAGES: CommandPage = CommandPage {
    exits: &[
        (0, "all files were written"),
        (2, "one could not be written; it is as it was before"),
    ],
    notes: "",
    examples: &[(
        "Everything that a package needs:",
        "tunnel-server pages target/pages",
    )],
    also: &["man(1)"],
};

/// What the page of this name says beyond its options.
pub(crate) fn page(name: &str) -> CommandPage {
    match name {
        "tunnel-server" => PROGRAM,
        "tunnel-server-serve" => SERVE,
        "tunnel-server-domain" => DOMAIN,
        "tunnel-server-probe" => PROBE,
        "tunnel-server-pages" => PAGES,
        _ => CommandPage::default(),
    }
}

/// The whole command line; man page and completions are made from it too.
pub(crate) fn command() -> Command {
    Command::new("tunnel-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Self-hosted relay (tunnel server) for the FIDO hybrid transport")
        .after_help(PROGRAM.help())
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
        .after_help(DOMAIN.help())
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
            "Pairs with itself through a relay's public address and reports every step: {}.",
            steps()
        ))
        .after_help(PROBE.help())
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
        .arg(flag(
            "seconds",
            "N",
            "time limit of each step [default: 10]",
        ))
        .arg(flag(
            "large",
            "BYTES",
            "size of the large message [default: 65536]",
        ))
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
        .after_help(PAGES.help())
        .arg(
            Arg::new("folder")
                .value_name("DIR")
                .help("the folder to write to; it is created if it does not exist")
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
    let keys = RelaySettings::KEYS.iter().map(|key| {
        let words = key.value.split('|').filter(|_| key.value.contains('|'));
        flag(key.name, key.value, key.what.to_owned())
            .value_parser(offering(StringValueParser::new(), words))
            .hide_possible_values(true)
    });
    let limits = Limits::TABLE.iter().map(|limit| {
        let default = (limit.show)(&Limits::default());
        flag(
            limit.key,
            "LIMIT",
            format!("{} [default: {default}]", limit.what.trim()),
        )
        .help_heading("Limits")
    });
    Command::new("serve")
        .about("Runs the relay")
        .long_about(
            "Runs the relay. Every option is also a key of the config file (with _ for -) and an environment variable \
             (TUNNEL_LISTEN for --listen); options take precedence over variables, and variables over the file. A variable that is nearly a setting (TUNNEL_ROMS) is refused; others that begin with TUNNEL_ are ignored.",
        )
        .after_help(SERVE.help())
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
