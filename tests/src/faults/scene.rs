//! What can be broken: each part of a sign-in's surroundings, as data. [`GOOD`] breaks nothing.

/// The relay's address. Like all others here it exists in the fault's own network alone.
pub const RELAY: &str = "203.0.113.10";
/// The same in the newer protocol.
pub const RELAY_V6: &str = "2001:db8::10";
/// Where a proxy listens, when there is one.
pub const PROXY: &str = "203.0.113.20";

/// Everything around one sign-in.
#[derive(Clone, Copy)]
pub struct Scene {
    /// What the name server says.
    pub dns: Dns,
    /// Shell lines that break the network, run as its owner after it is set up.
    pub network: &'static str,
    /// Shell lines that break it once the sign-in has reached both relays and waits for the phone.
    pub later: &'static str,
    /// What is at the relay's address.
    pub server: Server,
    /// What it shows.
    pub certificate: Certificate,
    /// What listens at [`PROXY`].
    pub proxy: Proxy,
    /// Variables of `hybridd`.
    pub env: &'static [(&'static str, &'static str)],
    /// This computer's Bluetooth.
    pub radio: Radio,
    /// Who answers the code.
    pub phone: Phone,
    /// After how many seconds the person has enough; 0: never.
    pub seconds: u64,
}

/// A scene in which everything works.
pub const GOOD: Scene = Scene {
    dns: Dns::Answers {
        v4: &[RELAY],
        v6: &[],
    },
    network: "",
    later: "",
    server: Server::Relay,
    certificate: Certificate::Good,
    proxy: Proxy::None,
    env: &[],
    radio: Radio::Good,
    phone: Phone::Real(&[]),
    seconds: 0,
};

/// The name server.
#[derive(Clone, Copy)]
pub enum Dns {
    /// These addresses.
    Answers {
        /// IPv4.
        v4: &'static [&'static str],
        /// IPv6.
        v6: &'static [&'static str],
    },
    /// For this name, the relay's address; no other name exists.
    KnowsOnly(&'static str),
    /// This response code and nothing else.
    Refuses(u8),
    /// No answer.
    Silent,
    /// Bytes that are no answer.
    Garbage,
    /// The answer does not fit, and is not to be had over TCP either.
    Truncated,
    /// Nobody listens at the name server's address.
    Nobody,
}

/// Whoever listens at the relay's address.
#[derive(Clone, Copy)]
pub enum Server {
    /// Nobody: the port is closed.
    Nobody,
    /// The real relay, behind TLS.
    Relay,
    /// The same, after so many seconds.
    Slow(u64),
    /// The same, under another path, which it names when it is asked for the usual one.
    Moved,
    /// The same, through a box that opens TLS and forwards HTTP without `Upgrade` and `Connection`.
    WithoutUpgrade,
    /// The same, cut after so many seconds without a message.
    CutWhenIdle(u64),
    /// After TLS, and once the request is read, this text; `{accept}` is what the request's key
    /// wants. Then it hangs up.
    Answers(&'static str),
    /// Accepts as a relay does, and then does this.
    Accepts(Then),
    /// Without TLS: these bytes for the first that come.
    Says(&'static [u8]),
    /// Goes so far with each connection, and then ends it like this.
    Stops(Step, End),
}

/// How a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It stays open, and nothing more is said.
    Silence,
    /// A goodbye of TCP, without one of anything above it.
    Close,
    /// A reset.
    Reset,
}

/// How far a connection came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// It is accepted.
    Accept,
    /// The first bytes came.
    FirstByte,
    /// It is encrypted.
    Tls,
    /// The request was read.
    Request,
}

/// What a relay does after it accepted.
#[derive(Clone, Copy)]
pub enum Then {
    /// Nothing.
    Silent,
    /// Says hello in a text message.
    Text,
    /// A message that is no handshake.
    Noise,
    /// Says goodbye.
    Closes,
    /// Ends the connection without a goodbye.
    Ends(End),
    /// Pings for ever.
    Pings,
    /// A frame that WebSocket does not know.
    BadFrame,
}

/// Certificates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For the relay's names, from an authority that this machine trusts.
    Good,
    /// From one that it does not.
    Untrusted,
    /// From nobody.
    SelfSigned,
    /// Of years ago.
    Expired,
    /// Of years to come.
    NotYetValid,
    /// For a portal.
    OtherName,
}

/// What listens at the proxy's address.
#[derive(Clone, Copy)]
pub enum Proxy {
    /// Nobody.
    None,
    /// A proxy that leads to the relay for this name and password; without, for everybody.
    Connects(Option<(&'static str, &'static str)>),
    /// This answer to each request.
    Answers(&'static str),
    /// Accepts and says nothing.
    Silent,
    /// Hangs up.
    HangsUp,
    /// SOCKS5: this reply to each request (RFC 1928 section 6); 0 leads to the relay.
    Socks(u8),
    /// SOCKS5 that wants credentials.
    SocksWithPassword,
}

/// This computer's Bluetooth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Radio {
    /// One adapter, on, with a neighbour.
    Good,
    /// The same, and nothing else is on the air.
    Quiet,
    /// Two adapters.
    Two,
    /// No system bus.
    NoBus,
    /// No bluetoothd.
    NoService,
    /// No adapter.
    NoAdapter,
    /// Switched off.
    Off,
    /// BlueZ says that it is blocked.
    Blocked,
    /// No Low Energy.
    Classic,
    /// Discovery is not permitted.
    Denied,
    /// The bus's policy keeps this program from bluetoothd.
    Forbidden,
    /// Discovery does not start.
    Busy,
    /// Pulled while it listens.
    Pulled,
    /// Switched off while it listens.
    SwitchedOff,
    /// Blocked while it listens.
    BlockedLater,
    /// bluetoothd ends while it listens.
    ServiceEnds,
    /// A neighbour's entry keeps BlueZ from listing anything.
    BrokenNeighbour,
    /// Everything is heard weakly, the test beacon of another computer among it.
    Weak,
}

/// Who answers the code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phone {
    /// Nobody.
    None,
    /// The simulated phone, with these options.
    Real(&'static [&'static str]),
    /// Nothing but an advert, as of a phone whose tunnel is open at the first relay.
    Advert,
    /// The same, for a relay with this number.
    Domain(u16),
    /// The same, for the code that was shown before.
    Stale,
    /// An advert of another code.
    Foreign,
    /// Nobody, and another computer sends its test advert.
    Beacon,
    /// An advert that is too short.
    Short,
    /// The code's own advert, as data of another Bluetooth service.
    OtherService,
    /// An advert of an earlier attempt, which BlueZ still lists and nobody sends.
    Remembered,
    /// Nobody, and the person stops.
    Stopped,
}
