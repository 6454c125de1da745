//! NW: this computer's way to the relay. It is used only after the phone was heard.

super::entry::entries! {
    NETWORK:
    NAME_LOOKUP_FAILED "NW01" "the relay's name cannot be looked up" {
        means: "The name server knows no address for the relay, or does not answer.",
        todo: "Check the network connection and the DNS server. Allow the relay in DNS filters; phones use cable.ua5v.com and cable.auth.com.",
        depends_on: [OFFLINE]
    }
    NAME_LEADS_NOWHERE "NW02" "the relay's name leads nowhere" {
        means: "A DNS filter, or a proxy with made-up addresses, answers with an address that is not on the internet.",
        todo: "Exempt the relay from the filter (in Clash: fake-ip-filter); phones use cable.ua5v.com and cable.auth.com.",
    }
    RELAY_UNREACHABLE "NW03" "no connection to the relay" {
        means: "A firewall or a broken network keeps this computer from the relay.",
        todo: "Allow outgoing connections to port 443 of the relay, or use another network.",
        depends_on: [NAME_LOOKUP_FAILED, NAME_LEADS_NOWHERE, VPN_LEADS_NOWHERE, OFFLINE]
    }
    IPV6_BROKEN "NW04" "IPv6 is broken" {
        means: "The relay's IPv6 address cannot be reached from here, but its IPv4 address can.",
        todo: "For hybridd, do nothing: it uses IPv4. Other programs may hang; repair IPv6 or switch it off.",
    }
    IPV6_ONLY "NW05" "only IPv6" {
        means: "This network has IPv6 only, without a translation to IPv4, and the relay has no IPv6 address.",
        todo: "Ask whoever runs the network for NAT64 and DNS64, or use another network.",
    }
    TLS_INSPECTED "NW06" "encrypted traffic is inspected" {
        means: "Something on the way opens encrypted connections, using a certificate of its own, which often breaks the tunnel. A relay of your own may simply have a private certificate authority.",
        todo: "Exempt the relay from TLS inspection, or install the certificate authority of whatever inspects.",
    }
    TLS_FAILED "NW07" "no secure connection" {
        means: "A TLS connection to the relay could not be set up.",
        todo: "Check this computer's date and time, sign in to the network's portal if it has one, and try again.",
        depends_on: [CAPTIVE_PORTAL, LARGE_PACKETS_LOST]
    }
    CAPTIVE_PORTAL "NW08" "a portal answers" {
        means: "A sign-in page or block page of the network answers in place of the relay.",
        todo: "Open a web page in a browser, sign in to the network, and try again.",
    }
    PROXY_REQUIRED "NW09" "a proxy is required" {
        means: "This network lets programs out only through a proxy, which is not used for the relay.",
        todo: "Set HTTPS_PROXY, or the proxy in the desktop's network settings, and remove the relay from NO_PROXY.",
    }
    PROXY_AUTH_REQUIRED "NW10" "the proxy asks for a password" {
        means: "The proxy asks for a user name and password, or for a kind of sign-in that hybridd does not know (NTLM, Negotiate).",
        todo: "Put user name and password into HTTPS_PROXY (http://user:password@proxy:port), or ask the administrator to exempt the relay.",
    }
    PROXY_REFUSES "NW11" "the proxy refuses" {
        means: "The proxy does not let this computer reach the relay, or cannot reach it itself.",
        todo: "Ask the administrator to allow CONNECT to port 443 of the relay; phones use cable.ua5v.com and cable.auth.com.",
    }
    UPGRADE_LOST "NW12" "the WebSocket request got lost" {
        means: "A proxy on the way removed the request to switch to WebSocket, or the server is not a relay, or does not answer.",
        todo: "Exempt the relay from proxies and from TLS inspection.",
        depends_on: [CAPTIVE_PORTAL]
    }
    NOT_A_RELAY "NW13" "the server is not a passkey relay" {
        means: "The server does not speak the protocol fido.cable, or something on the way removed it.",
        todo: "Exempt the relay from proxies and from TLS inspection. If you run the relay, check its configuration.",
    }
    RELAY_REFUSED "NW14" "the relay refused the request" {
        means: "The relay does not accept the request. Either hybridd made a mistake, or something on the way changed the request.",
        todo: "Try again. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    TUNNEL_GONE "NW15" "the phone's tunnel is gone" {
        means: "The relay does not know this tunnel: the phone gave up, or too much time has passed.",
        todo: "Show a new code and scan it again.",
    }
    PHONE_UNLINKED "NW16" "the phone was unlinked" {
        means: "The linked phone no longer accepts being contacted by this computer.",
        todo: "Remove the phone from the list of linked phones, and scan a code instead.",
    }
    RELAY_OVERLOADED "NW17" "the relay is overloaded" {
        means: "The relay is overloaded, has a fault, or limits how often it may be asked.",
        todo: "Wait a minute and try again.",
    }
    REDIRECTED "NW18" "a redirect" {
        means: "The relay, or something on the way, sends this computer to another place. hybridd does not follow, for safety.",
        todo: "Sign in to the network's portal if it has one. If it keeps happening, report it.",
        depends_on: [CAPTIVE_PORTAL]
    }
    IDLE_CONNECTIONS_CUT "NW19" "idle connections are cut" {
        means: "A proxy or router ends connections that are silent for a while, in this case while the phone waited for its user.",
        todo: "Answer quickly on the phone, or raise the idle limit of the proxy or firewall.",
    }
    LARGE_PACKETS_LOST "NW20" "large packets get lost" {
        means: "Small messages pass and larger ones do not: packets on the way may be smaller than the network says. VPNs often cause this.",
        todo: "Lower the MTU of the network or VPN, or let the router clamp the MSS.",
    }
    CONNECTION_CUT "NW21" "the connection was cut" {
        means: "The relay, or something on the way, cut the connection.",
        todo: "Try again. If it keeps happening, use another network.",
    }
    VPN_LEADS_NOWHERE "NW22" "the VPN leads nowhere" {
        means: "The route to the relay goes through a VPN that does not pass its traffic on.",
        todo: "Pause the VPN, or exempt the relay from it.",
    }
    OFFLINE "NW23" "this computer is offline" {
        means: "No route leads out of this computer: its network is off or not connected.",
        todo: "Connect this computer to a network, by cable or Wi-Fi, and try again.",
    }
    PROXY_UNUSABLE "NW24" "the proxy cannot be used" {
        means: "The proxy in this computer's settings cannot be reached, does not answer like a proxy, or its address is malformed; or the desktop does not say which proxy its settings name.",
        todo: "Check the proxy where it was set: HTTPS_PROXY or ALL_PROXY, hybridd's settings, or the desktop's network settings. Remove it if this network needs none.",
    }
    NO_AUTHORITIES "NW25" "certificate authorities are missing" {
        means: "This computer has no certificate authorities to trust, or the one that signed the relay's certificate is missing among them. The network is not the cause.",
        todo: "Correct or unset SSL_CERT_FILE and SSL_CERT_DIR where they are set; otherwise install or repair the package ca-certificates.",
    }
}

/// What an HTTP status of a relay means.
pub const fn of_status(status: u16) -> &'static super::entry::Entry {
    match status {
        200 | 426 => &UPGRADE_LOST,
        300..=399 => &REDIRECTED,
        404 => &TUNNEL_GONE,
        407 => &PROXY_AUTH_REQUIRED,
        410 => &PHONE_UNLINKED,
        // RFC 6585: network authentication required.
        511 => &CAPTIVE_PORTAL,
        409 | 429 | 500..=599 => &RELAY_OVERLOADED,
        _ => &RELAY_REFUSED,
    }
}
