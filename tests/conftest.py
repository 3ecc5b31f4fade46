"""Settings of all tests."""

import os
import signal

from hypothesis import settings

# who is started in the background of a script inherits that Ctrl-C is ignored, and so would the processes of the tests
signal.signal(signal.SIGINT, signal.default_int_handler)

# a loaded machine must not fail a test; CI tries the same examples every time
settings.register_profile("fedproof", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("fedproof")
