//! HS: handshake and channel. CT: the phone's answers. US: the person, and this program itself.

super::entry::entries! {
    SESSION:
    PHONE_FELL_SILENT "HS01" "the phone stopped responding" {
        means: "The tunnel is open, but the phone does not respond: it went to sleep, or its passkey prompt was closed.",
        todo: "Keep the phone unlocked, show a new code and scan it again.",
    }
    KEYS_DO_NOT_MATCH "HS02" "the keys do not match" {
        means: "The phone responded with the keys of another attempt, or its message was changed in transit.",
        todo: "Show a new code and scan it again. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    PHONE_NOT_UNDERSTOOD "HS03" "an unexpected message from the phone" {
        means: "The phone sent a message that this version of the protocol does not expect: it uses another version, or its passkey provider has a bug.",
        todo: "Update the phone's passkey provider (Google Play services, iOS, or the provider's app) and try again.",
    }
    MESSAGE_DAMAGED "HS04" "a message was damaged" {
        means: "A message was lost or changed in transit, or the phone encrypted it incorrectly.",
        todo: "Try again. If it keeps happening, the relay or the phone's passkey provider is at fault: report it with the timeline (--timeline FILE).",
    }
    PHONE_ENDED_SESSION "HS05" "the phone ended the session" {
        means: "The request was cancelled on the phone (iPhones do not report more than this), or the phone does not support what the site requests.",
        todo: "Try again and approve the request on the phone.",
    }
    RELAY_BREAKS_RULES "HS06" "the relay violates the protocol" {
        means: "The server that answers as the relay does not follow the relay protocol.",
        todo: "Try again on another network. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    TUNNEL_CLOSED "HS07" "the tunnel was closed" {
        means: "The phone gave up, or the relay or a device on the network path closed the connection.",
        todo: "Show a new code and scan it again. If it keeps happening, use another network.",
    }
    PHONE_REFUSED_REQUEST "CT01" "the phone refused the request" {
        means: "The phone returned an error for which hybridd has no specific advice.",
        todo: "Update the phone's passkey provider and try again. If it keeps happening, report it with the status that the phone returned.",
    }
    ALREADY_REGISTERED "CT19" "already registered" {
        means: "The phone already has a passkey for this account.",
        todo: "Sign in with that passkey, or delete it on the phone and register again.",
    }
    NO_COMMON_ALGORITHM "CT26" "no common algorithm" {
        means: "The phone supports none of the algorithms that the site accepts. Most phones support only ES256.",
        todo: "Use another phone or passkey provider, or ask the site's administrator to accept ES256.",
    }
    DECLINED_ON_PHONE "CT27" "declined on the phone" {
        means: "The request was declined on the phone, or its passkey provider failed: phones report both in the same way.",
        todo: "Try again and approve the request on the phone. If you did not decline it, unlock the phone first, update its passkey provider, or use another one.",
    }
    PHONE_FULL "CT28" "the phone is full" {
        means: "The phone has no space for another passkey.",
        todo: "Delete passkeys on the phone that are no longer needed.",
    }
    OPTION_NOT_SUPPORTED "CT2B" "an option is not supported" {
        means: "The site requests an option that the phone does not support.",
        todo: "Use another phone or passkey provider, or ask the site's administrator.",
    }
    CANCELLED_ON_PHONE "CT2D" "cancelled on the phone" {
        means: "The request was cancelled on the phone, or the phone closed its prompt for another reason.",
        todo: "Try again and approve the request on the phone.",
    }
    NO_PASSKEY_FOR_SITE "CT2E" "no passkey for this site" {
        means: "The phone has no passkey for this site, or the passkey provider that holds it is switched off.",
        todo: "Check that the phone's passkey provider is switched on and has a passkey for this site, or use another phone.",
    }
    NOBODY_ANSWERED_IN_TIME "CT2F" "timed out on the phone" {
        means: "The prompt on the phone was not answered in time.",
        todo: "Try again, unlock the phone and respond to its prompt.",
    }
    NOT_ALLOWED "CT30" "not allowed" {
        means: "The phone does not allow this request.",
        todo: "Use another phone or passkey provider, or ask the site's administrator.",
    }
    USER_NOT_VERIFIED "CT36" "the phone could not verify its user" {
        means: "The site requires user verification. It failed, or the phone has no screen lock.",
        todo: "Set up a screen lock on the phone (PIN, fingerprint or face), unlock the phone with its PIN once, and try again.",
    }
    REQUEST_TOO_LARGE "CT39" "the request is too large" {
        means: "The site lists more passkeys in its request than the phone or its relay accepts.",
        todo: "Ask the site's administrator to list fewer passkeys in a request, or use another phone.",
    }
    SECOND_COMMAND "CT50" "a second command" {
        means: "A phone answers one request for each code and then disconnects.",
        todo: "Show a new code for the next request.",
        lookup: "it sends one request for each code",
    }
    SITE_ID_MISMATCH "RP01" "the site's rp.id does not match" {
        means: "The site requests passkeys for an rp.id that does not belong to the page's address. The phone is not the cause.",
        todo: "Check --origin and the site's rp.id: a site may use its own host name, or a registrable parent domain of it.",
        lookup: "it rejects such options before it shows a code",
    }
    PAGE_MAY_NOT_ASK "RP02" "the page cannot request passkeys" {
        means: "A browser lets a page request passkeys only if the page has the focus, was loaded over HTTPS with a trusted certificate, and is not embedded in another site without that site's permission. The phone is not the cause.",
        todo: "Click in the page and try again. If it is embedded in another page, open it in its own tab, or ask the site's administrator to allow publickey-credentials-get and publickey-credentials-create.",
        lookup: "it is not a web page",
    }
    CANCELLED_HERE "US01" "cancelled here" {
        means: "The sign-in was stopped on this computer.",
        todo: "Start again when you are ready.",
    }
    COMPUTER_PAUSED "US02" "the computer was suspended" {
        means: "This computer was suspended, or hybridd was stopped, during a sign-in. The phone and its relay do not wait that long.",
        todo: "Show a new code and scan it, and keep this computer awake until the sign-in is done.",
    }
    SETTINGS_UNUSABLE "US03" "the settings cannot be used" {
        means: "A settings file or a variable contains a setting that hybridd does not understand or that an administrator has locked. Until it is corrected, register, sign-in, beacon and agent do not start.",
        todo: "Correct the file at the reported line, or the variable. docs/settings.md (in a package: /usr/share/doc/hybridd/settings.md) lists all settings.",
    }
    DEFECT "US99" "a bug in hybridd" {
        means: "This should never happen: hybridd has a bug.",
        todo: "Please report it, and attach what hybridd doctor --bundle FILE writes.",
    }
}
