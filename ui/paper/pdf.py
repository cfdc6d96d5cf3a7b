"""The report as a PDF: A4, letterhead, one line a session, sums, continuity and a place to sign.

Made by reportlab with our own fonts embedded. The document's dates come from
the statement, so the same statement gives the same bytes.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from appliance.billing.statement import Line
from appliance.errors import N_
from ui.paper.wording import TITLE, Words

FONTS = Path(__file__).parents[1] / "touch" / "fonts"  # files the touchscreen ships, too
INK, QUIET, RULE, BAND = HexColor("#17212B"), HexColor("#5B6B7A"), HexColor("#C9D3DC"), HexColor("#F1F5F8")
MARGIN, FOOT = 15 * mm, 14 * mm
WIDTHS = [width * mm for width in (10, 32, 32, 28, 19, 19, 15, 13, 12)]  # together 180 mm

BODY = ParagraphStyle("body", fontName="Roboto", fontSize=8.5, leading=12, textColor=INK)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7, leading=9, textColor=QUIET)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=7.5, leading=9.5)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Roboto-Medium", textColor=QUIET)
HEAD_RIGHT = ParagraphStyle("head right", parent=HEAD, alignment=TA_RIGHT)
BIG = ParagraphStyle("big", parent=BODY, fontName="Roboto-Light", fontSize=22, leading=28)
STRONG = ParagraphStyle("strong", parent=BODY, fontName="Roboto-Medium")
COLUMNS = (
    N_("No."), N_("Begin"), N_("End"), N_("Person"), N_("Start kWh"), N_("Stop kWh"), N_("kWh"), N_("per kWh"),
    N_("Amount"),
)  # fmt: skip
PADDING = 2
FIGURES = 4  # the first column of figures, which stand on the right


def make(words: Words, version: str) -> bytes:
    """The whole document."""
    for name in ("Roboto-Light", "Roboto-Regular", "Roboto-Medium"):
        pdfmetrics.registerFont(TTFont(name.replace("-Regular", ""), str(FONTS / f"{name}.ttf")))
    written = BytesIO()
    width, height = A4
    document = BaseDocTemplate(
        written, pagesize=A4, title=f"{words(TITLE)} {words.period()}", author=words.of.letterhead.title or "Wattward",
        creator=f"Wattward {version}", lang=words.language, invariant=1,
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN + FOOT, width - 2 * MARGIN, height - 2 * MARGIN - FOOT, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    document.build(_story(words), canvasmaker=_numbered(words, version))
    return written.getvalue()


def _story(words: Words) -> list[Flowable]:
    foot = [
        *(Paragraph(escape(one), BODY) for one in words.gaps()),
        *(Paragraph(escape(words.continuity(one)), BODY) for one in words.of.continuity),
        Spacer(0, 2 * mm),
        Paragraph(escape(words.meter_status()), BODY),
        Spacer(0, 14 * mm),
        _signature(words),
    ]
    between = [Spacer(0, 5 * mm), _sums(words), Spacer(0, 4 * mm)]
    return [*_letterhead(words), *_facts(words), Spacer(0, 6 * mm), _lines(words), *between, KeepTogether(foot)]


def _letterhead(words: Words) -> list[Flowable]:
    head = words.of.letterhead
    names = [Paragraph(escape(text), style) for text, style in ((head.title, STRONG), (head.address, BODY)) if text]
    return [*names, Spacer(0, 8 * mm if names else 0), Paragraph(escape(words(TITLE)), BIG), Spacer(0, 2 * mm)]


def _facts(words: Words) -> list[Flowable]:
    """What the report is about, as pairs."""
    head, people = words.of.letterhead, [one.user or "" for one in words.of.sums]
    points = dict.fromkeys(line.session.point for line in words.of.lines)
    meters = dict.fromkeys(line.session.meter for line in words.of.lines if line.session.meter)
    facts = [
        (N_("Period"), f"{words.period()} ({words.of.zone})"),
        (
            N_("Person"),
            ", ".join(person or words(N_("without person")) for person in people) if len(people) == 1 else "",
        ),
        (N_("Vehicle"), ", ".join(words.vehicles()) if _has_one_vehicle(words) else ""),
        (N_("Reference"), head.reference),
        (N_("Charging point"), ", ".join(points)),
        (N_("Meter"), ", ".join(text for text in (*meters, head.meter) if text)),
        (N_("Price"), "; ".join(words.bases())),
    ]
    rows = [[Paragraph(escape(words(name)), HEAD), Paragraph(escape(text), BODY)] for name, text in facts if text]
    style = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP"), *_tight()]
    return [Table(rows, [30 * mm, 150 * mm], hAlign="LEFT", style=style)]


def _has_one_vehicle(words: Words) -> bool:
    """Tell whether all sessions are those of one car: it stands above, else each session names its own."""
    return len({line.vehicle for line in words.of.lines}) == 1


def _tight() -> list[tuple[Any, ...]]:
    return [("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]


def _lines(words: Words) -> Flowable:
    """The sessions; what there is to remark about one stands in a row of its own below it."""
    rows: list[list[Any]] = [
        [Paragraph(escape(words(name)), HEAD_RIGHT if place >= FIGURES else HEAD) for place, name in enumerate(COLUMNS)]
    ]
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 1), (-1, -1), "Roboto", 7.5, 9.5), ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("ALIGN", (FIGURES, 0), (-1, -1), "RIGHT"), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK), ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING), *_tight(),
    ]  # fmt: skip
    several = not _has_one_vehicle(words)
    for line in words.of.lines:
        rows.append(_row(words, line))
        style.append(("LINEABOVE", (0, len(rows) - 1), (-1, len(rows) - 1), 0.3, RULE))
        if remarks := [*([f"{line.vehicle}."] if several and line.vehicle else []), *words.remarks(line)]:
            rows.append(["", Paragraph(escape(" ".join(remarks)), SMALL)])
            style += [
                ("SPAN", (1, len(rows) - 1), (-1, len(rows) - 1)),
                ("NOSPLIT", (0, len(rows) - 2), (-1, len(rows) - 1)),
            ]
    if not words.of.lines:
        rows.append([Paragraph(escape(words(N_("Nothing was charged in this period."))), BODY)])
        style.append(("SPAN", (0, 1), (-1, 1)))
    return LongTable(rows, WIDTHS, repeatRows=1, style=style)


def _row(words: Words, line: Line) -> list[Any]:
    session = line.session
    return [
        str(session.number), words.moment(session.began_at), words.moment(session.ended_at),
        _fitting(line.user, words.identification(line)), words.kwh(session.begin_wh), words.kwh(session.end_wh),
        words.kwh(session.energy_wh), words.price(line), words.money(line.cost),
    ]  # fmt: skip


def _fitting(*texts: str | None) -> str | Paragraph:
    """A cell of texts, in one line or one each; what fits neither is a paragraph, which takes ten times as long."""
    found = [text for text in texts if text]
    for cell in (", ".join(found), ",\n".join(found)):
        longest = max(
            (pdfmetrics.stringWidth(one, CELL.fontName, CELL.fontSize) for one in cell.split("\n")), default=0
        )
        if longest < WIDTHS[3] - 2 * PADDING:
            return cell
    return Paragraph(escape(", ".join(found)), CELL)


def _sums(words: Words) -> Flowable:
    """One row a person and one for all."""
    of = words.of
    rows = [["", words(N_("Sessions")), "kWh", of.currency]]
    rows += [
        [one.user or words(N_("without person")), str(one.sessions), words.kwh(one.energy_wh), words.money(one.cost)]
        for one in of.sums
    ]
    if len(of.sums) != 1:
        rows.append(
            [words(N_("Total")), str(of.total.sessions), words.kwh(of.total.energy_wh), words.money(of.total.cost)]
        )
    style = [
        ("FONT", (0, 0), (-1, -1), "Roboto", 9, 12), ("FONT", (0, -1), (-1, -1), "Roboto-Medium", 9, 12),
        ("TEXTCOLOR", (0, 0), (-1, 0), QUIET), ("TEXTCOLOR", (0, 1), (-1, -1), INK),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"), ("BACKGROUND", (0, -1), (-1, -1), BAND),
        ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK),
    ]  # fmt: skip
    return Table(rows, [90 * mm, 25 * mm, 35 * mm, 30 * mm], style=style)


def _signature(words: Words) -> Flowable:
    names = [words(N_("Place, date")), "", words(N_("Signature"))]
    return Table(
        [[Paragraph(escape(name), SMALL) for name in names]], [75 * mm, 15 * mm, 90 * mm],
        style=[("LINEABOVE", (0, 0), (0, 0), 0.5, INK), ("LINEABOVE", (2, 0), (2, 0), 0.5, INK), *_tight()],
    )  # fmt: skip


def _numbered(words: Words, version: str) -> type[Canvas]:
    """A canvas that writes the foot of every page once it knows how many there are."""
    made = words(
        N_("Made {moment} by {who} with Wattward {version}. Journal {head}."),
        moment=words.moment(words.of.made_at), who=words.of.made_by, version=version, head=words.of.head,
    )  # fmt: skip

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab ships no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - reportlab's own
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self.setFont("Roboto", 7)
                self.setFillColor(QUIET)
                self.drawString(MARGIN, MARGIN, made)
                self.drawRightString(
                    A4[0] - MARGIN, MARGIN, words(N_("Page {number} of {count}"), number=number, count=len(self._pages))
                )
                super().showPage()
            super().save()

    return Numbered
