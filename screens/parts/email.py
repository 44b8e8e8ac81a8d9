"""The e-mail address as a certificate may carry it, and how it is read aloud."""

from __future__ import annotations

import re

from kiosk.texts import N_, Texts

ADDRESS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]*[A-Za-z0-9_%+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
LONGEST = 64
SIGNS = {
    ".": N_("тачка"),
    "-": N_("цртица"),
    "_": N_("доња црта"),
    "+": N_("плус"),
    "%": N_("проценат"),
}


def what_is_wrong(address: str) -> str | None:
    """The reason an address is refused, as a message; `None` when it may go into a certificate."""
    if not address.isascii():
        return N_("Само латиница без квачица.")
    if address.count("@") != 1:
        return N_("Адреса има тачно један знак @.")
    if "." not in address.partition("@")[2]:
        return N_("Иза знака @ мора бити тачка.")
    if len(address) > LONGEST:
        return N_("Адреса је предугачка.")
    return None if ADDRESS.fullmatch(address) and ".." not in address else N_("Адреса није исправног облика.")


def spelled(address: str, texts: Texts) -> str:
    """Letter by letter, to be read aloud: signs by their names."""
    return " ".join(f"· {texts(SIGNS[sign])} ·" if sign in SIGNS else sign.upper() for sign in address)
