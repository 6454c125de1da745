//! `tunnel-server pages`: man pages, shell completions and the default configuration, for whoever
//! packages or installs it.

use super::answer::wrong;
use super::command::{command, page};
use clap::ArgMatches;
use hybrid_pages::{Manual, made_at, put};
use hybrid_tunnel_server::Limits;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) fn run(matches: &ArgMatches) -> ExitCode {
    let folder = matches
        .get_one::<PathBuf>("folder")
        .cloned()
        .unwrap_or_default();
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => wrong(&format_args!(
            "cannot write into {}: {error}",
            folder.display()
        )),
    }
}

fn write(folder: &Path) -> io::Result<()> {
    let manual = Manual {
        program: &command(),
        // Sun, 06 Nov 1994 08:49:37 GMT, without the rest.
        date: httpdate::fmt_http_date(made_at())
            .chars()
            .skip(5)
            .take(11)
            .collect(),
        page,
        files: files(),
        variables: variables(),
    };
    manual.write(folder)?;
    put(folder, "tunnel-server.toml", configuration().as_bytes())
}

fn files() -> Vec<(String, String)> {
    let files = [
        (
            "/etc/tunnel-server.toml",
            "Settings of the relay that the package runs. Every one is explained there.",
        ),
        (
            "/etc/tunnel-server/",
            "The certificate chain and its key, where the manual's hook puts them.",
        ),
        (
            "/var/lib/tunnel-server/",
            "What must survive a restart: revoked contact ids.",
        ),
        (
            "/usr/share/doc/hybrid-tunnel-server/",
            "The manual (relay.md, relay-limits.md, relay-contacts.md), and in examples settings for proxies, alerts and a dashboard.",
        ),
    ];
    files
        .map(|(name, what)| (name.to_owned(), what.to_owned()))
        .into()
}

fn variables() -> Vec<(String, String)> {
    let variables = [
        (
            "TUNNEL_CONFIG",
            "The file of settings, as --config of tunnel-server-serve(1).",
        ),
        (
            "TUNNEL_<SETTING>",
            "Any setting, with _ for -: TUNNEL_TLS_CERT is --tls-cert. Options take precedence over variables, and variables over the file. \
             One that is nearly a setting is refused; others are ignored.",
        ),
        (
            "RUST_LOG",
            "The level of the log: error, warn, info (the default), debug or trace.",
        ),
    ];
    variables
        .map(|(name, what)| (name.to_owned(), what.to_owned()))
        .into()
}

/// The default configuration: what a person wrote, and every limit from the table, commented with
/// its default.
fn configuration() -> String {
    let mut text = include_str!("../../dist/tunnel-server.toml").to_owned();
    for limit in Limits::TABLE {
        let default = (limit.show)(&Limits::default());
        let number = default.bytes().all(|byte| byte.is_ascii_digit());
        let value = if number {
            default
        } else {
            format!("\"{default}\"")
        };
        let _ = write!(
            text,
            "\n# {}\n# {} = {value}\n",
            limit.what.trim(),
            limit.key
        );
    }
    text
}
