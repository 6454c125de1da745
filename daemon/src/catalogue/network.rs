//! NW: this computer's way to the relay. It is used only after the phone was heard.

super::entries! {
    NETWORK:
    NW01 "the relay's name cannot be looked up" {
        means: "The name server knows no address for the relay, or does not answer.",
        todo: "Check the network connection and the DNS server; allow cable.ua5v.com and cable.auth.com in DNS filters.",
        depends_on: [NW23]
    }
    NW02 "the relay's name leads nowhere" {
        means: "A DNS filter or fake-IP proxy answers with an address that is no public one.",
        todo: "Exempt cable.ua5v.com and cable.auth.com from the filter (fake-ip-filter in Clash).",
    }
    NW03 "no connection to the relay" {
        means: "A firewall, or a broken network, keeps this computer from the relay.",
        todo: "Allow outgoing connections to port 443 of the relay, or use another network.",
        depends_on: [NW01, NW02, NW22, NW23]
    }
    NW04 "IPv6 is broken" {
        means: "The relay has an IPv6 address that cannot be reached from here, while its IPv4 address can.",
        todo: "Nothing has to be done for hybridd, which uses IPv4 then; other programs may hang: repair or switch off IPv6.",
    }
    NW05 "IPv6 only" {
        means: "This network has no IPv4 and no translation to it, and the relay has no IPv6 address.",
        todo: "Ask the network's operator for NAT64 and DNS64, or use another network.",
    }
    NW06 "encrypted traffic is inspected" {
        means: "Something in between opens encrypted connections with a certificate of its own, which often breaks the tunnel.",
        todo: "Exempt the relay's host from TLS inspection, or install the inspecting proxy's certificate authority.",
    }
    NW07 "no secure connection" {
        means: "The TLS connection to the relay could not be set up.",
        todo: "Check this computer's date and time, sign in to the network's portal if it has one, and try again.",
        depends_on: [NW08, NW20]
    }
    NW08 "a portal answers" {
        means: "A portal or block page answers in place of the relay.",
        todo: "Open a web page in a browser, sign in to the network, and try again.",
    }
    NW09 "a proxy is required" {
        means: "This network lets programs out through a proxy alone.",
        todo: "Set HTTPS_PROXY, or the proxy of the desktop's network settings, and take the relay's host out of NO_PROXY.",
    }
    NW10 "the proxy wants credentials" {
        means: "The proxy asks for a user name and password, or for a scheme that this program does not speak (NTLM, Negotiate).",
        todo: "Put user name and password into HTTPS_PROXY (http://user:password@proxy:port), or ask the administrator to exempt the relay's host.",
    }
    NW11 "the proxy refuses" {
        means: "The proxy does not let this computer reach the relay, or cannot reach it itself.",
        todo: "Ask the administrator to allow CONNECT to port 443 of cable.ua5v.com and cable.auth.com.",
    }
    NW12 "the WebSocket request got lost" {
        means: "A proxy in between removed the request to switch to WebSocket, or the host is not a relay.",
        todo: "Exempt the relay's host from the proxy.",
        depends_on: [NW08]
    }
    NW13 "the server is no passkey relay" {
        means: "The server does not speak the protocol fido.cable, or something in between removed it.",
        todo: "Exempt the relay's host from proxies; if you run the relay, check its configuration.",
    }
    NW14 "the relay refused the request" {
        means: "The relay did not like the request; a defect of this program or something in between that changed it.",
        todo: "Try again; if it stays, report it with the timeline (--timeline FILE).",
    }
    NW15 "the phone's tunnel is gone" {
        means: "The relay does not know the tunnel (any more): the phone gave up, or too much time passed.",
        todo: "Show a new code and scan it again.",
    }
    NW16 "the phone was unlinked" {
        means: "The phone no longer accepts being contacted by this computer.",
        todo: "Scan a QR code instead; forget the phone with: hybridd phones forget ID.",
    }
    NW17 "the relay is overloaded" {
        means: "The relay is overloaded, has a fault, or limits requests.",
        todo: "Wait a minute and try again.",
    }
    NW18 "a redirect" {
        means: "The relay, or something in between, wants to send this computer elsewhere, which is refused for safety.",
        todo: "Sign in to the network's portal if it has one; if it stays, report it.",
        depends_on: [NW08]
    }
    NW19 "idle connections are cut" {
        means: "A proxy or router ends connections that are silent for a while, here while the person unlocked the phone.",
        todo: "Answer on the phone quickly, or raise the idle limit of the proxy or firewall.",
    }
    NW20 "large packets get lost" {
        means: "Small messages pass and larger ones do not: the packet size on the way is smaller than the network says, often in a VPN.",
        todo: "Lower the MTU of the network or VPN, or let the router clamp the MSS.",
    }
    NW21 "the connection was cut" {
        means: "The relay, or something in between, cut the connection.",
        todo: "Try again; if it stays, use another network.",
    }
    NW22 "the VPN has no way out" {
        means: "The route to the relay goes through a VPN that does not carry it.",
        todo: "Pause the VPN, or exempt the relay's host from it.",
    }
    NW23 "this computer is offline" {
        means: "No route leads out of this computer: the network is off, or not connected.",
        todo: "Connect this computer to a network, by cable or Wi-Fi, and try again.",
    }
    NW24 "the proxy cannot be used" {
        means: "The proxy that this computer's settings name cannot be reached, does not answer as a proxy, or is not written as one.",
        todo: "Check HTTPS_PROXY and ALL_PROXY, or the proxy of the desktop's network settings; remove it when this network needs none.",
    }
}

/// What an HTTP status of a relay means.
pub const fn of_status(status: u16) -> &'static super::Entry {
    match status {
        200 | 426 => &NW12,
        300..=399 => &NW18,
        404 => &NW15,
        407 => &NW10,
        410 => &NW16,
        // RFC 6585: network authentication required.
        511 => &NW08,
        409 | 429 | 500..=599 => &NW17,
        _ => &NW14,
    }
}
