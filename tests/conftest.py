"""Settings of all tests."""

import os

from hypothesis import settings

# a loaded machine must not fail a test; CI tries the same examples every time
settings.register_profile("fedproof", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("fedproof")
