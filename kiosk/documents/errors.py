"""What can go wrong with a form before it is on paper."""

from __future__ import annotations

import unicodedata


class DocumentError(Exception):
    """Base of what the documents raise. `code` is shown on the screen and told to support."""

    code = "К-0800"


class TooLong(DocumentError):
    """A value needs more room than a page has; cut it must not be."""

    code = "К-0802"

    def __init__(self, form: str) -> None:
        super().__init__(f"a value is too long for form {form}")
        self.form = form


class MissingGlyph(DocumentError):
    """The form's typeface has no such letter; printed it would be a box in somebody's name."""

    code = "К-0801"

    def __init__(self, character: str) -> None:
        name = unicodedata.name(character, "control character")
        super().__init__(f"the typeface of the forms has no {character!r} (U+{ord(character):04X}, {name})")
        self.character = character
