"""Who signs: profiles, linting, checking, and the authorities behind one contract (`interface.py`)."""

import warnings

# A common name of more than 32 Cyrillic letters is within the bound of 64 characters, but the X.509 library counts
# bytes and says so on stderr, across the screen, each time it meets such a name. Filters are global and
# `catch_warnings` is not safe with threads, so these lines stand where every user of certificates passes.
warnings.filterwarnings("ignore", message="Attribute's length must be", category=UserWarning)
# Anybody can send along such a certificate; whether a certificate is believed is not for a warning to say.
warnings.filterwarnings("ignore", message="Parsed a serial number", category=UserWarning)
