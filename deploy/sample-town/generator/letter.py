"""Sets an official letter: letterhead, reference block, text, signature, stamp and the posting box.

Posting dates stay out of every document, since they are relative to the day of the demo: the box refers to the board.
"""

import math
from dataclasses import dataclass

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate, Flowable, Frame, KeepTogether, ListFlowable, ListItem, NextPageTemplate, PageBreak, PageTemplate,
    Paragraph, Spacer, Table, TableStyle,
)

from . import arms
from .czech import cz
from .fonts import FONTS  # noqa: F401, registers the fonts

@dataclass(frozen=True)
class Office:
    """Who writes: the letterhead."""

    name: str
    unit: str
    address: str
    font: str = "Serif"
    mark: str = "town"
    colour: str = "#1f4e5f"


TOWN = "Městský úřad Lipnice nad Rolavou"
TOWN_ADDRESS = "Náměstí 1, Lipnice nad Rolavou · www.lipnice.example · podatelna@lipnice.example"


def town(unit, font="Serif"):
    """A department of the town."""
    return Office(TOWN, unit, TOWN_ADDRESS, font)


MAYOR = Office("Město Lipnice nad Rolavou", "starosta města", TOWN_ADDRESS)


def styles(font, size=11):
    """Paragraph styles of one family."""
    body = ParagraphStyle("body", fontName=font, bulletFontName=font, fontSize=size, leading=size * 1.36, alignment=TA_JUSTIFY, spaceAfter=size * 0.6)
    return {
        "body": body,
        "left": ParagraphStyle("left", parent=body, alignment=TA_LEFT),
        "small": ParagraphStyle("small", parent=body, fontSize=size * 0.82, leading=size * 1.1, alignment=TA_LEFT, spaceAfter=2),
        "title": ParagraphStyle("title", parent=body, fontName=f"{font}-Bold", fontSize=size * 1.5, leading=size * 1.85,
                                alignment=TA_CENTER, spaceBefore=size * 0.6, spaceAfter=size * 0.5),
        "subtitle": ParagraphStyle("subtitle", parent=body, fontName=f"{font}-Bold", fontSize=size * 1.1,
                                   leading=size * 1.45, alignment=TA_CENTER, spaceAfter=size),
        "head": ParagraphStyle("head", parent=body, fontName=f"{font}-Bold", fontSize=size * 1.1, leading=size * 1.4,
                               alignment=TA_LEFT, spaceBefore=size * 0.7, spaceAfter=size * 0.4, keepWithNext=1),
        "centre": ParagraphStyle("centre", parent=body, alignment=TA_CENTER),
        "cell": ParagraphStyle("cell", parent=body, fontSize=size * 0.86, leading=size * 1.08, alignment=TA_LEFT, spaceAfter=0),
        "cellb": ParagraphStyle("cellb", parent=body, fontName=f"{font}-Bold", fontSize=size * 0.86, leading=size * 1.08,
                                alignment=TA_LEFT, spaceAfter=0),
        "number": ParagraphStyle("number", parent=body, fontSize=size * 0.86, leading=size * 1.08, alignment=TA_RIGHT, spaceAfter=0),
        "numberb": ParagraphStyle("numberb", parent=body, fontName=f"{font}-Bold", fontSize=size * 0.86,
                                  leading=size * 1.08, alignment=TA_RIGHT, spaceAfter=0),
    }


class CountedCanvas(Canvas):
    """A canvas that knows the number of pages when it writes „Strana 1 z 3“."""

    def __init__(self, *args, footer="", footer_font="Serif", **kwargs):
        kwargs.update(invariant=1, initialFontName=footer_font)
        super().__init__(*args, **kwargs)
        self._pages, self._footer, self._footer_font = [], footer, footer_font

    def showPage(self):  # noqa: N802, the name is reportlab's
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        total = len(self._pages)
        for index, page in enumerate(self._pages):
            self.__dict__.update(page)
            width = self._pagesize[0]
            self.setFont(self._footer_font, 8.5)
            self.setFillColor(colors.HexColor("#4b5866"))
            self.drawString(22 * mm, 11 * mm, self._footer)
            if total > 1:
                self.drawRightString(width - 22 * mm, 11 * mm, f"Strana {index + 1} z {total}")
            super().showPage()
        super().save()


class RoundStamp(Flowable):
    """A round office stamp with lettering along its rim, pressed a little askew."""

    def __init__(self, text, font="Sans-Bold", size=34 * mm, mark="town", turn=-8):
        super().__init__()
        self.width = self.height = size
        self._text, self._font, self._mark, self._turn = text, font, mark, turn

    def draw(self):
        c, r, ink = self.canv, self.width / 2, "#2b3f8f"
        c.saveState()
        c.translate(r, r)
        c.rotate(self._turn)
        c.setStrokeColor(colors.HexColor(ink))
        c.setFillColor(colors.HexColor(ink))
        c.setLineWidth(1.3)
        c.circle(0, 0, r - 1)
        c.setLineWidth(0.6)
        c.circle(0, 0, r - 14)
        size, radius = 7.4, r - 10
        room, text = 320, self._text.upper() + " ·"
        advance = sum(pdfmetrics.stringWidth(ch, self._font, size) for ch in text)
        spread = min(1.5, math.radians(room) * radius / advance)
        angle = math.degrees(advance * spread / radius) / 2 + 90
        for ch in text:
            step = math.degrees(pdfmetrics.stringWidth(ch, self._font, size) * spread / radius)
            angle -= step / 2
            c.saveState()
            c.rotate(angle - 90)
            c.translate(0, radius)
            c.setFont(self._font, size)
            c.drawCentredString(0, -2.5, ch)
            c.restoreState()
            angle -= step / 2
        if self._mark == "town":
            arms.draw(c, -14 * 200 / 240, -15, 28, one_colour=ink)
        else:
            c.setFont(self._font, 13)
            c.drawCentredString(0, -5, self._mark)
        c.restoreState()


def _letterhead(office, number, file_mark, clerk):
    def draw(canvas, doc):
        width, height = doc.pagesize
        left, top = 22 * mm, height - 14 * mm
        canvas.saveState()
        ink = colors.HexColor(office.colour)
        text_left = left
        if office.mark == "town":
            arms.draw(canvas, left, top - 20 * mm, 20 * mm)
            text_left = left + 21 * mm
        elif office.mark:
            canvas.setFillColor(ink)
            canvas.roundRect(left, top - 16 * mm, 16 * mm, 15 * mm, 2 * mm, stroke=0, fill=1)
            canvas.setFillColor(colors.white)
            canvas.setFont("Sans-Bold", 15 if len(office.mark) < 3 else 11)
            canvas.drawCentredString(left + 8 * mm, top - 10.5 * mm, office.mark)
            text_left = left + 20 * mm
        canvas.setFillColor(ink)
        canvas.setFont(f"{office.font}-Bold", 15)
        canvas.drawString(text_left, top - 6.5 * mm, office.name)
        canvas.setFillColor(colors.black)
        canvas.setFont(office.font, 11)
        canvas.drawString(text_left, top - 12 * mm, office.unit)
        canvas.setFillColor(colors.HexColor("#4b5866"))
        canvas.setFont(office.font, 9)
        canvas.drawString(text_left, top - 17 * mm, office.address)
        canvas.setStrokeColor(ink)
        canvas.setLineWidth(1.1)
        canvas.line(left, top - 22 * mm, width - left, top - 22 * mm)
        canvas.setFillColor(colors.black)
        y = top - 28 * mm
        for label, value in (("Č. j.:", number), ("Sp. zn.:", file_mark), ("Vyřizuje:", clerk)):
            if value:
                canvas.setFont(office.font, 9.5)
                canvas.drawString(left, y, label)
                canvas.setFont(f"{office.font}-Bold", 9.5)
                canvas.drawString(left + 18 * mm, y, value)
                y -= 4.6 * mm
        canvas.restoreState()

    return draw


def posting_box(font):
    """The box with the days of posting and removal, which the board itself keeps."""
    s = styles(font, 10)
    rows = [
        [Paragraph("<b>Vyvěšeno dne:</b> podle údaje na úřední desce", s["cell"]),
         Paragraph("<b>Sejmuto dne:</b> ............................", s["cell"])],
        [Paragraph(cz("Zveřejněno též způsobem umožňujícím dálkový přístup na lipnice.example/deska"), s["cell"]),
         Paragraph("Podpis, razítko:", s["cell"])],
    ]
    table = Table(rows, colWidths=[98 * mm, 68 * mm], rowHeights=[8 * mm, 12 * mm])
    table.setStyle(TableStyle([
        ("BOX", (0, 0), (-1, -1), 0.9, colors.black), ("INNERGRID", (0, 0), (-1, -1), 0.5, colors.black),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("FONTNAME", (0, 0), (-1, -1), font),
    ]))
    return table


def signature(role, office, stamp_text, stamp_mark="town"):
    """The stamp and the role of who signed; the town is invented, so nobody's name stands there."""
    s = styles(office.font)
    right = [Paragraph("v. r.", s["centre"]), Paragraph(cz(role).replace("\n", "<br/>"), s["centre"])]
    left = RoundStamp(stamp_text, mark=stamp_mark) if stamp_text else ""
    table = Table([[left, right]], colWidths=[86 * mm, 80 * mm])
    table.setStyle(TableStyle([("FONTNAME", (0, 0), (-1, -1), office.font), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("ALIGN", (0, 0), (0, 0), "CENTER")]))
    return table


def grid(rows, widths, font, head=True, size=9.5, numbers=(), bold_rows=(), repeat=True):
    """A ruled table; `numbers` are the columns set flush right."""
    s = styles(font, size / 0.86)
    cells = []
    for i, row in enumerate(rows):
        strong = (head and i == 0) or i in bold_rows or (i - len(rows)) in bold_rows
        line = []
        for j, value in enumerate(row):
            kind = "number" if j in numbers and not (head and i == 0) else "cell"
            line.append(Paragraph(cz(str(value)), s[kind + ("b" if strong else "")]))
        cells.append(line)
    table = Table(cells, colWidths=[w * mm for w in widths], repeatRows=1 if head and repeat else 0)
    look = [
        ("FONTNAME", (0, 0), (-1, -1), font),
        ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#8a8f96")), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
        ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    if head:
        look.append(("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e4edef")))
    for row in bold_rows:
        look.append(("BACKGROUND", (0, row), (-1, row), colors.HexColor("#f2efe6")))
    table.setStyle(TableStyle(look))
    return table


def flow(blocks, font, size=11):
    """Blocks to flowables. A block is a string (paragraph), ("h", text), ("li", [..]), ("ol", [..]), ("table", …) or a flowable."""
    s, out = styles(font, size), []
    for block in blocks:
        if isinstance(block, str):
            out.append(Paragraph(cz(block), s["body"]))
        elif isinstance(block, Flowable):
            out.append(block)
        elif block[0] in ("h", "title", "subtitle", "centre", "small", "left"):
            out.append(Paragraph(cz(block[1]), s["head" if block[0] == "h" else block[0]]))
        elif block[0] in ("li", "ol"):
            items = [ListItem(Paragraph(cz(text), s["body"]), leftIndent=16) for text in block[1]]
            more = {"bulletType": "1", "bulletFormat": "%s."} if block[0] == "ol" else {"bulletType": "bullet", "start": "–"}
            out.append(ListFlowable(items, bulletFontName=font, bulletFontSize=size, leftIndent=16, **more))
        elif block[0] == "table":
            out.append(grid(block[1], block[2], font, **(block[3] if len(block) > 3 else {})))
            out.append(Spacer(1, 8))
        elif block[0] == "space":
            out.append(Spacer(1, block[1]))
        elif block[0] == "page":
            out.append(PageBreak())
        else:
            raise ValueError(f"unknown block {block[0]}")
    return out


def letter(path, office, number, title, blocks, sign, subtitle=None, file_mark=None, clerk=None,
           stamp="Město Lipnice nad Rolavou", stamp_mark="town", box=True, size=11, encrypt=None, wide=False, attachments=None):
    """Writes one official letter to `path`."""
    s = styles(office.font, size)
    page = landscape(A4) if wide else A4
    lines = sum(1 for value in (number, file_mark, clerk) if value)
    head = 37 * mm + (lines * 4.6 + 3) * mm
    margin = 22 * mm
    first = Frame(margin, 18 * mm, page[0] - 2 * margin, page[1] - 18 * mm - head, id="first", leftPadding=0, rightPadding=0)
    later = Frame(margin, 18 * mm, page[0] - 2 * margin, page[1] - 38 * mm, id="later", leftPadding=0, rightPadding=0)
    doc = BaseDocTemplate(str(path), pagesize=page, title=f"{title} {subtitle or ''}".strip(), author=office.name,
                          subject=number or "", lang="cs-CZ", encrypt=encrypt)
    doc.addPageTemplates([
        PageTemplate("first", [first], onPage=_letterhead(office, number, file_mark, clerk), autoNextPageTemplate="later"),
        PageTemplate("later", [later]),
    ])
    story = [Paragraph(cz(title), s["title"])]
    if subtitle:
        story.append(Paragraph(cz(subtitle), s["subtitle"]))
    story += flow(blocks, office.font, size)
    if sign:
        story.append(KeepTogether([Spacer(1, 10), signature(sign, office, stamp, stamp_mark)]))
    if attachments:
        story += flow([("small", "<b>Přílohy:</b> " + "; ".join(attachments))], office.font, size)
    if box:
        story.append(KeepTogether([Spacer(1, 8), posting_box(office.font)]))
    footer = f"{number}" if number else office.name
    doc.build(story, canvasmaker=lambda *a, **k: CountedCanvas(*a, footer=footer, footer_font=office.font, **k))


__all__ = ["Office", "town", "MAYOR", "TOWN", "TOWN_ADDRESS", "letter", "grid", "flow", "styles", "CountedCanvas", "RoundStamp",
           "NextPageTemplate", "mm"]
