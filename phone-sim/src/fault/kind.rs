//! What a phone can do wrong, by the moment at which it does it. How each is typed, told and played
//! stands in the file of its moment.

/// The moment at which a fault is played.
#[derive(Clone, Copy)]
pub(crate) enum FaultKind {
    /// Before anything: which code is answered at all.
    StaleCode,
    Tunnel(OpeningFault),
    Advert(AdvertFault),
    Handshake(HandshakeFault),
    Greeting(GreetingFault),
    Request(RequestFault),
    Reply(ReplyFault),
}

impl FaultKind {
    pub(crate) const fn tunnel(self) -> Option<OpeningFault> {
        if let Self::Tunnel(fault) = self {
            Some(fault)
        } else {
            None
        }
    }

    pub(crate) const fn handshake(self) -> Option<HandshakeFault> {
        if let Self::Handshake(fault) = self {
            Some(fault)
        } else {
            None
        }
    }

    pub(crate) const fn greeting(self) -> Option<GreetingFault> {
        if let Self::Greeting(fault) = self {
            Some(fault)
        } else {
            None
        }
    }

    pub(crate) const fn request(self) -> Option<RequestFault> {
        if let Self::Request(fault) = self {
            Some(fault)
        } else {
            None
        }
    }

    pub(crate) const fn reply(self) -> Option<ReplyFault> {
        if let Self::Reply(fault) = self {
            Some(fault)
        } else {
            None
        }
    }
}

/// With the phone's own tunnel.
#[derive(Clone, Copy)]
pub(crate) enum OpeningFault {
    /// Never opens one, and so never advertises.
    Silent,
    /// Loses it and opens another one, as between Wi-Fi and mobile data.
    Reconnect,
    /// Closes it before it advertises.
    Leave,
}

/// With the Bluetooth advert.
#[derive(Clone, Copy)]
pub(crate) enum AdvertFault {
    Missing,
    Late,
    Suffix,
    Short,
    OtherCode,
    Damaged,
    OtherRelay,
    UnknownRelay,
    Reserved,
    OtherRouting,
}

/// In place of the second handshake message.
#[derive(Clone, Copy)]
pub(crate) enum HandshakeFault {
    NoAnswer,
    Short,
    Long,
    OtherPsk,
    OtherKey,
    DamagedPoint,
    DamagedTag,
    OffCurve,
    Infinity,
    Hybrid,
    Echo,
    Text,
    /// A message before its turn, while the desktop is not there yet.
    Early,
    Leave,
    Cut,
}

/// With the greeting, and before a request is answered.
#[derive(Clone, Copy)]
pub(crate) enum GreetingFault {
    Missing,
    /// Before the second handshake message.
    Early,
    // Not what a greeting is inside.
    NotCbor,
    NotAMap,
    Empty,
    Garbage,
    Shutdown,
    NoGetInfo,
    StrayGetInfo,
    Features,
    NoCtap,
    BadLink,
    // Not what a frame is.
    Short,
    TooLong,
    Damaged,
    Padding,
    Counter,
    OldFrames,
    Twice,
    // Too little in it.
    BadGetInfo,
    NoScreenLock,
    NoDiscoverable,
    // A good greeting, and something that nobody asked for.
    BadUpdate,
    UpdateFlood,
    EarlyReply,
    UnknownType,
    Json,
    EmptyMessage,
    EmptyReply,
}

/// When the request has come and the user is asked.
#[derive(Clone, Copy)]
pub(crate) enum RequestFault {
    /// As an iPhone does when its user cancels.
    Leave,
    Shutdown,
    Cut,
    Slow,
    NoReply,
    Pings,
}

/// With the reply.
#[derive(Clone, Copy)]
pub(crate) enum ReplyFault {
    Status,
    // Not what a reply is inside.
    NotCbor,
    NotAMap,
    Truncated,
    OtherSite,
    NotPresent,
    NotVerified,
    OtherPasskey,
    BadSignature,
    // Not what a message is.
    OtherType,
    // Not what a frame is.
    Damaged,
    Counter,
    TooLong,
    // More, or less, than the one reply.
    Huge,
    Twice,
    HangUp,
}
