"""`python -m ui.admin`: wait for the web admin's window and serve it."""

from __future__ import annotations

import sys

from ui.admin import serve

if __name__ == "__main__":
    sys.exit(serve.main())
