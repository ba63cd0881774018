"""Maps of the invented country: the A0 plan, the cadastral extract, the diversion; and the drawing of traffic signs."""

import io
import math

import contourpy
import pypdfium2
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from . import arms, terrain
from .fonts import FONTS  # noqa: F401, registers the fonts
from .registry import document

FILLS = {"town": "#f6dcc8", "field": "#f7f0d2", "meadow": "#e3efcf", "wood": "#c3dcb4"}


class Sheet:
    """A canvas with a window onto the country: `left`, `bottom` in metres, `scale` points to a metre."""

    def __init__(self, canvas, x, y, width, height, left, bottom, scale):
        self.c, self.x, self.y, self.width, self.height = canvas, x, y, width, height
        self.left, self.bottom, self.scale = left, bottom, scale

    def at(self, point):
        return self.x + (point[0] - self.left) * self.scale, self.y + (point[1] - self.bottom) * self.scale

    def seen(self, points, margin=60):
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return (max(xs) > self.left - margin and min(xs) < self.left + self.width / self.scale + margin
                and max(ys) > self.bottom - margin and min(ys) < self.bottom + self.height / self.scale + margin)

    def clip(self):
        self.c.saveState()
        path = self.c.beginPath()
        path.rect(self.x, self.y, self.width, self.height)
        self.c.clipPath(path, stroke=0, fill=0)

    def draw(self, points, fill=None, stroke=None, width=0.5, dash=None, close=True):
        c = self.c
        path = c.beginPath()
        path.moveTo(*self.at(points[0]))
        for point in points[1:]:
            path.lineTo(*self.at(point))
        if close:
            path.close()
        if fill:
            c.setFillColor(HexColor(fill))
        if stroke:
            c.setStrokeColor(HexColor(stroke))
            c.setLineWidth(width)
            c.setDash(*dash) if dash else c.setDash()
        c.drawPath(path, stroke=1 if stroke else 0, fill=1 if fill else 0)

    def text(self, point, text, size, colour="#16202b", font="Sans", halo=None, turn=0):
        c, (x, y) = self.c, self.at(point)
        c.saveState()
        c.translate(x, y)
        c.rotate(turn)
        c.setFont(font, size)
        if halo:
            c.setFillColor(HexColor(halo))
            width = c.stringWidth(text, font, size)
            c.roundRect(-width / 2 - size * 0.3, -size * 0.28, width + size * 0.6, size * 1.25, size * 0.2, stroke=0, fill=1)
        c.setFillColor(HexColor(colour))
        c.drawCentredString(0, 0, text)
        c.restoreState()


def base(sheet, numbers=False, contours=True, fills=True, parcel_line=0.25):
    """Draws parcels, heights, water, houses and roads."""
    c = sheet.c
    c.setLineJoin(1)
    c.setLineCap(1)
    serial = 400
    labels = []
    for polygon, kind in terrain.parcels():
        if sheet.seen(polygon):
            sheet.draw(polygon, fill=FILLS[kind] if fills else None, stroke="#a59a86" if fills else "#333333", width=parcel_line)
            serial += 1
            if numbers and terrain.area(polygon) * sheet.scale**2 > 240:
                labels.append((terrain.middle(polygon), f"{serial}" if serial % 3 else f"{serial}/{1 + serial % 7}"))
    if contours:
        xs, ys, zs = terrain.heights()
        lines = contourpy.contour_generator(xs, ys, zs)
        for level in range(440, 720, 5):
            for line in lines.lines(level):
                if len(line) > 2 and sheet.seen(line.tolist()):
                    points = [(round(x, 1), round(y, 1)) for x, y in line.tolist()]
                    sheet.draw(points, stroke="#c9a27a", width=0.5 if level % 25 else 1.0, close=False)
    water, width = "#8fbfdc", 26 * sheet.scale
    sheet.draw(terrain.river(), stroke="#5d9cc4", width=width + 1.2, close=False)
    sheet.draw(terrain.river(), stroke=water, width=width, close=False)
    sheet.draw(terrain.brook(), stroke="#5d9cc4", width=max(1.0, 6 * sheet.scale), close=False)
    for shape in terrain.houses():
        if sheet.seen(shape):
            sheet.draw(shape, fill="#b9816a" if fills else "#d9d9d9", stroke="#6b4a3c" if fills else "#333333", width=0.3)
    edge = 1.6 if fills else 0.6 / sheet.scale
    for metres, colour in ((edge, "#7a7468" if fills else "#333333"), (0, "#ffffff")):
        for name, points in terrain.ROADS.items():
            wide = 13 if name.startswith("II/") else 9
            colour_here = "#f4cf5d" if colour == "#ffffff" and name.startswith("II/") else colour
            sheet.draw(terrain.smooth(points), stroke=colour_here, width=(wide + 2 * metres) * sheet.scale, close=False)
    for point, label in labels:
        sheet.text(point, label, 4.4 if fills else 6.5, "#4a4a4a")


def hatch(sheet, polygon, colour, step=14, width=1.4):
    """Slanted lines inside a polygon, and its bold outline."""
    c = sheet.c
    c.saveState()
    path = c.beginPath()
    path.moveTo(*sheet.at(polygon[0]))
    for point in polygon[1:]:
        path.lineTo(*sheet.at(point))
    path.close()
    c.clipPath(path, stroke=0, fill=0)
    xs, ys = zip(*(sheet.at(p) for p in polygon))
    c.setStrokeColor(HexColor(colour))
    c.setLineWidth(width)
    x = min(xs) - (max(ys) - min(ys))
    while x < max(xs):
        c.line(x, min(ys), x + max(ys) - min(ys), max(ys))
        x += step
    c.restoreState()
    sheet.draw(polygon, stroke=colour, width=width * 2.2)


def ribbon(line, half):
    """A band around a polyline."""
    left, right = [], []
    for i, p in enumerate(line):
        a, b = line[max(0, i - 1)], line[min(len(line) - 1, i + 1)]
        length = math.dist(a, b) or 1
        nx, ny = -(b[1] - a[1]) / length * half, (b[0] - a[0]) / length * half
        left.append((p[0] + nx, p[1] + ny))
        right.append((p[0] - nx, p[1] - ny))
    return left + right[::-1]


PLANS = [
    ("Z31", "zastavitelná plocha – bydlení individuální", "#b4231f", [(2980, 2230), (3210, 2150), (3330, 2330), (3160, 2450), (2960, 2420)]),
    ("P07", "plocha přestavby – smíšené obytné městské", "#7a3b8f", [(3200, 1560), (3370, 1590), (3400, 1760), (3280, 1800), (3220, 1720)]),
    ("KD2", "koridor dopravní infrastruktury – silnice", "#d07a12", ribbon(terrain.smooth([(1700, 1240), (2150, 1130), (2700, 1090), (3200, 1220), (3700, 1720), (4150, 2270)]), 30)),
    ("K05", "lokální biokoridor", "#2f8256", ribbon(terrain.brook()[40:90], 32)),
    ("Z12", "zrušení zastavitelné plochy", "#4b5866", [(1190, 2960), (1360, 2920), (1390, 3110), (1220, 3170)]),
]


def compass(c, x, y, size):
    c.saveState()
    c.translate(x, y)
    c.setFillColor(HexColor("#16202b"))
    path = c.beginPath()
    path.moveTo(0, size)
    path.lineTo(size * 0.28, -size * 0.5)
    path.lineTo(0, -size * 0.25)
    path.lineTo(-size * 0.28, -size * 0.5)
    path.close()
    c.drawPath(path, stroke=0, fill=1)
    c.setFont("Sans-Bold", size * 0.5)
    c.drawCentredString(0, size * 1.1, "S")
    c.restoreState()


def scale_bar(c, x, y, metres, points, font_size):
    for i in range(4):
        c.setFillColor(HexColor("#16202b" if i % 2 == 0 else "#ffffff"))
        c.setStrokeColor(HexColor("#16202b"))
        c.setLineWidth(0.6)
        c.setDash()
        c.rect(x + i * points / 4, y, points / 4, font_size * 0.5, fill=1, stroke=1)
    c.setFillColor(HexColor("#16202b"))
    c.setFont("Sans", font_size)
    for i in (0, 2, 4):
        c.drawCentredString(x + i * points / 4, y + font_size * 0.8, f"{metres * i // 4} m" if i else "0")


@document("hlavni-vykres-zmena-c-3-A0.pdf")
def master_plan(path):
    width, height = 1189 * mm, 841 * mm
    c = Canvas(str(path), pagesize=(width, height), invariant=1, lang="cs-CZ", initialFontName="Sans")
    c.setTitle("Změna č. 3 Územního plánu Lipnice nad Rolavou – hlavní výkres")
    scale = 0.2 * mm
    sheet = Sheet(c, 20 * mm, 20 * mm, 960 * mm, 801 * mm, 90, 0, scale)
    sheet.clip()
    base(sheet, numbers=True)
    for label, _, colour, polygon in PLANS:
        hatch(sheet, polygon, colour)
    for label, _, colour, polygon in PLANS:
        x, y = polygon[len(polygon) // 4] if len(polygon) > 8 else terrain.middle(polygon)
        sheet.text((x, y), label, 30, "#ffffff", "Sans-Bold", halo=colour)
    for name, (x, y, radius) in terrain.VILLAGES.items():
        sheet.text((x, y + radius * 0.62), name.upper(), 44 if radius > 500 else 28, "#16202b", "Sans-Bold", halo="#ffffff")
    sheet.text((1250, terrain.river_y(1250) - 9), "Rolava", 26, "#1f5f8f", "Sans-BoldItalic", turn=14)
    for name in ("II/218", "III/2181", "III/2182"):
        points = terrain.ROADS[name]
        sheet.text(points[len(points) // 3], name, 18, "#16202b", "Sans-Bold", halo="#f4cf5d")
    c.setDash()
    c.setStrokeColor(HexColor("#16202b"))
    c.setLineWidth(0.5)
    for gx in range(0, 5001, 500):
        for gy in range(0, 4001, 500):
            x, y = sheet.at((gx, gy))
            c.line(x - 9, y, x + 9, y)
            c.line(x, y - 9, x, y + 9)
    c.restoreState()
    c.setStrokeColor(HexColor("#16202b"))
    c.setLineWidth(2.4)
    c.rect(sheet.x, sheet.y, sheet.width, sheet.height)
    c.setLineWidth(4)
    c.rect(10 * mm, 10 * mm, width - 20 * mm, height - 20 * mm)

    x, y = 1000 * mm, 800 * mm
    c.setFillColor(HexColor("#16202b"))
    c.setFont("Sans-Bold", 54)
    c.drawString(x, y - 20 * mm, "HLAVNÍ VÝKRES")
    c.setFont("Sans", 32)
    c.drawString(x, y - 34 * mm, "Změna č. 3 Územního plánu")
    c.drawString(x, y - 47 * mm, "Lipnice nad Rolavou – návrh")
    y -= 75 * mm
    c.setFont("Sans-Bold", 34)
    c.drawString(x, y, "LEGENDA")
    entries = [("#f6dcc8", "plochy obytné (stav)"), ("#f7f0d2", "plochy zemědělské"), ("#e3efcf", "trvalé travní porosty"), ("#c3dcb4", "plochy lesní"),
               ("#8fbfdc", "plochy vodní"), ("#b9816a", "stavby"), ("#f4cf5d", "silnice II. třídy"), ("#ffffff", "silnice III. třídy, komunikace")]
    for colour, label in entries:
        y -= 18 * mm
        c.setFillColor(HexColor(colour))
        c.setStrokeColor(HexColor("#6b665c"))
        c.setLineWidth(0.8)
        c.rect(x, y, 24 * mm, 11 * mm, fill=1, stroke=1)
        c.setFillColor(HexColor("#16202b"))
        c.setFont("Sans", 23)
        c.drawString(x + 30 * mm, y + 3 * mm, label)
    y -= 22 * mm
    c.setFont("Sans-Bold", 29)
    c.drawString(x, y, "Předmět změny č. 3")
    key = Sheet(c, 0, 0, 1, 1, 0, 0, 1)
    for label, meaning, colour, _ in PLANS:
        y -= 22 * mm
        hatch(key, [(x, y), (x + 24 * mm, y), (x + 24 * mm, y + 14 * mm), (x, y + 14 * mm)], colour, step=9)
        c.setFillColor(HexColor("#16202b"))
        c.setFont("Sans-Bold", 25)
        c.drawString(x + 30 * mm, y + 7.4 * mm, label)
        c.setFont("Sans", 17.5)
        c.drawString(x + 30 * mm, y + 0.6 * mm, meaning)
    y -= 20 * mm
    c.setStrokeColor(HexColor("#c9a27a"))
    c.setLineWidth(1.6)
    c.line(x, y + 4 * mm, x + 24 * mm, y + 4 * mm)
    c.setFillColor(HexColor("#16202b"))
    c.setFont("Sans", 23)
    c.drawString(x + 30 * mm, y + 1.5 * mm, "vrstevnice po 5 m")
    y -= 60 * mm
    compass(c, x + 20 * mm, y, 32 * mm)
    scale_bar(c, x + 60 * mm, y - 8 * mm, 400, 400 * scale, 16)
    c.setFont("Sans-Bold", 34)
    c.drawString(x + 60 * mm, y + 16 * mm, "1 : 5 000")
    box = 34 * mm
    rows = [("Pořizovatel", "Městský úřad, odbor územního plánování"), ("Zpracovatel", "Ateliér Rolava, s. r. o."),
            ("Zastupitelstvo", "města Lipnice nad Rolavou"), ("Číslo výkresu", "I.2"), ("Formát", "A0 (1189 × 841 mm)")]
    for i, (label, value) in enumerate(rows):
        top = box + (len(rows) - 1 - i) * 15 * mm
        c.setStrokeColor(HexColor("#16202b"))
        c.setLineWidth(1)
        c.rect(x, top, 168 * mm, 15 * mm)
        c.setFont("Sans", 17)
        c.drawString(x + 3 * mm, top + 5.5 * mm, label)
        c.setFont("Sans-Bold", 17)
        c.drawString(x + 44 * mm, top + 5.5 * mm, value)
    arms.draw(c, x + 140 * mm, box + 5 * 15 * mm + 6 * mm, 30 * mm)
    c.showPage()
    c.save()


def raster(draw, width, height, dpi, path, colours=64):
    """Draws on a small PDF and saves its picture as a PNG with a palette."""
    buffer = io.BytesIO()
    c = Canvas(buffer, pagesize=(width, height), invariant=1, initialFontName="Sans")
    draw(c)
    c.showPage()
    c.save()
    image = pypdfium2.PdfDocument(buffer.getvalue())[0].render(scale=dpi / 72).to_pil().convert("RGB")
    image.quantize(colours, dither=0).save(path, optimize=True, dpi=(dpi, dpi))


@document("katastralni-mapa-1182-4.png")
def cadastral(path):
    width, height = 190 * mm, 160 * mm

    def draw(c):
        centre = (2655, 2090)
        polygon = min((p for p, kind in terrain.parcels() if kind == "town" and terrain.area(p) > 900), key=lambda p: math.dist(terrain.middle(p), centre))
        scale = 1.25 * mm
        mx, my = terrain.middle(polygon)
        sheet = Sheet(c, 8 * mm, 18 * mm, 174 * mm, 134 * mm, mx - 70, my - 54, scale)
        c.setFillColor(HexColor("#ffffff"))
        c.rect(0, 0, width, height, fill=1, stroke=0)
        sheet.clip()
        base(sheet, numbers=True, contours=False, fills=False, parcel_line=0.9)
        sheet.draw(polygon, fill="#f7d9d7", stroke="#b4231f", width=2.6)
        sheet.text((mx, my - 1), "1182/4", 13, "#b4231f", "Sans-Bold")
        road = terrain.smooth(terrain.ROADS["Lesní"], 40)
        near = min(range(len(road) - 1), key=lambda i: math.dist(road[i], (mx - 30, my + 20)))
        (ax, ay), (bx, by) = road[near], road[near + 1]
        sheet.text((ax + 1.4, ay), "Lesní", 12, "#444444", "Sans-Italic", turn=math.degrees(math.atan2(by - ay, bx - ax)))
        c.restoreState()
        c.setStrokeColor(HexColor("#333333"))
        c.setLineWidth(1.2)
        c.rect(sheet.x, sheet.y, sheet.width, sheet.height)
        c.setFillColor(HexColor("#16202b"))
        c.setFont("Sans-Bold", 11)
        c.drawString(8 * mm, 11 * mm, "Zákres do katastrální mapy – p. č. 1182/4, k. ú. Lipnice nad Rolavou")
        c.setFont("Sans", 9)
        c.drawString(8 * mm, 6 * mm, "Červeně: pozemek určený k pronájmu. Zákres je pouze informativní.")
        compass(c, 172 * mm, 135 * mm, 7 * mm)

    raster(draw, width, height, 150, path, 48)


@document("objizdna-trasa.png")
def diversion(path):
    width, height = 240 * mm, 180 * mm

    def draw(c):
        c.setFillColor(HexColor("#ffffff"))
        c.rect(0, 0, width, height, fill=1, stroke=0)
        scale = 0.165 * mm
        sheet = Sheet(c, 6 * mm, 24 * mm, 228 * mm, 150 * mm, 2000, 1240, scale)
        sheet.clip()
        base(sheet, contours=False)
        roads = {name: terrain.smooth(points) for name, points in terrain.ROADS.items()}
        route = [p for p in terrain.smooth(terrain.ROADS["II/218"], 40) if 2380 < p[0] < 2650]
        route += [p for p in terrain.smooth(terrain.ROADS["III/2182"], 40) if p[1] > 1400]
        sheet.draw(route, stroke="#1f4e5f", width=4.5, close=False, dash=(9, 5))
        closed = [p for p in roads["Mlýnská"] if 1405 < p[1] < 1575]
        sheet.draw(closed, stroke="#b4231f", width=6, close=False)
        sheet.text((closed[len(closed) // 2][0] - 95, closed[len(closed) // 2][1] - 60), "UZAVÍRKA MOSTU", 12, "#ffffff", "Sans-Bold", halo="#b4231f")
        for name, point, turn in (("Karlovarská II/218", (2960, 1925), 20), ("Nádražní", (2270, 1900), 80), ("Lesní", (2600, 1960), 80), ("Tovární", (3260, 1790), 100),
                                  ("Mlýnská", (2640, 1385), -8), ("III/2182", (2760, 1560), -72)):
            sheet.text(point, name, 9.5, "#16202b", "Sans-Bold", halo="#ffffff", turn=turn)
        c.restoreState()
        c.setDash()
        c.setStrokeColor(HexColor("#333333"))
        c.setLineWidth(1.2)
        c.rect(sheet.x, sheet.y, sheet.width, sheet.height)
        c.setFillColor(HexColor("#16202b"))
        c.setFont("Sans-Bold", 14)
        c.drawString(6 * mm, 15 * mm, "Objízdná trasa – uzavírka mostu přes Rolavu v Mlýnské ulici")
        c.setFont("Sans", 10.5)
        c.drawString(6 * mm, 8 * mm, "Čárkovaně: objízdná trasa ulicí Karlovarskou a silnicí III/2182.  Červeně: uzavřený úsek.")
        compass(c, 226 * mm, 156 * mm, 8 * mm)
        scale_bar(c, 180 * mm, 8 * mm, 200, 200 * scale, 8)

    raster(draw, width, height, 150, path, 96)


@document("situace-dopravniho-znaceni.pdf")
def signs(path):
    width, height = 420 * mm, 297 * mm
    c = Canvas(str(path), pagesize=(width, height), invariant=1, lang="cs-CZ", initialFontName="Sans")
    c.setTitle("Situace dopravního značení – silnice II/218, ul. Karlovarská")
    c.setLineWidth(1.4)
    c.rect(10 * mm, 10 * mm, width - 20 * mm, height - 20 * mm)

    def text(x, y, value, size=9, font="Sans", colour="#16202b"):
        c.setFillColor(HexColor(colour))
        c.setFont(font, size)
        c.drawString(x * mm, y * mm, value)

    def sign(x, y, kind, label):
        c.setLineWidth(0.8)
        c.setStrokeColor(HexColor("#16202b"))
        c.line(x * mm, y * mm, x * mm, (y - 12) * mm)
        c.setLineWidth(2.4)
        c.setStrokeColor(HexColor("#b4231f"))
        if kind == "triangle":
            c.setFillColor(HexColor("#ffd95a"))
            p = c.beginPath()
            p.moveTo((x - 5) * mm, y * mm)
            p.lineTo((x + 5) * mm, y * mm)
            p.lineTo(x * mm, (y + 8.7) * mm)
            p.close()
            c.drawPath(p, fill=1, stroke=1)
            text(x - 0.8, y + 2, "!", 11, "Sans-Bold")
        elif kind == "end":
            c.setStrokeColor(HexColor("#4b5866"))
            c.setFillColor(HexColor("#ffffff"))
            c.circle(x * mm, (y + 4.4) * mm, 4.4 * mm, fill=1, stroke=1)
            c.line((x - 3) * mm, (y + 1.4) * mm, (x + 3) * mm, (y + 7.4) * mm)
        else:
            c.setFillColor(HexColor("#ffffff" if kind != "blue" else "#1f5fae"))
            if kind == "blue":
                c.setStrokeColor(HexColor("#1f5fae"))
            c.circle(x * mm, (y + 4.4) * mm, 4.4 * mm, fill=1, stroke=1)
            inner = {"30": "30", "50": "50"}.get(kind, "")
            if kind == "noover":
                for shift, colour in ((-2.6, "#b4231f"), (0.3, "#16202b")):
                    c.setFillColor(HexColor(colour))
                    c.roundRect((x + shift) * mm, (y + 3.4) * mm, 2.3 * mm, 2 * mm, 0.5 * mm, fill=1, stroke=0)
            if inner.isdigit():
                text(x - 2.6, y + 2.9, inner, 11, "Sans-Bold")
            if kind == "blue":
                c.setStrokeColor(HexColor("#ffffff"))
                c.line((x - 2) * mm, (y + 6.4) * mm, (x + 2) * mm, (y + 2.4) * mm)
                c.line((x + 2) * mm, (y + 2.4) * mm, (x + 2) * mm, (y + 4.8) * mm)
                c.line((x + 2) * mm, (y + 2.4) * mm, (x - 0.4) * mm, (y + 2.4) * mm)
        text(x - 7, y - 16, label, 7.5)

    for row, (label, low) in enumerate((("1. etapa: Nádražní – Lesní", 205), ("2. etapa: Lesní – most přes Rolavu", 122))):
        c.setFillColor(HexColor("#dfe6c9"))
        c.rect(18 * mm, (low - 14) * mm, 384 * mm, 50 * mm, fill=1, stroke=0)
        c.setFillColor(HexColor("#c9c9c9"))
        c.rect(18 * mm, low * mm, 384 * mm, 22 * mm, fill=1, stroke=0)
        c.rect((96 + 210 * row) * mm, (low - 14) * mm, 16 * mm, 50 * mm, fill=1, stroke=0)
        c.setFillColor(HexColor("#eeeae0"))
        for edge in (low - 4, low + 22):
            c.rect(18 * mm, edge * mm, 78 * mm + 210 * row * mm, 4 * mm, fill=1, stroke=0)
            c.rect((112 + 210 * row) * mm, edge * mm, (290 - 210 * row) * mm, 4 * mm, fill=1, stroke=0)
        c.setStrokeColor(HexColor("#ffffff"))
        c.setLineWidth(1.6)
        c.setDash(14, 10)
        c.line(18 * mm, (low + 11) * mm, 402 * mm, (low + 11) * mm)
        c.setDash()
        work = (150, 280) if row == 0 else (150, 265)
        key = Sheet(c, 0, 0, 1, 1, 0, 0, 1)
        hatch(key, [(work[0] * mm, (low + 11.6) * mm), (work[1] * mm, (low + 11.6) * mm), (work[1] * mm, (low + 22) * mm), (work[0] * mm, (low + 22) * mm)], "#b4231f", step=10, width=1)
        for x in range(work[0] - 24, work[1] + 25, 8):
            y = low + 10.2 if work[0] <= x <= work[1] else low + 10.2 + 10 * min(1, (abs(x - (work[0] if x < work[0] else work[1])) / 24))
            c.setFillColor(HexColor("#d9531e"))
            c.rect((x - 0.7) * mm, y * mm, 1.4 * mm, 2.6 * mm, fill=1, stroke=0)
        text(18, low + 40, label, 13, "Sans-Bold")
        text((work[0] + work[1]) / 2 - 18, low + 15, "PRACOVNÍ MÍSTO", 11, "Sans-Bold", "#7a1512")
        text(24, low + 4, "→ směr Jelení", 10, "Sans-Italic")
        text(350, low + 16, "← směr náměstí", 10, "Sans-Italic")
        text((97.5 + 210 * row), low + (31 if row == 0 else -12), ("Nádražní", "Lesní")[row], 9, "Sans-Bold")
        for i, (kind, label) in enumerate((("triangle", "A 15"), ("50", "B 20a (50)"), ("noover", "B 21a"), ("30", "B 20a (30)"), ("blue", "C 4a"))):
            sign(28 + i * (work[0] - 58) / 4.2, low - 16, kind, label)
        for i, (kind, label) in enumerate((("triangle", "A 15"), ("30", "B 20a (30)"), ("end", "B 26"))):
            sign(work[1] + 20 + i * 30, low + 36, kind, label)
    text(18, 268, "SITUACE DOPRAVNÍHO ZNAČENÍ – přechodná úprava provozu", 20, "Sans-Bold")
    text(18, 259, "Silnice II/218, ul. Karlovarská, Lipnice nad Rolavou", 13)
    rows = [("Značka", "Název", "Kusů"), ("A 15", "Práce", "4"), ("B 20a", "Nejvyšší dovolená rychlost", "8"), ("B 21a", "Zákaz předjíždění", "4"),
            ("B 26", "Konec všech zákazů", "2"), ("C 4a", "Přikázaný směr objíždění vpravo", "2"), ("Z 4", "Směrovací deska", "64"), ("S 7", "Přerušované žluté světlo", "6")]
    for i, row in enumerate(rows):
        y = 74 - i * 8
        c.setFillColor(HexColor("#e4edef" if i == 0 else "#ffffff"))
        c.setStrokeColor(HexColor("#16202b"))
        c.setLineWidth(0.7)
        for x, w in ((18, 26), (44, 90), (134, 20)):
            c.rect(x * mm, y * mm, w * mm, 8 * mm, fill=1, stroke=1)
        for x, value in zip((20, 46, 136), row):
            text(x, y + 2.4, value, 10, "Sans-Bold" if i == 0 else "Sans")
    compass(c, 192 * mm, 50 * mm, 12 * mm)
    notes = ["Poznámky:", "1. Značky základní velikosti, retroreflexní fólie třídy RA2.", "2. Vzdálenosti značek podle technických podmínek, obec: 20–50 m.",
             "3. Průchod pro chodce šířky nejméně 1,50 m po protějším chodníku.", "4. Světelné signály v režimu s prodlouženou dobou pro autobusy."]
    for i, note in enumerate(notes):
        text(230, 80 - i * 7, note, 10, "Sans-Bold" if i == 0 else "Sans")
    for i, (label, value) in enumerate((("Žadatel", "Rolavské silnice, s. r. o."), ("Příloha", "opatření obecné povahy č. j. OD/4821"), ("Měřítko / formát", "bez měřítka / A3"))):
        y = 36 - i * 9
        c.setLineWidth(0.9)
        c.setStrokeColor(HexColor("#16202b"))
        c.rect(230 * mm, y * mm, 172 * mm, 9 * mm)
        text(233, y + 3, label, 10)
        text(275, y + 3, value, 10, "Sans-Bold")
    arms.draw(c, 380 * mm, 54 * mm, 24 * mm)
    c.showPage()
    c.save()
