"""WebKitGTK, by its own small browser and its own driver: what its pages have of WebAuthn."""

import json
import urllib.request

from checks import Program, expect, say, until
from desk import check, here
from people import must
from screen import on_screen

PORT = 4444
BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"
# Seconds: an emulated machine takes a minute or two from the start to the first page.
ANSWERS = 400


def ask(method, path, **body):
    data = json.dumps(body).encode() if method == "POST" else None
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=ANSWERS) as answer:
        return json.load(answer)["value"]


def ready():
    try:
        return ask("GET", "/status")["ready"]
    except OSError:
        return False


@check("WebKitGTK offers its pages no WebAuthn, and therefore asks no security key")
def _():
    version = must("dpkg-query", "-W", "-f", "${Version}", "libwebkit2gtk-4.1-0")
    driver = Program("webkit", on_screen("WebKitWebDriver", f"--port={PORT}"))
    until("the driver is ready", ready)
    wishes = {"alwaysMatch": {"webkitgtk:browserOptions": {"binary": BROWSER, "args": ["--automation"]}}}
    session = ask("POST", "/session", capabilities=wishes)["sessionId"]
    ask("POST", f"/session/{session}/url", url=here["site"])
    has = lambda what: ask("POST", f"/session/{session}/execute/sync", script=f"return typeof {what}", args=[])
    seen = {what: has(what) for what in ("PublicKeyCredential", "navigator.credentials", "isSecureContext", "ceremony")}
    say(f"   WebKitGTK {version}: {seen}")
    expect(seen["ceremony"] == "function", "the page is not there")
    expect(seen["PublicKeyCredential"] == "undefined", "it has WebAuthn by now: this page and docs/works-with.md are to be written anew")
    ask("DELETE", f"/session/{session}")
    driver.end()
