"""`python -m kiosk.texts.compile`: en.po into en.mo, for who changes the catalogue; needs Babel (extra `dev`)."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PO = Path(__file__).with_name("en.po")
MO = PO.with_suffix(".mo")


def compiled() -> bytes:
    """The catalogue as the kiosk reads it. Raises `babel.messages.pofile.PoFileError` on a malformed en.po."""
    with PO.open("rb") as source:
        catalogue = read_po(source, locale="en", abort_invalid=True)
    # Otherwise Babel writes the time of the compilation into the file.
    catalogue.creation_date = catalogue.revision_date = datetime(1970, 1, 1, tzinfo=UTC)
    target = BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


if __name__ == "__main__":
    MO.write_bytes(compiled())
