"""`python -m ui.phone`: the process that waits for the switch."""

from __future__ import annotations

import sys

from ui.phone import serve

if __name__ == "__main__":
    sys.exit(serve.main())
