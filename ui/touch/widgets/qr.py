"""A QR code as sharp squares with its quiet zone."""

from __future__ import annotations

from typing import Any

import segno
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

from ui.touch import theme

QUIET = 4  # modules of white around it (ISO/IEC 18004)


class QrCode(Widget):
    """Shows `text`; nothing while it is empty."""

    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.bind(pos=self._draw, size=self._draw, text=self._draw)

    def _draw(self, *_args: object) -> None:
        self.canvas.clear()
        if not self.text:
            return
        rows = [bytearray(row) for row in segno.make(self.text, micro=False, error="m").matrix_iter(border=QUIET)]
        side = len(rows)
        texture = Texture.create(size=(side, side), colorfmt="luminance")
        texture.mag_filter = texture.min_filter = "nearest"
        pixels = b"".join(bytes(0 if module else 255 for module in row) for row in reversed(rows))
        texture.blit_buffer(pixels, colorfmt="luminance", bufferfmt="ubyte")
        edge = min(self.width, self.height) // side * side or side  # whole pixels a module
        left, bottom = self.center_x - edge / 2, self.center_y - edge / 2
        with self.canvas:
            Color(*theme.PAPER)
            Rectangle(texture=texture, pos=(int(left), int(bottom)), size=(edge, edge))
