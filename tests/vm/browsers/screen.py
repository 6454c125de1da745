"""Alice's screen: an X server without hardware whose pixels are a file, a window manager, and the window with the code."""

import pathlib
import struct
import zlib

from checks import SHARE, Program, expect, until
from desk import UIDS, as_alice, checks
from people import must, run

DISPLAY = ":7"
SIZE = (1600, 900)
TITLE = "Passkey on your phone"
FRAMES = pathlib.Path(f"/run/user/{UIDS['alice']}/frames")
SHOTS = SHARE / "shots"
# X11/XWDFile.h: so many numbers of four bytes, and so many bytes for each entry of the colour map.
HEADER, HEADER_SIZE, LINE_LENGTH, COLOURS, COLOUR_SIZE = ">25I", 0, 12, 19, 12


def on_screen(*command):
    """A program of alice's that has the screen."""
    return as_alice("env", f"DISPLAY={DISPLAY}", *command)


def switch_on():
    width, height = SIZE
    must(*as_alice("mkdir", FRAMES))
    SHOTS.mkdir()
    server = ["Xvfb", DISPLAY, "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset", "-fbdir", FRAMES]
    Program("screen", as_alice(*server), stays=True)
    until("the screen is there", lambda: run(*on_screen("xdotool", "getdisplaygeometry"))[0] == 0)
    managed = FRAMES / "managed"
    # It says early that it is there, and then loses windows that come before it looks at them. Its start-up command is run when it has looked.
    Program("window-manager", on_screen("openbox", "--startup", f"touch {managed}"), stays=True)
    until("the windows are managed", managed.exists)


def xdotool(*words):
    code, said = run(*on_screen("xdotool", *words))
    return said if code == 0 else ""


# --- the window with the code ---

def window():
    """The window that alice is asked by, if there is one."""
    found = xdotool("search", "--onlyvisible", "--name", f"^{TITLE}$").split()
    expect(len(found) < 2, f"there are {len(found)} windows")
    return found[0] if found else None


def place(number):
    """Left, top, width, height."""
    told = dict(line.split("=") for line in xdotool("getwindowgeometry", "--shell", number).splitlines())
    return tuple(int(told[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")) if "HEIGHT" in told else None


def comes():
    return until("the window comes", window)


def goes():
    until("the window goes", lambda: not window())


def focused():
    return xdotool("getwindowfocus", "getwindowname").strip()


def press(from_right):
    """With a pointer, in the row of buttons: the last one stands in the corner, a margin away from both edges."""
    number = window()
    at = number and place(number)
    if at:
        xdotool("mousemove", "--window", number, at[2] - from_right, at[3] - 35, "click", "1")


def press_last_button():
    press(50)


def close():
    """The window, whatever it says."""
    until("the window is closed", lambda: press_last_button() or not window())


def press_first_of_two():
    press(160)


def keys(*names):
    """For whoever has the keyboard."""
    xdotool("key", *names)


# --- what is seen ---

def picture(part=None):
    """A photograph of the screen, or of a part of it, as PNG."""
    frame = (FRAMES / "Xvfb_screen0").read_bytes()
    header = struct.unpack_from(HEADER, frame)
    pixels, line = header[HEADER_SIZE] + COLOUR_SIZE * header[COLOURS], header[LINE_LENGTH]
    left, top, width, height = part or (0, 0, *SIZE)
    left, top = max(0, left), max(0, top)
    width, height = min(width, SIZE[0] - left), min(height, SIZE[1] - top)
    rows = bytearray()
    for y in range(top, top + height):
        start = pixels + y * line + 4 * left
        row, rgb = frame[start:start + 4 * width], bytearray(3 * width)
        rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
        rows += b"\0" + rgb

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    about = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", about) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def keep(name):
    """For people who want to see how it looked."""
    (SHOTS / f"{name}.png").write_bytes(picture())
