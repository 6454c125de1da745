//! A site on this computer to try `hybridd register` and `hybridd sign-in` on. It hands out options
//! and verifies the answers with `webauthn_rp`, which is not part of this project.
//!
//! `cargo run -p hybrid-tests --example site`, and then open the address that it prints, or type the
//! commands that the page shows. Its buttons try a browser, and the security key that it finds.
//! Ctrl-C ends it; nothing is kept.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hybrid_tests::relying_party::{Account, Begun, RelyingParty};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::timeout;
use webauthn_rp::request::register::USER_HANDLE_MAX_LEN;
use webauthn_rp::{DiscoverableAuthenticationServerState, RegistrationServerState};

/// For one request.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of a request's head, and of its body.
const LONGEST: u64 = 256 * 1024;
const PAGE: &str = include_str!("site/page.html");
/// Passkeys in a list of which the account has one.
const LISTED: usize = 20;
/// A passkey's id, as many authenticators make them.
const ID: usize = 32;

/// The site, and what it waits for.
struct Site {
    origin: String,
    party: RelyingParty,
    registration: Option<Begun<RegistrationServerState<USER_HANDLE_MAX_LEN>>>,
    sign_in: Option<Begun<DiscoverableAuthenticationServerState>>,
    account: Option<Account>,
}

/// A status, a type and a text.
type Answer = (&'static str, &'static str, String);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let site = Rc::new(RefCell::new(Site {
        party: RelyingParty::at("localhost", &origin)?,
        origin: origin.clone(),
        registration: None,
        sign_in: None,
        account: None,
    }));
    println!("{origin}");
    let connections = LocalSet::new();
    let serve_all = connections.run_until(async {
        loop {
            let (stream, _) = listener.accept().await?;
            let site = Rc::clone(&site);
            // Each by itself: browsers open connections that they may need later, and say nothing.
            spawn_local(async move {
                if let Ok(Err(_)) = timeout(PATIENCE, serve(stream, &site)).await {
                    eprintln!("site: a request was not understood");
                }
            });
        }
    });
    serve_all.await
}

async fn serve(stream: TcpStream, site: &RefCell<Site>) -> Result<(), Box<dyn Error>> {
    let mut stream = BufReader::new(stream.take(2 * LONGEST));
    let (mut first, mut length) = (String::new(), 0);
    if stream.read_line(&mut first).await? == 0 {
        return Ok(());
    }
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<u64>()?.min(LONGEST);
        }
    }
    let mut body = String::new();
    (&mut stream).take(length).read_to_string(&mut body).await?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    // A form of the type text/plain puts the name of its field before the text.
    let body = body.trim().strip_prefix("response=").unwrap_or(body.trim());
    let (status, kind, text) = site.borrow_mut().answer(method, path, body);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        text.len()
    );
    let stream = stream.get_mut().get_mut();
    stream.write_all((head + &text).as_bytes()).await?;
    Ok(stream.shutdown().await?)
}

impl Site {
    fn answer(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let done = match (method, path) {
            ("GET", "/") => return ("200 OK", "text/html", self.page()),
            ("GET", "/creation-options.json") => self.party.begin_registration().map(|begun| {
                let options = begun.options.clone();
                self.registration = Some(begun);
                ("application/json", options)
            }),
            ("GET", "/request-options.json") => self.party.begin_sign_in().map(|begun| {
                let options = begun.options.clone();
                self.sign_in = Some(begun);
                ("application/json", options)
            }),
            ("GET", "/listed-request-options.json") => match &self.account {
                Some(account) => self.party.begin_sign_in().map(|begun| {
                    let options = listed(&begun.options, account.id());
                    self.sign_in = Some(begun);
                    ("application/json", options)
                }),
                None => return wrong("register first"),
            },
            ("POST", "/register") => match self.registration.take() {
                Some(begun) => self.party.finish_registration(begun, body).map(|account| {
                    self.account = Some(account);
                    ("text/plain", "registration verified\n".to_owned())
                }),
                None => {
                    return wrong("get /creation-options.json first; each is valid for one answer");
                }
            },
            ("POST", "/sign-in") => match (self.sign_in.take(), &self.account) {
                (Some(begun), Some(account)) => self
                    .party
                    .finish_sign_in(begun, account, body)
                    .map(|()| ("text/plain", "sign-in verified\n".to_owned())),
                (_, None) => return wrong("register first"),
                (None, _) => {
                    return wrong("get /request-options.json first; each is valid for one answer");
                }
            },
            _ => {
                return (
                    "404 Not Found",
                    "text/plain",
                    "there is no such page\n".to_owned(),
                );
            }
        };
        match done {
            Ok((kind, text)) => ("200 OK", kind, text),
            Err(refused) => wrong(&refused.to_string()),
        }
    }

    fn page(&self) -> String {
        let ceremony = |title: &str, verb: &str, options: &str| {
            let origin = &self.origin;
            format!(
                "<h3>{title}</h3><pre>curl -s {origin}/{options} &gt; {options}\n\
                 hybridd {verb} --origin {origin} --options {options} &gt; {verb}.json\n\
                 curl --data @{verb}.json {origin}/{verb}</pre>\
                 <p>Or save <a href=\"/{options}\" download>{options}</a>, run hybridd, and paste what it prints:</p>\
                 <form method=post action=\"/{verb}\" enctype=\"text/plain\"><textarea name=response rows=4 cols=80></textarea> <button>Verify</button></form>"
            )
        };
        let ceremonies = ceremony("1. Register a passkey", "register", "creation-options.json")
            + &ceremony("2. Sign in with it", "sign-in", "request-options.json");
        PAGE.replace("{ceremonies}", &ceremonies)
    }
}

/// The same options with a list of passkeys of which the last is the account's.
fn listed(options: &str, id: &[u8]) -> String {
    let others = (1..LISTED).map(|_| {
        let mut other = vec![0; ID];
        // Which ids these are does not matter, only that the account has none of them.
        let _ = getrandom::fill(&mut other);
        other
    });
    let entry = |id: Vec<u8>| json!({"type": "public-key", "id": URL_SAFE_NO_PAD.encode(id)});
    let list: Vec<_> = others.chain([id.to_vec()]).map(entry).collect();
    let mut options: Value = serde_json::from_str(options).unwrap_or_default();
    let members = match options.get_mut("publicKey") {
        Some(members) => members,
        None => &mut options,
    };
    if let Some(members) = members.as_object_mut() {
        members.insert("allowCredentials".to_owned(), list.into());
    }
    options.to_string()
}

fn wrong(why: &str) -> Answer {
    ("400 Bad Request", "text/plain", format!("{why}\n"))
}
