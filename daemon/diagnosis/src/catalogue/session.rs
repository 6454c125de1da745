//! HS: handshake and channel. CT: the phone's answers. US: the person, and this program itself.

super::entry::entries! {
    SESSION:
    PHONE_FELL_SILENT "HS01" "the phone falls silent" {
        means: "The tunnel is open, but the phone does not answer: it went to sleep, or its passkey prompt was closed.",
        todo: "Keep the phone unlocked, show a new code and scan it again.",
    }
    KEYS_DO_NOT_MATCH "HS02" "the keys do not match" {
        means: "The phone answered with keys of another attempt, or something on the way changed its message.",
        todo: "Show a new code and scan it again. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    PHONE_NOT_UNDERSTOOD "HS03" "the phone is not understood" {
        means: "What the phone sent is not what this version of the protocol expects: it speaks another version, or its passkey provider has a fault.",
        todo: "Update the phone's passkey provider (Google Play services, iOS, or the provider's app) and try again.",
    }
    MESSAGE_DAMAGED "HS04" "a message was damaged" {
        means: "A message was lost or changed on the way, or the phone encrypted it wrongly.",
        todo: "Try again. If it keeps happening, the relay or the phone's passkey provider is at fault: report it with the timeline (--timeline FILE).",
    }
    PHONE_ENDED_SESSION "HS05" "the phone ended the session" {
        means: "The request was cancelled on the phone (iPhones say no more than this), or the phone does not support what the site asks for.",
        todo: "Try again and approve the request on the phone.",
    }
    RELAY_BREAKS_RULES "HS06" "the relay breaks the rules" {
        means: "What answers as the relay does not behave like one.",
        todo: "Try again on another network. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    TUNNEL_CLOSED "HS07" "the tunnel was closed" {
        means: "The phone gave up, or the relay or something on the way ended the connection.",
        todo: "Show a new code and scan it again. If it keeps happening, use another network.",
    }
    PHONE_REFUSED_REQUEST "CT01" "the phone refused the request" {
        means: "The phone answered with an error for which there is no advice of its own.",
        todo: "Update the phone's passkey provider and try again. If it keeps happening, report it with the status that the phone answered.",
    }
    ALREADY_REGISTERED "CT19" "already registered" {
        means: "The phone already has a passkey for this account.",
        todo: "Sign in with that passkey. Or remove it on the phone and register again.",
    }
    NO_COMMON_ALGORITHM "CT26" "no common algorithm" {
        means: "The phone supports none of the algorithms that the site accepts. Most phones sign with ES256 only.",
        todo: "Use another phone or passkey provider, or ask the site's administrator to accept ES256.",
    }
    DECLINED_ON_PHONE "CT27" "declined on the phone" {
        means: "Somebody declined the request on the phone, or its passkey provider failed: phones answer the same to both.",
        todo: "Try again and approve the request on the phone. If nobody declined it, unlock the phone first, update its passkey provider, or use another one.",
    }
    PHONE_FULL "CT28" "the phone is full" {
        means: "The phone has no room for another passkey.",
        todo: "Remove passkeys on the phone that are no longer needed.",
    }
    OPTION_NOT_SUPPORTED "CT2B" "an option is not supported" {
        means: "The site asks for an option that the phone does not support.",
        todo: "Use another phone or passkey provider, or ask the site's administrator.",
    }
    CANCELLED_ON_PHONE "CT2D" "cancelled on the phone" {
        means: "Somebody cancelled the request on the phone, or its prompt was closed for another reason.",
        todo: "Try again and approve the request on the phone.",
    }
    NO_PASSKEY_FOR_SITE "CT2E" "no passkey for this site" {
        means: "The phone has no passkey for this site, or the passkey provider that holds it is switched off.",
        todo: "Check that the phone's passkey provider is switched on and holds a passkey for this site, or use another phone.",
    }
    NOBODY_ANSWERED_IN_TIME "CT2F" "nobody answered in time" {
        means: "Nobody answered the prompt on the phone in time.",
        todo: "Try again, unlock the phone and answer its prompt.",
    }
    NOT_ALLOWED "CT30" "not allowed" {
        means: "The phone does not allow this request.",
        todo: "Use another phone or passkey provider, or ask the site's administrator.",
    }
    USER_NOT_VERIFIED "CT36" "the phone could not verify its user" {
        means: "The site requires that the phone verifies its user. That failed, or no screen lock is set up.",
        todo: "Set up a screen lock on the phone (PIN, fingerprint or face), unlock the phone with its PIN once, and try again.",
    }
    REQUEST_TOO_LARGE "CT39" "the request is too large" {
        means: "The site lists more passkeys in its request than the phone, or the relay that it uses, takes.",
        todo: "Ask the site's administrator to list fewer passkeys in a request, or use another phone.",
    }
    SECOND_COMMAND "CT50" "a second command" {
        means: "Phones answer one request for each code, and then hang up.",
        todo: "Show a new code for the next request.",
        lookup: "it asks one thing for each code",
    }
    SITE_ID_MISMATCH "RP01" "the site's id does not match" {
        means: "The site asks for passkeys that do not belong to the page's address. The phone has nothing to do with this.",
        todo: "Check --origin and the site's rp.id: a site may use its own host name, or a parent domain that can be registered.",
        lookup: "it refuses such options before it shows a code",
    }
    PAGE_MAY_NOT_ASK "RP02" "the page may not ask for passkeys" {
        means: "The browser lets a page ask for passkeys only when it is in front, came over HTTPS with a certificate that the browser trusts, and is not embedded in another site without that site's permission. The phone has nothing to do with this.",
        todo: "Click into the page and try again. If it is embedded in another page, open it in a tab of its own, or ask the site's administrator to permit publickey-credentials-get and publickey-credentials-create.",
        lookup: "it is not a page",
    }
    CANCELLED_HERE "US01" "cancelled here" {
        means: "Somebody stopped the sign-in on this computer.",
        todo: "Start again when you are ready.",
    }
    COMPUTER_PAUSED "US02" "the computer was suspended" {
        means: "This computer was suspended, or hybridd was stopped, in the middle of a sign-in. The phone and its relay do not wait that long.",
        todo: "Show a new code and scan it, with this computer awake until the sign-in is done.",
    }
    SETTINGS_UNUSABLE "US03" "the settings cannot be used" {
        means: "A settings file, or a variable that sets something, says what hybridd does not understand or what an administrator has locked. Except for doctor and explain, hybridd does nothing before that is put right.",
        todo: "Correct the file at the line that is named, or the variable. docs/settings.md lists all settings.",
    }
    DEFECT "US99" "a defect of hybridd" {
        means: "This should never happen; hybridd has made a mistake.",
        todo: "Please report it, with what hybridd doctor --bundle FILE writes.",
    }
}
