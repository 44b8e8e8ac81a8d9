"""Who signs: profiles, linting, checking, and the authorities behind one contract (`interface.py`)."""

import warnings

# A common name of more than 32 Cyrillic letters is within the bound of 64 characters, but the X.509 library counts
# bytes and says so on stderr, across the screen, each time it meets such a name. Filters are global and
# `catch_warnings` is not safe with threads, so the one line stands where every user of certificates passes.
warnings.filterwarnings("ignore", message="Attribute's length must be", category=UserWarning)
