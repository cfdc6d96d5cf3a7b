"""An on-screen keyboard: German or English letters, digits and signs; every printable ASCII character can be typed.

`on_text(text)` is dispatched after each key with all that was typed so far,
`on_done(text)` by the last key. Nothing is remembered once it was handed over.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from ui.touch import theme
from ui.touch.widgets import basic
from ui.touch.widgets.words import Words

LETTERS = {  # layout -> its rows
    "de": ("qwertzuiopü", "asdfghjklöä", "yxcvbnmß"),
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
SIGNS = {  # page -> its rows
    "signs": ("1234567890", "@#€_&-+()/", "*\"':;!?,"),
    "more": ("~`|^[]{}<>", "=\\%$§°£µ²", "éèàçñåø"),
}
TURN = {"letters": "signs", "signs": "more", "more": "signs"}  # what the key left of the third row leads to
REPEAT_AFTER_S, REPEAT_EVERY_S = 0.5, 0.09  # the erase key, held


class Key(basic.Lettered):
    """One key: `letter` is typed, or `order` is done."""

    letter = StringProperty("")
    order = StringProperty("")  # 'shift', 'erase', 'turn', 'letters', 'layout', 'done'; empty: type the letter
    units = NumericProperty(1.0)  # as wide as so many letters
    lit = BooleanProperty(False)

    word_kind = Words

    @property
    def icon_size(self) -> float:
        """How large the icon is."""
        return float(dp(30))

    @property
    def letter_style(self) -> dict[str, Any]:
        """How the letter is written."""
        return {"font_size": dp(theme.BODY if self.order else theme.TITLE)}

    def on_press(self) -> None:
        """A letter is typed as soon as the finger is on it."""
        self.keyboard.press(self)

    def on_release(self) -> None:
        """What changes the keys waits until the finger is gone."""
        self.keyboard.release(self)

    def on_state(self, _key: object, state: str) -> None:
        """Lifted, or slid off: nothing is repeated."""
        if state == "normal" and self.order == "erase":
            self.keyboard.stop_erasing()

    @property
    def keyboard(self) -> Keyboard:
        """The keyboard it is on."""
        above = self.parent
        while not isinstance(above, Keyboard):
            above = above.parent
        return above


class Keyboard(BoxLayout):
    """Types into `text`."""

    text = StringProperty("")
    layout = OptionProperty("en", options=list(LETTERS))
    most = NumericProperty(64)
    done_word = StringProperty("OK")
    enough = BooleanProperty(True)  # whether the last key may be tapped
    page = OptionProperty("letters", options=list(TURN))
    shift = OptionProperty("off", options=["off", "once", "locked"])

    __events__ = ("on_text", "on_done")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._repeat = Clock.create_trigger(self._erase_on, REPEAT_AFTER_S)
        self._repeating = Clock.create_trigger(self._erase_on, REPEAT_EVERY_S)
        lay = Clock.create_trigger(lambda _dt: self._lay(), -1)
        self.bind(layout=lay, page=lay, shift=self._label)
        self.fbind("text", lambda *_: self.dispatch("on_text", self.text))
        lay()

    # Keys --------------------------------------------------------------------------------------

    def _lay(self) -> None:
        """Put the keys of this page and layout in place."""
        rows = LETTERS[self.layout] if self.page == "letters" else SIGNS[self.page]
        widest = max(len(row) for row in rows)
        for row, keys in zip(("first", "second", "third"), rows, strict=True):
            box = self.ids[row]
            box.clear_widgets()
            made = [Key(letter=letter) for letter in keys]
            if row == "third":
                side = (widest - len(keys)) / 2
                made = [self._side_key(side), *made, Key(order="erase", icon="erase", units=side)]
            for key in made:
                box.add_widget(key)
            share = (widest - sum(key.units for key in made)) / 2  # a shorter row stands in the middle
            self.ids[f"{row}_left"].size_hint_x = self.ids[f"{row}_right"].size_hint_x = share or None
            self.ids[f"{row}_left"].width = self.ids[f"{row}_right"].width = 0
            box.size_hint_x = sum(key.units for key in made)
        self._label()

    def _side_key(self, units: float) -> Key:
        if self.page == "letters":
            return Key(order="shift", icon="shift", units=units)
        return Key(order="turn", text="=\\<" if self.page == "signs" else "123", units=units)

    def _label(self, *_args: object) -> None:
        """Show small or capital letters."""
        for row in ("first", "second", "third"):
            for key in self.ids[row].children:
                if key.letter:
                    key.text = self._cased(key.letter)
                key.lit = key.order == "shift" and self.shift != "off"

    def _cased(self, letter: str) -> str:
        return letter.upper() if self.shift != "off" and letter != "ß" and self.page == "letters" else letter

    # What a key does ---------------------------------------------------------------------------

    def press(self, key: Key) -> None:
        """A finger came down on a key."""
        if not key.order:
            self.type(self._cased(key.letter))
        elif key.order == "erase":
            self.erase()
            self._repeat()

    def release(self, key: Key) -> None:
        """The finger left a key that does something else than type."""
        match key.order:
            case "shift":
                self.shift = {"off": "once", "once": "locked", "locked": "off"}[self.shift]
            case "turn":
                self.page = TURN[self.page]
            case "letters":
                self.page = "signs" if self.page == "letters" else "letters"
            case "layout":
                self.layout = "en" if self.layout == "de" else "de"
            case "done":
                self.finish()

    def type(self, letter: str) -> None:
        """Add one character."""
        if len(self.text) < self.most:
            self.text += letter
        if self.shift == "once" and letter.isalpha():
            self.shift = "off"

    def erase(self) -> None:
        """Take the last character back."""
        self.text = self.text[:-1]

    def stop_erasing(self) -> None:
        """The erase key is not held any more."""
        self._repeat.cancel()
        self._repeating.cancel()

    def _erase_on(self, _dt: float) -> None:
        self.erase()
        if self.text:
            self._repeating()

    def finish(self) -> None:
        """Hand over what was typed."""
        if self.enough:
            self.dispatch("on_done", self.text)

    def clear(self) -> None:
        """Forget what was typed and begin with small letters."""
        self.stop_erasing()
        self.text, self.page, self.shift = "", "letters", "off"

    def on_text(self, *_args: object) -> None:
        """Default handler."""

    def on_done(self, text: str) -> None:
        """Default handler."""


Builder.load_file(__file__.removesuffix("py") + "kv")
