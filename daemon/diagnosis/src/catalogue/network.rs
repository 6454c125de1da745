//! NW: this computer's way to the relay. It is used only after the phone was heard.

super::entry::entries! {
    NETWORK:
    NAME_LOOKUP_FAILED "NW01" "the relay's name cannot be resolved" {
        means: "The name server has no address for the relay, or does not respond.",
        todo: "Check the network connection and the DNS server. Allow the relay in DNS filters; phones use cable.ua5v.com and cable.auth.com.",
        depends_on: [OFFLINE]
    }
    NAME_LEADS_NOWHERE "NW02" "the relay's name resolves to an unusable address" {
        means: "A DNS filter, or a proxy with made-up addresses, returns an address that is not on the internet.",
        todo: "Exempt the relay from the filter (in Clash: fake-ip-filter); phones use cable.ua5v.com and cable.auth.com.",
    }
    RELAY_UNREACHABLE "NW03" "no connection to the relay" {
        means: "A firewall or a broken network blocks connections to the relay.",
        todo: "Allow outgoing connections to port 443 of the relay, or use another network.",
        depends_on: [NAME_LOOKUP_FAILED, NAME_LEADS_NOWHERE, VPN_LEADS_NOWHERE, OFFLINE]
    }
    IPV6_BROKEN "NW04" "IPv6 is broken" {
        means: "This computer can reach the relay over IPv4, but not over IPv6.",
        todo: "hybridd needs no change: it uses IPv4. Other programs may hang; repair IPv6 or disable it.",
    }
    IPV6_ONLY "NW05" "an IPv6-only network" {
        means: "This network supports only IPv6, without translation to IPv4, and the relay has no IPv6 address.",
        todo: "Ask the network's administrator for NAT64 and DNS64, or use another network.",
    }
    TLS_INSPECTED "NW06" "TLS traffic is inspected" {
        means: "A proxy or firewall decrypts TLS connections and presents its own certificate, which often breaks the tunnel. If you run the relay yourself, it may simply use a private certificate authority.",
        todo: "Exempt the relay from TLS inspection, or install the certificate authority of the inspecting proxy or firewall.",
    }
    TLS_FAILED "NW07" "no secure connection" {
        means: "A TLS connection to the relay could not be established.",
        todo: "Check this computer's date and time, sign in to the network's portal if it has one, and try again.",
        depends_on: [CAPTIVE_PORTAL, LARGE_PACKETS_LOST]
    }
    CAPTIVE_PORTAL "NW08" "a captive portal answers" {
        means: "A sign-in page or block page of the network answers instead of the relay.",
        todo: "Open a web page in a browser, sign in to the network, and try again.",
    }
    PROXY_REQUIRED "NW09" "a proxy is required" {
        means: "This network allows connections only through a proxy, but this computer does not use a proxy for the relay.",
        todo: "Set HTTPS_PROXY, or the proxy in the desktop's network settings, and remove the relay from NO_PROXY.",
    }
    PROXY_AUTH_REQUIRED "NW10" "the proxy requires authentication" {
        means: "The proxy requires a user name and password, or an authentication scheme that hybridd does not support (NTLM, Negotiate).",
        todo: "Add the user name and password to HTTPS_PROXY (http://user:password@proxy:port), or ask the administrator to exempt the relay.",
    }
    PROXY_REFUSES "NW11" "the proxy refuses the connection" {
        means: "The proxy does not allow connections to the relay, or cannot reach it.",
        todo: "Ask the administrator to allow CONNECT to port 443 of the relay; phones use cable.ua5v.com and cable.auth.com.",
    }
    UPGRADE_LOST "NW12" "the WebSocket upgrade failed" {
        means: "A proxy removed the WebSocket upgrade from the request, the server is not a relay, or the server does not respond.",
        todo: "Exempt the relay from proxies and from TLS inspection.",
        depends_on: [CAPTIVE_PORTAL]
    }
    NOT_A_RELAY "NW13" "the server is not a passkey relay" {
        means: "The server does not support the protocol fido.cable, or a proxy removed it from the response.",
        todo: "Exempt the relay from proxies and from TLS inspection. If you run the relay, check its configuration.",
    }
    RELAY_REFUSED "NW14" "the relay refused the request" {
        means: "The relay does not accept the request. Either hybridd has a bug, or a proxy changed the request.",
        todo: "Try again. If it keeps happening, report it with the timeline (--timeline FILE).",
    }
    TUNNEL_GONE "NW15" "the phone's tunnel no longer exists" {
        means: "The relay does not know this tunnel: the phone gave up, or too much time has passed.",
        todo: "Show a new code and scan it again.",
    }
    PHONE_UNLINKED "NW16" "the phone was unlinked" {
        means: "The linked phone no longer accepts connections from this computer.",
        todo: "Remove the phone from the list of linked phones, and scan a code instead.",
    }
    RELAY_OVERLOADED "NW17" "the relay is overloaded" {
        means: "The relay is overloaded, has an internal error, or limits the rate of requests.",
        todo: "Wait a minute and try again.",
    }
    REDIRECTED "NW18" "a redirect" {
        means: "The relay, or a proxy in front of it, redirects this computer to another address. For security, hybridd does not follow the redirect.",
        todo: "Sign in to the network's portal if it has one. If it keeps happening, report it.",
        depends_on: [CAPTIVE_PORTAL]
    }
    IDLE_CONNECTIONS_CUT "NW19" "idle connections are closed" {
        means: "A proxy or router closes connections that are idle for a while. Here the connection was idle while the phone waited for its user.",
        todo: "Respond quickly on the phone, or raise the idle timeout of the proxy or firewall.",
    }
    LARGE_PACKETS_LOST "NW20" "large packets are lost" {
        means: "Small packets arrive and larger ones do not: the largest packet size (MTU) on the path may be smaller than the network reports. VPNs often cause this.",
        todo: "Lower the MTU of the network or VPN, or enable MSS clamping on the router.",
    }
    CONNECTION_CUT "NW21" "the connection was lost" {
        means: "The relay, or a device on the network path, closed the connection unexpectedly.",
        todo: "Try again. If it keeps happening, use another network.",
    }
    VPN_LEADS_NOWHERE "NW22" "the VPN does not forward traffic" {
        means: "The route to the relay uses a VPN that does not forward its traffic.",
        todo: "Pause the VPN, or exempt the relay from it.",
    }
    OFFLINE "NW23" "this computer is offline" {
        means: "This computer has no route to the internet: its network is off or not connected.",
        todo: "Connect this computer to a network, by cable or Wi-Fi, and try again.",
    }
    PROXY_UNUSABLE "NW24" "the proxy cannot be used" {
        means: "The proxy in this computer's settings is unreachable, does not respond like a proxy, or has a malformed address; or the desktop did not report which proxy its settings name.",
        todo: "Check the proxy where it is set: HTTPS_PROXY or ALL_PROXY, hybridd's settings, or the desktop's network settings. Remove it if this network needs none.",
    }
    NO_AUTHORITIES "NW25" "certificate authorities are missing" {
        means: "This computer trusts no certificate authority, or not the one that signed the relay's certificate. The network is not the cause.",
        todo: "Correct or unset SSL_CERT_FILE and SSL_CERT_DIR if they are set; otherwise install or repair the package ca-certificates.",
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
