# The window's own texts. Findings are not among them: they are English everywhere, and marked so.
# CONTRIBUTING.md says how a language is added.

window-title = Passkey on your phone

# The site or host stands below, on a line of its own.
ask-create = Create a passkey for
ask-get = Sign in to
ask-create-key = Create a key for
ask-get-key = Sign with the key for
ask-select = Use the phone as security key?
ask-waiting = A program asks for a passkey

program-hint = The program seems to be { $program }.
program-unknown = A program on this computer asks for it.

scan-how = Point the camera of your phone at the code. Bluetooth must be on, on the phone too.
select-how = A program asks which security key to use. A security key that blinks can be touched instead.

note-usb-transport = Firefox tells the site that this passkey is on a USB key. Some sites then do not offer it on the phone itself.
note-aaguid-erased = Chromium does not tell the site which model created the passkey. Organisations that allow only certain models may refuse it.
note-other-code = The browser may show a code as well. Either code works.
note-policy-may-refuse = By its export, your organisation's policy may refuse this. The report says why.

# What a screen reader says about the picture of the code.
code-name = QR code for your phone
code-description = Only the camera of a phone can read it. The phone must be near this computer.
code-awaited = The code appears here in a moment.
code-used = The code has been scanned.
code-void = The code is no longer valid.

step-scan-active = Scan the code with the phone
step-scan-done = The phone has scanned the code
step-connect-todo = Connect to the phone
step-connect-active = Connecting to the phone
step-connect-done = Connected to the phone
step-confirm-todo = Confirm on the phone
step-confirm-active = Confirm on the phone now
step-confirm-done = The phone has answered
step-stopped = { $step }: it stopped here

stale-code = A phone scanned an earlier code. Scan the code that is shown now.
new-code = This is a new code. The code before is no longer valid.
paused = This computer was suspended meanwhile.

trouble-live = There is a problem
trouble-failed = It did not work
trouble-means = What it means
trouble-todo = What to do
# Stands before texts that are not translated; empty in English.
trouble-english = {""}

can-renew = The program still waits. “New code” tries again.
over-failed-web = The browser has been told and does not ask again. To try again, cancel in the browser and start again there.
over-failed-key = The program has been told. To try again, run its command again.
over-agent-gone = The part of hybridd that talks to the phone has ended, and the request with it. Start again in the program.
over-done = Done. You can continue in the program.

button-new-code = New code
button-not-now = Not now
button-cancel = Cancel
button-use = Use the phone
button-report = Report
button-back = Back
button-copy = Copy
button-close = Close

report-title = What happened
report-copied = The report has been copied.
