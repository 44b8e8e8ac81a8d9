"""One search key for every spelling of a name: Ђорђевић, Đorđević, Djordjevic and Dordevic fold alike.

The key finds; it is never shown. Merging đ, dj and d finds a little too much, and the list shows the true names.
"""

from __future__ import annotations

import unicodedata

FOLD_VERSION = 1
"""Stored with the keys; another version means they are made anew."""

_SERBIAN = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
_DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dž"}
# Letters of Rusyn, Macedonian, Bulgarian and Russian names, met in Serbian registers.
_NEIGHBOURS = {
    "й": "j",
    "ї": "ji",
    "є": "je",
    "і": "i",
    "ы": "i",
    "ю": "ju",
    "я": "ja",
    "щ": "šč",
    "ъ": "",
    "ь": "",
    "ґ": "g",
    "ѓ": "đ",
    "ќ": "ć",
    "ѕ": "dz",
    "э": "e",
    "ё": "jo",
}
_CYRILLIC = str.maketrans(_SERBIAN | _DIGRAPHS | _NEIGHBOURS)
# Letters without a Unicode decomposition, eth typed for đ among them; apostrophes do not part a name.
_UNDECOMPOSED = str.maketrans(
    {"đ": "dj", "ð": "dj", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "ə": "a", "’": "", "'": "", "ʼ": ""}
)


def fold(text: str) -> str:
    """The search key of a text: bare lower-case Latin, the same for either script and any usual spelling."""
    composed = unicodedata.normalize("NFKC", text).lower()
    latin = composed.translate(_CYRILLIC).translate(_UNDECOMPOSED)
    bare = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    return bare.replace("dj", "d")
