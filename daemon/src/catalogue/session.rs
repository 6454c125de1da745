//! HS: handshake and channel. CT: the phone's answers. US: the person, and this program itself.

super::entries! {
    SESSION:
    HS01 "the phone falls silent" {
        means: "The tunnel is open, but the phone does not answer: it went to sleep, or its passkey sheet was closed.",
        todo: "Keep the phone unlocked, show a new code and scan it again.",
    }
    HS02 "the keys do not fit" {
        means: "The phone answered with keys of another attempt, or something in between changed the message.",
        todo: "Show a new code and scan it again; if it stays, report it with the timeline.",
    }
    HS03 "the phone's greeting or reply is not understood" {
        means: "The phone speaks another version of the protocol, or its passkey provider is faulty.",
        todo: "Update the phone's passkey provider (Google Play services, iOS, or the provider's app) and try again.",
    }
    HS04 "a message was damaged" {
        means: "A message was lost or changed on the way, or the phone made it wrongly.",
        todo: "Try again; if it stays, the relay or the phone's passkey provider is at fault: report it with the timeline.",
    }
    HS05 "the phone ended the session" {
        means: "The request was cancelled on the phone (iPhones say nothing more), or it asks for something the phone does not support.",
        todo: "Try again and approve the request on the phone.",
    }
    HS06 "the relay breaks the rules" {
        means: "What answers as the relay does not behave like one.",
        todo: "Try again on another network; if it stays, report it with the timeline.",
    }
    HS07 "the tunnel was closed" {
        means: "The phone gave up, or the relay or something in between cut the connection.",
        todo: "Show a new code and scan it again; if it stays, use another network.",
    }
    CT01 "the phone refused the request" {
        means: "The phone answered with an error that has no explanation of its own here.",
        todo: "Update the phone's passkey provider and try again; if it stays, report it with the code.",
    }
    CT19 "already registered" {
        means: "The phone already has a passkey for this account.",
        todo: "Sign in with that passkey instead, or remove it on the phone and register again.",
    }
    CT26 "no common algorithm" {
        means: "The phone supports none of the algorithms that the site accepts; phones sign with ES256 alone.",
        todo: "Use another phone or passkey provider, or ask the site's administrator to accept ES256.",
    }
    CT27 "declined on the phone" {
        means: "The request was declined on the phone.",
        todo: "Try again and approve the request on the phone.",
    }
    CT28 "the phone is full" {
        means: "The phone has no room for another passkey.",
        todo: "Remove passkeys that are no longer needed on the phone.",
    }
    CT2B "an option is not supported" {
        means: "The phone does not support an option that was asked for.",
        todo: "Use another phone or passkey provider, or ask the site's administrator.",
    }
    CT2D "cancelled on the phone" {
        means: "The request was cancelled on the phone.",
        todo: "Try again and approve the request on the phone.",
    }
    CT2E "no passkey for this site" {
        means: "The phone has no passkey for this site, or its passkey provider is switched off.",
        todo: "Check that the phone's passkey provider is switched on and holds a passkey for this site, or use another phone.",
    }
    CT2F "nobody answered in time" {
        means: "Nobody answered on the phone in time.",
        todo: "Try again, unlock the phone and answer its prompt.",
    }
    CT30 "not allowed" {
        means: "The phone does not allow this request.",
        todo: "Use another phone or passkey provider, or ask the site's administrator.",
    }
    CT36 "the phone cannot verify its user" {
        means: "The site requires user verification, and the phone has no way set up for it or it failed.",
        todo: "Set a screen lock (PIN, fingerprint or face) on the phone, unlock it once, and try again.",
    }
    CT50 "a second command" {
        means: "Phones serve one command for each code and hang up then.",
        todo: "Show a new code for the next request.",
    }
    RP01 "the site's id does not fit" {
        means: "The site asks for passkeys that do not belong to the page's address; this has nothing to do with the phone.",
        todo: "Check --origin and the site's rp.id; a site may use its own host or a registrable parent domain.",
    }
    US01 "cancelled here" {
        means: "The sign-in was stopped on this computer before it was complete.",
        todo: "Start again when you are ready.",
    }
    US99 "a defect of this program" {
        means: "This should not happen and is a defect of this program.",
        todo: "Please report it with the timeline (--timeline FILE).",
    }
}
