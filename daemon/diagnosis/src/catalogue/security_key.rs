//! UH: the phone as a security key of this computer (uhid), its service, its agent and the programs
//! that use it.

super::entry::entries! {
    SECURITY_KEY:
    NO_UHID "UH01" "no /dev/uhid" {
        means: "The security key is a device that the kernel makes for a program (its module uhid), and this kernel has no such module, or was updated and not started since.",
        todo: "Restart the computer. If that does not help, run: sudo modprobe uhid. It says what is missing; a container uses the module of its host.",
    }
    UHID_FORBIDDEN "UH02" "the key's service may not open /dev/uhid" {
        means: "The rule that gives /dev/uhid to the service's user hybridd is missing or not in force yet.",
        todo: "Run: sudo touch /usr/lib/udev/rules.d/70-hybridd.rules && sudo modprobe uhid && sudo udevadm control --reload && sudo udevadm trigger --action=add --sysname-match=uhid, and then: sudo systemctl restart hybridd. If that does not help, install hybridd again.",
        depends_on: [NO_UHID]
    }
    UHID_FAILS "UH03" "the kernel does not make the key" {
        means: "The kernel refused to make the device of the security key, or took it away again.",
        todo: "Look into the kernel's messages (journalctl -k -g hid), then run: sudo systemctl restart hybridd.",
    }
    NO_KEY_SERVICE "UH04" "the key's service is not running" {
        means: "The system service hybridd holds the security key, and it does not answer on the system D-Bus.",
        todo: "Run: sudo systemctl enable --now hybridd. If it does not start, run: journalctl -u hybridd.",
    }
    NO_KEY_AGENT "UH05" "no agent is registered" {
        means: "The security key is there while an agent of the person in front of the computer is running, and none is.",
        todo: "Run: systemctl --user enable --now hybridd-agent. If it does not start, run: journalctl --user -u hybridd-agent.",
        depends_on: [NO_KEY_SERVICE, ANOTHER_KEY_VERSION, KEY_IN_BACKGROUND, KEY_AT_ANOTHER_SEAT, KEY_FROM_ELSEWHERE, KEY_WITHOUT_SESSION, KEY_NOT_ALLOWED, KEY_SWITCHED_OFF]
    }
    ANOTHER_KEY_VERSION "UH06" "agent and service are of different versions" {
        means: "hybridd was updated, and its agent or its service is still running as it was before. They do nothing together.",
        todo: "Run: sudo systemctl restart hybridd, and then: systemctl --user restart hybridd-agent. Or restart the computer.",
    }
    KEY_IN_BACKGROUND "UH07" "another session is in front" {
        means: "The security key belongs to the person whose session is on the screen (seat0). This session is in the background.",
        todo: "Switch back to this session.",
    }
    KEY_AT_ANOTHER_SEAT "UH08" "another seat" {
        means: "This computer has several seats, and the security key is for the first one (seat0) alone: a virtual device cannot be given to another.",
        todo: "Sign in at the first seat, or use hybridd register and hybridd sign-in.",
    }
    KEY_FROM_ELSEWHERE "UH09" "a session from another computer" {
        means: "Who is logged in over the network (ssh, remote desktop) gets no security key here: a phone proves that it is near this computer, and the person is not.",
        todo: "Use the security key of the computer that you sit at. For ssh keys, forward its agent (ssh -A).",
    }
    KEY_WITHOUT_SESSION "UH10" "no session at this computer" {
        means: "The agent's user is not logged in at this computer, as far as logind knows.",
        todo: "Log in at the computer's screen. Programs that are started by cron or by systemd for a user who is not logged in get no security key.",
    }
    KEY_NOT_ALLOWED "UH11" "the administrator does not allow it" {
        means: "A rule of polkit forbids this user to answer in place of a security key (org.hybridd.key.answer), or polkit does not answer.",
        todo: "Ask the administrator to allow the action. If polkit is not running, run: sudo systemctl start polkit.",
    }
    ANOTHER_KEY_AGENT "UH12" "another agent is registered" {
        means: "Another agent of the same person answers already, for example hybridd-agent beside one that was started by hand.",
        todo: "End one of them. For the one in the background, run: systemctl --user stop hybridd-agent.",
    }
    KEY_AGENT_COMES_AND_GOES "UH13" "an agent comes and goes" {
        means: "Agents registered so often within a few seconds that the service makes them wait.",
        todo: "Wait ten seconds. If it happens again, look into the agent's log: journalctl --user -u hybridd-agent.",
    }
    NO_PROMPT "UH14" "no prompt" {
        means: "A program asked the security key, and there is nothing to show the code with: the window (prompt-gtk) is not installed, does not start, or there is no desktop.",
        todo: "Install the package with the window, or run this in a terminal: hybridd agent --prompt terminal.",
    }
    SNAP_HIDES_KEYS "UH15" "a Snap that may not use security keys" {
        means: "A program that is installed as a Snap sees security keys only when it is connected to them.",
        todo: "For Firefox, run: sudo snap connect firefox:u2f-devices. For another program, put its name in place of firefox.",
    }
    FLATPAK_HIDES_KEYS "UH16" "a Flatpak that may not use security keys" {
        means: "A program that is installed as a Flatpak sees devices and their descriptions only when that is allowed.",
        todo: "Run: flatpak override --user --device=all --filesystem=/run/udev:ro APP, with the program's name in place of APP (flatpak list shows it), and start the program again.",
    }
    FIREJAIL_HIDES_KEYS "UH17" "firejail hides security keys" {
        means: "A program that runs in firejail does not see security keys.",
        todo: "Start it with: firejail --ignore=nou2f --ignore=private-dev, or write both lines (ignore nou2f, ignore private-dev) into the program's .local profile below ~/.config/firejail.",
    }
    KEY_SWITCHED_OFF "UH18" "the key is switched off" {
        means: "Somebody switched the security key off, for good or for a while.",
        todo: "To switch it on again, run: hybridd key on.",
    }
    SCREEN_LOCKED "UH19" "the screen was locked" {
        means: "A program asked the security key while the screen was locked, when nobody can see a code.",
        todo: "Start again in the program.",
    }
    CLIENT_READS_NO_INFO "UH20" "a program that took the key for an old one" {
        means: "The program sent a message of U2F, the protocol before FIDO2, although the security key says that it does not speak it.",
        todo: "Update the program: it knows security keys of before 2019 alone, or could not read what this one can do.",
    }
    UNASKED_EXTENSION "UH21" "an answer with an extension that nobody asked for" {
        means: "The phone put something into its signed answer that was not asked for. Chromium rejects such answers, and nothing on the way can take it out.",
        todo: "Use Firefox for this site, or update the phone's passkey provider.",
    }
    ANOTHER_KEY_REQUEST "UH22" "another request is under way" {
        means: "The security key serves one request at a time, as others do, and some programs do not try again.",
        todo: "Finish or cancel the other request, then start again.",
    }
    UHID_OPEN_TO_OTHERS "UH23" "others may open /dev/uhid" {
        means: "Whoever can open /dev/uhid can make a keyboard and type as the person in front. Another user than root and hybridd can.",
        todo: "Look for a rule that opens it: grep -r uhid /etc/udev/rules.d /usr/lib/udev/rules.d. Its permissions should be 0660, root and hybridd.",
    }
    ONLY_PASSKEYS_OF_PHONES "UH24" "Chromium does not ask security keys" {
        means: "The site lists passkeys that were all made on phones; Chromium then asks no security key and says that no passkeys are available.",
        todo: "Scan the code that Chromium itself shows, use Firefox, or choose to sign in without a user name.",
        lookup: "a program that asks no security key is not seen by it",
    }
}
