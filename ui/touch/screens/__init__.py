"""The screens, by part: each package has its pages, one .py and one .kv each, and names them in its own SCREENS.

`show` paints a Status, `enter` begins anew, `forget` drops typed input, `sight` names what else a page looks at.
"""

from __future__ import annotations

from ui.touch.screens import charging, energy, living, settings, start
from ui.touch.screens.base import Page

PARTS = {"energy": energy, "charging": charging, "living": living, "settings": settings, "start": start}
SCREENS: dict[str, type[Page]] = {name: page for part in PARTS.values() for name, page in part.SCREENS.items()}
# Everything under the settings tab is reached with the PIN only.
TAB_OF: dict[str, str] = {name: part.TABS.get(name, part.TAB) for part in PARTS.values() for name in part.SCREENS}
