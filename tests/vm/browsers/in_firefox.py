"""Firefox, which on Linux knows no phones: the window is its only way to one."""

from beside import beside
from camera import answered
from desk import check, here
from firefox import Firefox, firefox
from rows import ceremony, phones_only, rows

rows(Firefox.name, firefox)


@check("Firefox also asks when every passkey of a list was made on a phone")
def _():
    listed = phones_only(here["made"])
    answered(firefox(), lambda: ceremony(firefox(), "get", "/request-options.json", "/sign-in", allowCredentials=listed), "sign-in verified")


beside(Firefox.name, firefox, asks_first=True)


@check("Firefox ends")
def _():
    here.pop("firefox").program.end()
