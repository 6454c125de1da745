//! UH: the phone as a security key of this computer (uhid), its service, its agent and the programs
//! that use it.

super::entry::entries! {
    SECURITY_KEY:
    NO_UHID "UH01" "no /dev/uhid" {
        means: "The kernel creates the security key for a program (with its module uhid), but this kernel has no such module, or was updated without a restart.",
        todo: "Restart the computer. If that does not help, run: sudo modprobe uhid. It reports what is missing. A container uses the module of its host.",
    }
    UHID_FORBIDDEN "UH02" "the key's service cannot open /dev/uhid" {
        means: "The rule that gives the service's user hybridd access to /dev/uhid is missing or not in effect yet.",
        todo: "Run: sudo touch /usr/lib/udev/rules.d/70-hybridd.rules && sudo modprobe uhid && sudo udevadm control --reload && sudo udevadm trigger --action=add --sysname-match=uhid, and then: sudo systemctl restart hybridd. If that does not help, reinstall hybridd.",
        depends_on: [NO_UHID]
    }
    UHID_FAILS "UH03" "the kernel does not create the key" {
        means: "The kernel refused to create the security key's device, or removed it.",
        todo: "Check the kernel log (journalctl -k -g hid), then run: sudo systemctl restart hybridd.",
    }
    NO_KEY_SERVICE "UH04" "the key's service is not running" {
        means: "The system service hybridd provides the security key, but it does not respond on the system D-Bus.",
        todo: "Run: sudo systemctl enable --now hybridd. If there is no such unit, install the package hybridd. If it does not start, run: journalctl -u hybridd.",
    }
    NO_KEY_AGENT "UH05" "no agent is registered" {
        means: "The security key exists only while an agent of the active user is running, and none is.",
        todo: "Run: systemctl --user enable --now hybridd-agent. If it does not start, run: journalctl --user -u hybridd-agent.",
        depends_on: [NO_KEY_SERVICE, ANOTHER_KEY_VERSION, KEY_IN_BACKGROUND, KEY_AT_ANOTHER_SEAT, KEY_FROM_ELSEWHERE, KEY_WITHOUT_SESSION, KEY_NOT_ALLOWED, KEY_SWITCHED_OFF]
    }
    ANOTHER_KEY_VERSION "UH06" "agent and service have different versions" {
        means: "hybridd was updated, but its agent or its service still runs another version. If the two are too different, the service refuses the agent.",
        todo: "Run: sudo systemctl restart hybridd, and then: systemctl --user restart hybridd-agent. Or restart the computer.",
    }
    KEY_IN_BACKGROUND "UH07" "another session is active" {
        means: "The security key belongs to the user whose session is on the screen (seat0). This session is in the background.",
        todo: "Switch back to this session.",
    }
    KEY_AT_ANOTHER_SEAT "UH08" "another seat" {
        means: "This computer has several seats, and only the first one (seat0) gets the security key: a virtual device cannot be assigned to another seat.",
        todo: "Log in at the first seat, or use hybridd register and hybridd sign-in.",
    }
    KEY_FROM_ELSEWHERE "UH09" "a remote session" {
        means: "A user who is logged in over the network (ssh, remote desktop) gets no security key on this computer: a phone proves that it is near this computer, and a remote user is not.",
        todo: "Use the security key of the computer in front of you. For ssh keys, forward its agent (ssh -A).",
    }
    KEY_WITHOUT_SESSION "UH10" "no session on this computer" {
        means: "According to logind, the agent's user is not logged in on this computer.",
        todo: "Log in at the computer's screen. Programs that cron or systemd starts for a user who is not logged in get no security key.",
    }
    KEY_NOT_ALLOWED "UH11" "the administrator does not allow it" {
        means: "A polkit rule forbids this user to answer for the security key (org.hybridd.key.answer), or polkit does not respond.",
        todo: "Ask the administrator to allow the action. If polkit is not running, run: sudo systemctl start polkit.",
    }
    ANOTHER_KEY_AGENT "UH12" "another agent is registered" {
        means: "Another agent of the same user is already registered, for example hybridd-agent in addition to one that was started by hand.",
        todo: "Stop one of them. To stop the one in the background, run: systemctl --user stop hybridd-agent.",
    }
    KEY_AGENT_COMES_AND_GOES "UH13" "agents keep re-registering" {
        means: "Agents registered so often within a few seconds that the service makes them wait.",
        todo: "Wait ten seconds. If it happens again, check the agent's log: journalctl --user -u hybridd-agent.",
    }
    NO_PROMPT "UH14" "no prompt" {
        means: "A program used the security key, but hybridd cannot show the code: the window (prompt-gtk) is not installed or does not start, or there is no desktop.",
        todo: "Install the package with the window (hybridd-gtk), or run these in a terminal: systemctl --user stop hybridd-agent; hybridd agent --prompt terminal.",
    }
    SNAP_HIDES_KEYS "UH15" "a Snap without access to security keys" {
        means: "A program that is installed as a Snap sees security keys only if its interface u2f-devices is connected.",
        todo: "For Firefox, run: sudo snap connect firefox:u2f-devices. For another program, replace firefox with its name.",
    }
    FLATPAK_HIDES_KEYS "UH16" "a Flatpak without access to security keys" {
        means: "A program that is installed as a Flatpak sees devices and their descriptions only if it has permission.",
        todo: "Run: flatpak override --user --device=all --filesystem=/run/udev:ro APP, with the program's name in place of APP (flatpak list shows it), and restart the program.",
    }
    FIREJAIL_HIDES_KEYS "UH17" "firejail hides security keys" {
        means: "A program that runs in firejail does not see security keys.",
        todo: "Start it with: firejail --ignore=nou2f --ignore=private-dev, or add both lines (ignore nou2f, ignore private-dev) to the program's .local profile in ~/.config/firejail.",
    }
    KEY_SWITCHED_OFF "UH18" "the key is switched off" {
        means: "The security key was switched off, permanently or for a limited time.",
        todo: "To switch it on again, run: hybridd key on.",
    }
    SCREEN_LOCKED "UH19" "the screen was locked" {
        means: "A program used the security key while the screen was locked and could not show a code.",
        todo: "Start again in the program.",
    }
    CLIENT_READS_NO_INFO "UH20" "a program that uses U2F" {
        means: "The program sent a message of U2F, the predecessor of FIDO2, although the security key reports that it does not support it.",
        todo: "Update the program: it supports only security keys from before 2019, or could not read what this key supports.",
    }
    UNASKED_EXTENSION "UH21" "an answer with an extension that was not requested" {
        means: "The phone added data to its signed answer that was not requested. Chromium rejects such answers, and hybridd cannot remove signed data.",
        todo: "Use Firefox for this site, or update the phone's passkey provider.",
    }
    ANOTHER_KEY_REQUEST "UH22" "another request is in progress" {
        means: "Like other security keys, this one handles one request at a time, and some programs do not retry.",
        todo: "Finish or cancel the other request, then start again.",
    }
    UHID_OPEN_TO_OTHERS "UH23" "other users can open /dev/uhid" {
        means: "A program that can open /dev/uhid can create a keyboard and type as the active user. Users other than root and hybridd can open it.",
        todo: "Look for the rule that allows it: grep -r uhid /etc/udev/rules.d /usr/lib/udev/rules.d. The permissions should be 0660, root and hybridd.",
    }
    ONLY_PASSKEYS_OF_PHONES "UH24" "Chromium does not ask security keys" {
        means: "If all passkeys that a site lists were created on phones, Chromium does not ask any security key and says that no passkeys are available.",
        todo: "Scan the code that Chromium itself shows, use Firefox, or choose to sign in without a user name.",
        lookup: "it does not see a program that asks no security key",
    }
    POLICY_REFUSES "UH25" "the organisation's policy refuses the request" {
        means: "The setting policies names exports of the organisation's policy for this site, and they refuse the request for certain. No code is shown, because the scan would be in vain.",
        todo: "Ask the organisation's administrator; hybridd explain with the PK code says what the verdict means, and hybridd policy check what would change it. If the exports are outdated, replace them.",
    }
    POLICY_MAY_REFUSE "UH26" "the organisation's policy may refuse the request" {
        means: "The setting policies names exports of the organisation's policy for this site. They speak against the request, but not for certain: something about the passkey is not known before the scan.",
        todo: "Scan the code if you want to try. hybridd explain with the PK code says what the verdict means, and hybridd policy check --path key tells more.",
    }
    POLICY_UNREAD "UH27" "the organisation's policy was not asked" {
        means: "The setting policies names exports for this site that cannot be read, or not in time, so hybridd does not know whether the request will be accepted.",
        todo: "Run: hybridd policy lint --policy with the path that the setting names. It says what is wrong with the files.",
    }
    POLICY_OF_LITTLE_USE "UH28" "the organisation's exports are of little use" {
        means: "Exports that are older than a week, incomplete or without the passkey configuration stop nothing before the code. Files of one user are ignored where the setting policies names them, because it is for everybody. Microsoft Entra's pages ask for passkeys of login.microsoft.com, so exports for another name are hardly ever asked.",
        todo: "Export the policy again (hybridd policy how-to-export) and replace all files; remove the files of one user; name the site login.microsoft.com. The page about policies says how to keep the files fresh.",
    }
}
