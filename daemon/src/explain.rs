//! From what happened to why, without IO: a failed session, or one that waits, and what its radio and network said.

use crate::dial::DialError;
use crate::finding::{Certainty, Finding};
use crate::radio::Trouble;
use crate::webauthn::CtapStatus;
use hybrid_protocol::noise::HandshakeError;
use hybrid_protocol::{Cause, Failure, Stage};

/// What the session has observed so far.
#[derive(Default, Debug)]
pub struct Observed {
    /// What is wrong with the radio now.
    pub trouble: Option<Trouble>,
    /// Neighbouring Bluetooth LE devices heard.
    pub neighbours: u32,
    /// Adverts of other people's phones.
    pub foreign: u32,
    /// Adverts of a phone that scanned an earlier code.
    pub stale: u32,
    /// Adverts that opened but mean something unknown.
    pub unknown: u32,
    /// Why the tunnel could not be opened.
    pub dial: Option<DialError>,
}

/// Why a session failed.
pub fn failure(failure: &Failure, observed: &Observed) -> Finding {
    match &failure.cause {
        Cause::TimedOut => timed_out(failure.at, observed),
        Cause::Cancelled => finding(
            "US01",
            Certainty::Certain,
            "You cancelled.".to_owned(),
            "The sign-in was stopped before it was complete.",
            "Start again when you are ready.",
        ),
        Cause::Tunnel(fault) => observed.dial.as_ref().map_or_else(
            || {
                finding(
                    "NW14",
                    Certainty::Likely,
                    format!("No tunnel: {fault}."),
                    "The relay that the phone chose could not be reached.",
                    "Check this computer's network connection and try again.",
                )
            },
            network,
        ),
        Cause::TunnelClosed { code } => closed(failure.at, *code),
        Cause::PeerShutdown => finding(
            "HS05",
            Certainty::Likely,
            format!("The phone ended the session (stage {}).", failure.at),
            "The request was cancelled on the phone, or the phone does not support it.",
            "Try again and approve the request on the phone.",
        ),
        Cause::Handshake(HandshakeError::Internal) | Cause::Misuse(_) => finding(
            "US99",
            Certainty::Certain,
            format!("{}.", failure.cause),
            "This is a defect of this program.",
            "Please report it with the timeline (--timeline FILE).",
        ),
        Cause::Handshake(error) => finding(
            "HS02",
            Certainty::Likely,
            format!("{error}."),
            "The phone answered with keys of another attempt, or something between changed the message.",
            "Show a new code and scan it again. If it stays, report it with the timeline.",
        ),
        Cause::Frame(error) => finding(
            "HS04",
            Certainty::Likely,
            format!("{error}."),
            "A message was lost or altered on the way, or the phone made it wrongly.",
            "Try again. If it stays, the relay or the phone's passkey provider is at fault: report it with the timeline.",
        ),
        Cause::Greeting(_)
        | Cause::Link(_)
        | Cause::NoCtap
        | Cause::Message(_)
        | Cause::Unsolicited
        | Cause::TooManyUpdates => finding(
            "HS03",
            Certainty::Likely,
            format!("{}.", failure.cause),
            "The phone speaks another version of the protocol, or its passkey provider is faulty.",
            "Update the phone's passkey provider (Google Play services, iOS, or the provider's app) and try again.",
        ),
        Cause::TextFrame | Cause::UnexpectedFrame | Cause::BadSignal => finding(
            "HS06",
            Certainty::Likely,
            format!("{}.", failure.cause),
            "What answers as the relay does not behave like one.",
            "Try again on another network; if it stays, report it with the timeline.",
        ),
    }
}

/// What is likely while the session waits in a stage. `None` while waiting is ordinary.
pub fn waiting(stage: Stage, seconds: u64, observed: &Observed) -> Option<Finding> {
    match stage {
        Stage::Advert => match &observed.trouble {
            Some(trouble) => Some(radio(trouble)),
            None if observed.stale > 0 => Some(stale()),
            None if seconds >= 15 => Some(no_advert(observed, Certainty::Possible)),
            None => None,
        },
        Stage::Reply if seconds >= 15 => Some(finding(
            "PH07",
            Certainty::Possible,
            "The request is at the phone; its user has not answered yet.".to_owned(),
            "The phone waits for its user, or its passkey provider shows no passkey for this site.",
            "Unlock the phone and look for its prompt.",
        )),
        Stage::Contact
        | Stage::Tunnel
        | Stage::Handshake
        | Stage::Greeting
        | Stage::Request
        | Stage::Reply
        | Stage::Linger
        | Stage::Done => None,
    }
}

/// What is wrong with the radio.
pub fn radio(trouble: &Trouble) -> Finding {
    let saw = sentence(&trouble.to_string());
    let (code, means, advice) = match trouble {
        Trouble::NoAdapter => (
            "BT01",
            "Without Bluetooth this computer cannot notice that the phone is near.",
            "Plug in a Bluetooth 4.0 (or newer) adapter; in a virtual machine, pass one through.",
        ),
        Trouble::NoDbus(_) => (
            "BT02",
            "Bluetooth is reached over the system D-Bus, which does not answer here.",
            "Start D-Bus, or run outside the container or sandbox.",
        ),
        Trouble::NoBluetoothd | Trouble::BluetoothdGone => (
            "BT02",
            "Bluetooth is managed by a service that does not run.",
            "Run: systemctl enable --now bluetooth",
        ),
        Trouble::Off => (
            "BT03",
            "Every Bluetooth adapter is switched off.",
            "Switch Bluetooth on in the settings, or run: bluetoothctl power on",
        ),
        Trouble::Blocked { hard: false } => (
            "BT04",
            "Airplane mode or rfkill blocks it.",
            "Leave airplane mode, or run: rfkill unblock bluetooth",
        ),
        Trouble::Blocked { hard: true } => (
            "BT04",
            "A switch on the computer or its firmware settings blocks it.",
            "Use the computer's wireless switch or key, or its firmware settings.",
        ),
        Trouble::Denied(_) => (
            "BT05",
            "The D-Bus policy or a sandbox keeps this program from Bluetooth.",
            "Add your user to the group bluetooth, or allow the sandbox to talk to org.bluez.",
        ),
        Trouble::Busy(_) => (
            "BT07",
            "Another program may hold the adapter, or its driver hangs.",
            "Close other Bluetooth scanners, or run: systemctl restart bluetooth",
        ),
        Trouble::AdapterGone(_) => (
            "BT01",
            "The adapter was unplugged or its driver failed.",
            "Plug it in again; listening goes on by itself.",
        ),
    };
    finding(code, Certainty::Certain, saw, means, advice)
}

/// Why the tunnel could not be opened.
pub fn network(error: &DialError) -> Finding {
    let code = error.code();
    let (certainty, means, advice) = match code {
        "NW01" => (
            Certainty::Certain,
            "The relay's name cannot be looked up on this network.",
            "Check the network connection and the DNS server; allow cable.ua5v.com and cable.auth.com.",
        ),
        "NW02" => (
            Certainty::Certain,
            "A DNS filter or fake-IP proxy hides the relay.",
            "Exempt cable.ua5v.com and cable.auth.com from the filter.",
        ),
        "NW03" => (
            Certainty::Likely,
            "A firewall, or a broken network, keeps this computer from the relay.",
            "Allow outgoing connections to port 443 of the relay, or use another network.",
        ),
        "NW06" => (
            Certainty::Likely,
            "Something in between reads encrypted traffic with a certificate of its own.",
            "Exempt the relay's host from TLS inspection, or install the inspecting proxy's certificate.",
        ),
        "NW07" => (
            Certainty::Likely,
            "The secure connection to the relay could not be set up.",
            "Check this computer's date and time, sign in to the network's portal if it has one, and try again.",
        ),
        "NW08" => (
            Certainty::Likely,
            "A portal or block page answers in place of the relay.",
            "Open a web page in a browser, sign in to the network, and try again.",
        ),
        "NW12" => (
            Certainty::Likely,
            "A proxy in between removes the WebSocket request, or the host is not a relay.",
            "Exempt the relay's host from the proxy.",
        ),
        "NW13" => (
            Certainty::Likely,
            "The server is not a passkey relay, or something in between removed the protocol.",
            "Exempt the relay's host from proxies; if you run the relay, check its configuration.",
        ),
        "NW15" => (
            Certainty::Likely,
            "The phone's tunnel is not there (any more): it gave up, or too much time passed.",
            "Show a new code and scan it again.",
        ),
        "NW16" => (
            Certainty::Certain,
            "The phone no longer accepts being contacted by this computer.",
            "Scan a QR code instead.",
        ),
        "NW17" => (
            Certainty::Certain,
            "The relay is overloaded or limits requests.",
            "Wait a minute and try again.",
        ),
        "NW18" => (
            Certainty::Likely,
            "The relay, or something in between, wants to send this computer elsewhere.",
            "Sign in to the network's portal if it has one; if it stays, report it.",
        ),
        "NW21" => (
            Certainty::Likely,
            "The relay, or something in between, cut the connection.",
            "Try again; if it stays, use another network.",
        ),
        _ => (
            Certainty::Likely,
            "The relay refused the request.",
            "Try again; if it stays, report it with the timeline.",
        ),
    };
    finding(code, certainty, sentence(&error.to_string()), means, advice)
}

/// The phone answered with a CTAP status.
pub fn status(status: CtapStatus) -> Finding {
    finding(
        "CT01",
        Certainty::Certain,
        format!("The phone answered {} ({:#04x}).", status.name(), status.0),
        status.meaning(),
        status.advice(),
    )
}

fn timed_out(at: Stage, observed: &Observed) -> Finding {
    match at {
        Stage::Advert | Stage::Contact => match &observed.trouble {
            Some(trouble) => radio(trouble),
            None if observed.stale > 0 => stale(),
            None => no_advert(observed, Certainty::Likely),
        },
        Stage::Tunnel => observed.dial.as_ref().map_or_else(
            || {
                finding(
                    "NW03",
                    Certainty::Likely,
                    "The relay did not answer in time.".to_owned(),
                    "A firewall, or a broken network, keeps this computer from the relay.",
                    "Allow outgoing connections to port 443 of the relay, or use another network.",
                )
            },
            network,
        ),
        Stage::Handshake | Stage::Greeting => finding(
            "HS01",
            Certainty::Likely,
            "The tunnel is open, but the phone does not answer.".to_owned(),
            "The phone went to sleep or its passkey sheet was closed.",
            "Keep the phone unlocked, show a new code and scan it again.",
        ),
        Stage::Request | Stage::Linger | Stage::Done => finding(
            "US99",
            Certainty::Certain,
            format!("Nothing was asked for in time (stage {at})."),
            "This is a defect of this program.",
            "Please report it with the timeline (--timeline FILE).",
        ),
        Stage::Reply => finding(
            "PH07",
            Certainty::Likely,
            "The phone got the request and nobody answered it.".to_owned(),
            "Its user did not confirm, or its passkey provider hangs.",
            "Try again, unlock the phone and answer its prompt.",
        ),
    }
}

fn no_advert(observed: &Observed, certainty: Certainty) -> Finding {
    if observed.unknown > 0 {
        return finding(
            "AD06",
            Certainty::Likely,
            "The phone advertises something that this version does not understand.".to_owned(),
            "The phone uses a relay or a format newer than this program.",
            "Update hybridd.",
        );
    }
    if observed.foreign > 0 {
        return finding(
            "AD02",
            certainty,
            format!(
                "{} passkey adverts were heard, none made for this code.",
                observed.foreign
            ),
            "Somebody else signs in nearby, or another window's code was scanned.",
            "Scan the code that is on the screen now.",
        );
    }
    if observed.neighbours > 0 {
        return finding(
            "AD01",
            certainty,
            format!(
                "{} Bluetooth devices were heard, but no phone that scanned this code.",
                observed.neighbours
            ),
            "The phone has not scanned it, has no internet connection, or has Bluetooth off; this computer's radio works.",
            "Scan the code, switch on Bluetooth and open a web page on the phone; pause its VPN or ad blocker.",
        );
    }
    finding(
        "BT08",
        if certainty == Certainty::Likely {
            Certainty::Likely
        } else {
            Certainty::Possible
        },
        "No Bluetooth device of any kind was heard.".to_owned(),
        "There is none near, or this computer's radio does not hear.",
        "Bring the phone within two metres; if nothing is ever heard, try another adapter or USB port.",
    )
}

fn stale() -> Finding {
    finding(
        "AD03",
        Certainty::Certain,
        "The phone scanned an earlier code.".to_owned(),
        "Each code works once; the phone answers one that is no longer valid.",
        "Scan the code that is on the screen now.",
    )
}

fn closed(at: Stage, code: Option<u16>) -> Finding {
    let how = code.map_or_else(String::new, |code| format!(" (code {code})"));
    match at {
        Stage::Reply => finding(
            "HS05",
            Certainty::Likely,
            format!("The phone closed the session after the request{how}."),
            "The request was cancelled on the phone (iPhones say nothing more), or it asks for something the phone does not support.",
            "Try again and approve the request on the phone.",
        ),
        Stage::Contact
        | Stage::Advert
        | Stage::Tunnel
        | Stage::Handshake
        | Stage::Greeting
        | Stage::Request
        | Stage::Linger
        | Stage::Done => finding(
            "HS07",
            Certainty::Likely,
            format!("The tunnel was closed in stage {at}{how}."),
            "The phone gave up, or the relay or something in between cut the connection.",
            "Show a new code and scan it again; if it stays, use another network.",
        ),
    }
}

fn finding(
    code: &'static str,
    certainty: Certainty,
    saw: String,
    means: &'static str,
    advice: &'static str,
) -> Finding {
    Finding {
        code,
        certainty,
        saw,
        means,
        advice,
    }
}

fn sentence(fragment: &str) -> String {
    let clean: String = fragment.chars().filter(|char| !char.is_control()).collect();
    let mut chars = clean.chars();
    let first: String = chars
        .next()
        .map(|char| char.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}
