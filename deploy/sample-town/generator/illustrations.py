"""Pictures of the town's information: drawn flat and calm, at twice their size, so that edges are smooth."""

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from . import terrain

FONTS = Path(__file__).resolve().parents[3] / "crates/pages/fonts"
TWICE = 2


class Scene:
    """A picture in units of its final pixels."""

    def __init__(self, width, height, top, bottom):
        self.size = (width, height)
        self.image = Image.new("RGB", (width * TWICE, height * TWICE))
        self.draw = ImageDraw.Draw(self.image, "RGBA")
        for y in range(height * TWICE):
            t = y / (height * TWICE)
            colour = tuple(int(a + (b - a) * t) for a, b in zip(top, bottom))
            self.draw.line((0, y, width * TWICE, y), fill=colour)

    def area(self, points, colour):
        self.draw.polygon([(x * TWICE, y * TWICE) for x, y in points], fill=colour)

    def box(self, x, y, w, h, colour):
        self.draw.rectangle((x * TWICE, y * TWICE, (x + w) * TWICE - 1, (y + h) * TWICE - 1), fill=colour)

    def round(self, x, y, r, colour, width=0):
        place = ((x - r) * TWICE, (y - r) * TWICE, (x + r) * TWICE, (y + r) * TWICE)
        if width:
            self.draw.ellipse(place, outline=colour, width=int(width * TWICE))
        else:
            self.draw.ellipse(place, fill=colour)

    def line(self, points, colour, width):
        self.draw.line([(x * TWICE, y * TWICE) for x, y in points], fill=colour, width=int(width * TWICE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.round(x, y, width / 2, colour)

    def arc(self, x, y, rx, ry, start, end, colour, width):
        self.draw.arc(((x - rx) * TWICE, (y - ry) * TWICE, (x + rx) * TWICE, (y + ry) * TWICE), start, end, fill=colour, width=int(width * TWICE))

    def save(self, path, quality=82):
        self.image.resize(self.size, Image.LANCZOS).save(path, quality=quality, optimize=True)


def hills(scene, base, colour, seed, height=60, step=6):
    rng = random.Random(seed)
    waves = [(rng.uniform(140, 420), rng.uniform(0, 6.28), rng.uniform(0.3, 1)) for _ in range(4)]
    w, h = scene.size
    edge = [(x, base - height * sum(a * math.sin(x / s + p) for s, p, a in waves) / 2) for x in range(0, w + step, step)]
    scene.area([(0, h), *edge, (w, h)], colour)
    return edge


def spruce(scene, x, foot, size, colour):
    for k in range(4):
        y, half = foot - size * (0.12 + 0.24 * k), size * (0.27 - 0.055 * k)
        scene.area([(x - half, y), (x + half, y), (x, y - size * 0.36)], colour)
    scene.box(x - size * 0.02, foot - size * 0.13, size * 0.04, size * 0.13, (70, 55, 44))


def spruces(scene, base, count, seed, colour, low=40, high=80):
    rng = random.Random(seed)
    for x in sorted(rng.uniform(-20, scene.size[0] + 20) for _ in range(count)):
        tint = tuple(int(v * rng.uniform(0.86, 1.1)) for v in colour)
        spruce(scene, x, base(x) + rng.uniform(0, 14), rng.uniform(low, high), tint)


def house(scene, x, foot, w, h, wall, roof, windows=3, floors=2, light=(250, 226, 160)):
    scene.box(x, foot - h, w, h, wall)
    scene.area([(x - w * 0.05, foot - h), (x + w * 1.05, foot - h), (x + w * 0.86, foot - h * 1.38), (x + w * 0.14, foot - h * 1.38)], roof)
    pane, tall = w / (windows * 2 + 1), h / (floors * 2 + 0.6)
    for floor in range(floors):
        for k in range(windows):
            scene.box(x + pane * (2 * k + 1), foot - h + tall * (0.7 + 2 * floor), pane, tall, light)
            scene.box(x + pane * (2 * k + 1.45), foot - h + tall * (0.7 + 2 * floor), pane * 0.1, tall, wall)


def town_hall(path):
    scene = Scene(1200, 520, (72, 104, 138), (246, 214, 170))
    hills(scene, 300, (96, 122, 140), 4, 46)
    edge = hills(scene, 345, (72, 104, 108), 9, 34)
    spruces(scene, lambda x: edge[min(len(edge) - 1, max(0, int(x / 6)))][1] + 6, 70, 3, (58, 88, 90), 20, 40)
    rng = random.Random(5)
    walls = [(222, 196, 158), (204, 178, 160), (232, 214, 186), (196, 186, 164), (214, 180, 150)]
    x = -30
    while x < 1230:
        w = rng.uniform(110, 170)
        if not 420 < x + w / 2 < 790:
            house(scene, x, 430, w, rng.uniform(120, 165), rng.choice(walls), (150, 78, 62), 3, 2)
        x += w
    house(scene, 430, 430, 340, 200, (240, 228, 204), (138, 66, 54), 7, 3)
    scene.box(566, 60, 68, 370, (232, 218, 190))
    scene.area([(556, 64), (644, 64), (600, -4)], (70, 92, 92))
    scene.box(580, 44, 40, 22, (70, 92, 92))
    scene.round(600, 112, 24, (248, 244, 232))
    scene.round(600, 112, 24, (90, 70, 50), 3)
    scene.line([(600, 112), (600, 96)], (60, 48, 36), 3)
    scene.line([(600, 112), (611, 118)], (60, 48, 36), 3)
    for y in (170, 230):
        scene.box(588, y, 24, 38, (250, 226, 160))
    scene.box(580, 352, 40, 78, (92, 58, 44))
    scene.arc(600, 352, 20, 20, 180, 360, (92, 58, 44), 20)
    scene.area([(0, 430), (1200, 430), (1200, 520), (0, 520)], (178, 164, 146))
    for k in range(9):
        y = 436 + k * k * 1.1
        scene.line([(0, y), (1200, y)], (164, 150, 132), 1)
    for x, size in ((330, 92), (860, 104), (1080, 88)):
        scene.box(x - 4, 446 - size * 0.5, 8, size * 0.55, (82, 64, 50))
        scene.round(x, 446 - size * 0.75, size * 0.42, (104, 128, 84))
        scene.round(x - size * 0.16, 446 - size * 0.86, size * 0.28, (122, 146, 96))
    scene.round(200, 478, 44, (150, 138, 122))
    scene.round(200, 472, 40, (140, 178, 190))
    scene.box(196, 430, 8, 40, (120, 110, 98))
    scene.save(path)


def bridge(path):
    scene = Scene(900, 640, (150, 190, 210), (236, 234, 214))
    edge = hills(scene, 270, (108, 144, 116), 12, 60)
    spruces(scene, lambda x: edge[min(len(edge) - 1, max(0, int(x / 6)))][1] + 10, 60, 8, (66, 104, 82), 34, 70)
    scene.area([(0, 380), (900, 350), (900, 640), (0, 640)], (122, 150, 96))
    scene.area([(0, 470), (900, 440), (900, 610), (0, 640)], (104, 150, 168))
    for k in range(26):
        x, y = (k * 173) % 900, 476 + (k * 61) % 130
        scene.line([(x, y), (x + 60, y - 2)], (136, 178, 190), 3)
    stone, dark = (178, 168, 150), (138, 128, 112)
    scene.area([(36, 400), (450, 316), (864, 370), (864, 540), (36, 556)], stone)
    for left, right, base, crown in ((78, 242, 566, 436), (300, 550, 560, 398), (612, 822, 548, 420)):
        cx, rx, ry = (left + right) / 2, (right - left) / 2, base - crown
        scene.draw.pieslice([v * TWICE for v in (cx - rx, crown, cx + rx, crown + 2 * ry)], 180, 360, fill=(88, 128, 146))
        scene.arc(cx, crown + ry, rx + 7, ry + 7, 180, 360, dark, 8)
    scene.area([(20, 392), (450, 306), (880, 362), (880, 378), (450, 324), (20, 408)], dark)
    for x, y in ((250, 350), (450, 306), (660, 332)):
        scene.box(x - 12, y - 66, 24, 70, dark)
        scene.round(x, y - 74, 13, stone)
    scene.save(path)


def lookout(path):
    scene = Scene(900, 640, (92, 142, 186), (250, 226, 186))
    scene.round(716, 150, 52, (255, 240, 198))
    hills(scene, 400, (138, 166, 182), 21, 66)
    hills(scene, 450, (104, 140, 146), 22, 60)
    edge = hills(scene, 520, (74, 112, 96), 29, 64)
    spruces(scene, lambda x: edge[min(len(edge) - 1, max(0, int(x / 6)))][1] + 18, 86, 5, (46, 84, 70), 54, 110)
    wood = (120, 84, 58)
    scene.line([(330, 560), (386, 150)], wood, 11)
    scene.line([(530, 560), (474, 150)], wood, 11)
    scene.line([(430, 560), (430, 150)], wood, 8)
    for k in range(6):
        t = k / 6
        y = 560 - 410 * t
        left, right = 330 + 56 * t, 530 - 56 * t
        scene.line([(left, y), (right, y)], wood, 7)
        scene.line([(left, y), (530 - 56 * (t + 1 / 6), y - 68)], (146, 108, 76), 5)
        scene.line([(right, y), (330 + 56 * (t + 1 / 6), y - 68)], (146, 108, 76), 5)
    scene.box(362, 146, 136, 18, (92, 62, 44))
    for x in range(366, 500, 16):
        scene.box(x, 112, 4, 36, wood)
    scene.box(362, 108, 136, 6, wood)
    scene.box(384, 70, 92, 42, (150, 112, 80))
    scene.area([(346, 76), (514, 76), (430, 14)], (86, 58, 46))
    scene.line([(430, 18), (430, -6)], (60, 50, 44), 4)
    rng = random.Random(2)
    for _ in range(46):
        spruce(scene, rng.uniform(-20, 920), rng.uniform(600, 690), rng.uniform(80, 150), (30, 62, 52))
    scene.save(path)


def spring(path):
    """The pavilion over the mineral spring."""
    scene = Scene(900, 640, (198, 216, 206), (240, 236, 214))
    edge = hills(scene, 300, (140, 168, 126), 40, 40)
    spruces(scene, lambda x: edge[min(len(edge) - 1, max(0, int(x / 6)))][1] + 8, 50, 11, (92, 128, 96), 60, 110)
    scene.area([(0, 470), (900, 470), (900, 640), (0, 640)], (190, 178, 150))
    scene.area([(120, 470), (780, 470), (900, 640), (0, 640)], (208, 198, 174))
    white, shade = (246, 242, 232), (214, 206, 190)
    scene.box(210, 250, 480, 16, shade)
    for x in (226, 322, 418, 514, 610):
        scene.box(x, 266, 32, 224, white)
        scene.box(x + 22, 266, 10, 224, shade)
        scene.box(x - 8, 262, 48, 12, white)
        scene.box(x - 8, 482, 48, 14, shade)
    scene.box(196, 490, 508, 18, shade)
    scene.area([(176, 252), (724, 252), (640, 176), (260, 176)], (150, 78, 62))
    scene.draw.pieslice([v * TWICE for v in (350, 90, 550, 290)], 180, 360, fill=(98, 140, 132))
    scene.line([(450, 92), (450, 64)], (90, 110, 104), 5)
    scene.round(450, 452, 34, (168, 158, 140))
    scene.box(414, 452, 72, 40, (168, 158, 140))
    scene.line([(450, 420), (450, 394)], (120, 126, 120), 6)
    scene.arc(450, 420, 24, 26, 180, 270, (160, 206, 220), 5)
    scene.arc(450, 420, 24, 26, 270, 360, (160, 206, 220), 5)
    scene.save(path)


def bicycle(path):
    scene = Scene(720, 520, (206, 200, 188), (188, 178, 162))
    for k in range(9):
        scene.box(0, k * 48, 720, 2, (194, 186, 172))
    scene.area([(0, 400), (720, 400), (720, 520), (0, 520)], (150, 142, 130))
    for x in (210, 520):
        scene.round(x, 340, 112, (44, 46, 50), 12)
        scene.round(x, 340, 100, (150, 152, 154), 3)
        for k in range(14):
            a = k * math.pi / 7
            scene.line([(x, 340), (x + 98 * math.cos(a), 340 + 98 * math.sin(a))], (160, 160, 160), 1.5)
        scene.round(x, 340, 12, (70, 72, 76))
    blue = (38, 92, 132)
    scene.line([(210, 340), (300, 180)], blue, 13)
    scene.line([(300, 180), (470, 170)], blue, 13)
    scene.line([(470, 170), (352, 348)], blue, 13)
    scene.line([(352, 348), (300, 180)], blue, 13)
    scene.line([(210, 340), (352, 348)], blue, 11)
    scene.line([(462, 130), (520, 340)], blue, 12)
    scene.line([(300, 180), (290, 142)], (70, 72, 76), 9)
    scene.line([(252, 136), (330, 134)], (52, 40, 34), 20)
    scene.line([(462, 130), (456, 104)], (70, 72, 76), 9)
    scene.line([(416, 110), (458, 100), (480, 116)], (70, 72, 76), 9)
    scene.round(352, 348, 26, (90, 92, 96), 7)
    scene.line([(352, 348), (374, 388)], (70, 72, 76), 7)
    scene.box(356, 384, 44, 9, (44, 46, 50))
    scene.box(120, 206, 78, 44, (132, 88, 56))
    scene.line([(120, 216), (198, 216)], (104, 66, 42), 3)
    scene.save(path)


def keys(path):
    scene = Scene(720, 520, (222, 214, 198), (206, 196, 178))
    scene.round(316, 190, 62, (128, 130, 134), 9)
    rng = random.Random(6)
    for angle, colour, length in ((1.05, (190, 160, 84), 230), (1.55, (150, 152, 156), 210), (2.05, (176, 150, 90), 216)):
        ax, ay = 316 + 62 * math.cos(angle), 190 + 62 * math.sin(angle)
        dx, dy = math.cos(angle), math.sin(angle)
        hx, hy = ax + dx * 40, ay + dy * 40
        scene.round(hx, hy, 46, colour)
        scene.round(hx - dx * 14, hy - dy * 14, 14, (214, 205, 188))
        scene.line([(hx + dx * 40, hy + dy * 40), (hx + dx * length, hy + dy * length)], colour, 20)
        for k in range(5):
            t = length * (0.6 + 0.08 * k)
            x, y = hx + dx * t, hy + dy * t
            scene.line([(x, y), (x - dy * rng.uniform(12, 22), y + dx * rng.uniform(12, 22))], colour, 10)
    scene.line([(262, 158), (170, 120)], (150, 40, 44), 16)
    scene.area([(60, 70), (176, 92), (164, 168), (48, 146)], (166, 46, 50))
    scene.round(152, 116, 9, (222, 214, 198))
    scene.save(path)


# Metres of the invented country that the town map shows, and how many pixels a metre takes.
MAP = (1960, 1130, 3360, 2070)
WIDE = 1200


def town_map(path, draw_marks=None):
    """A map of the town with its sights, or with what `draw_marks` has to tell."""
    left, low, right, high = MAP
    k = WIDE / (right - left)
    height = int((high - low) * k)
    image = Image.new("RGB", (WIDE * TWICE, height * TWICE), (240, 236, 224))
    draw = ImageDraw.Draw(image)

    def at(p):
        return ((p[0] - left) * k * TWICE, (high - p[1]) * k * TWICE)

    def ribbon(points, metres, colour):
        width = int(metres * k * TWICE)
        line = [at(p) for p in points]
        draw.line(line, fill=colour, width=width, joint="curve")
        for x, y in line:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)

    tints = {"town": (238, 232, 218), "field": (240, 234, 206), "meadow": (214, 228, 190), "wood": (186, 210, 168)}
    for polygon, kind in terrain.parcels():
        draw.polygon([at(p) for p in polygon], fill=tints[kind])
    ribbon(terrain.river(), 26, (150, 194, 214))
    ribbon(terrain.brook(), 8, (150, 194, 214))
    roads = {name: terrain.smooth(points) for name, points in terrain.ROADS.items()}
    for name, points in roads.items():
        ribbon(points, 17 if name.startswith("II/") else 13, (190, 176, 150))
    for shape in terrain.houses():
        draw.polygon([at(p) for p in shape], fill=(206, 186, 164))
    for name, points in roads.items():
        ribbon(points, 13 if name.startswith("II/") else 9.5, (255, 236, 184) if name.startswith("II/") else (255, 255, 255))
    if draw_marks:
        draw_marks.roads(roads, ribbon)
    square = [(2600, 1760), (2700, 1800), (2685, 1850), (2585, 1810)]
    draw.polygon([at(p) for p in square], fill=(255, 250, 236), outline=(190, 176, 150))

    bold = ImageFont.truetype(str(FONTS / "LiberationSans-Bold.ttf"), 25 * TWICE)
    plain = ImageFont.truetype(str(FONTS / "LiberationSans-Regular.ttf"), 22 * TWICE)

    def label(text, x, y, font=plain, colour=(40, 44, 50), anchor="mm"):
        draw.text(at((x, y)), text, font=font, fill=colour, anchor=anchor, stroke_width=5 * TWICE // 2, stroke_fill=(250, 247, 238))

    for text, x, y in (("Karlovarská", 2190, 1690), ("Nádražní", 2330, 1960), ("Mlýnská", 2405, 1600), ("Lesní", 2590, 1985), ("Tovární", 3250, 1700), ("U Pily", 3080, 2030)):
        label(text, x, y)
    label("Rolava", 2900, terrain.river_y(2900), plain, (44, 94, 122))

    def pin(x, y, text, colour, dx=0, dy=34):
        px, py = at((x, y))
        r = 17 * TWICE
        draw.polygon([(px - r * 0.8, py - r * 1.1), (px + r * 0.8, py - r * 1.1), (px, py + r * 0.5)], fill=colour)
        draw.ellipse((px - r, py - r * 2.4, px + r, py - r * 0.4), fill=colour)
        draw.ellipse((px - r * 0.4, py - r * 1.8, px + r * 0.4, py - r), fill=(255, 255, 255))
        label(text, x + dx, y + dy + 44, bold, colour)

    town, red = (31, 78, 95), (150, 28, 24)
    if draw_marks:
        pin(2645, 1806, "Jste zde: městský úřad", town)
        draw_marks.labels(label, bold)
    else:
        pin(2645, 1806, "Jste zde: městský úřad", red)
        pin(2330, 1760, "Nádraží", town)
        pin(2870, 1930, "Škola", town)
        pin(2524, 1430, "Kamenný most", town, 0, 26)
        pin(3190, 1560, "Sběrný dvůr", town)
        pin(2795, 1395, "Pramen", town)

    image = image.resize((WIDE, height), Image.LANCZOS)
    # The few red and blue letters must not give way to a hundred shades of fields.
    swatches = Image.new("RGB", (WIDE, 240))
    swatches.paste(image.crop((0, height // 3, WIDE, height // 3 + 200)))
    strokes = ImageDraw.Draw(swatches)
    for row, colour in enumerate((red, town, (40, 44, 50), (44, 94, 122), (150, 194, 214))):
        for step in range(8):
            tone = tuple(int(c + (250 - c) * step / 8) for c in colour)
            strokes.rectangle((step * WIDE // 8, 200 + row * 8, (step + 1) * WIDE // 8, 207 + row * 8), fill=tone)
    palette = swatches.quantize(72, method=Image.MEDIANCUT, kmeans=2)
    image.quantize(palette=palette, dither=Image.NONE).save(path, optimize=True)


class Outages:
    """Where there is no electricity, and which road is closed."""

    DARK, CLOSED = (176, 96, 0), (150, 28, 24)

    @classmethod
    def roads(cls, roads, ribbon):
        for name in ("Nádražní", "Tovární", "U Pily"):
            ribbon(roads[name], 24, cls.DARK)
        ribbon([p for p in roads["II/218"] if 2040 < p[0] < 2580], 24, cls.CLOSED)

    @classmethod
    def labels(cls, label, bold):
        label("bez elektřiny", 2445, 1990, bold, cls.DARK)
        label("bez elektřiny", 3010, 1830, bold, cls.DARK)
        label("uzavírka", 2240, 1570, bold, cls.CLOSED)


def outage_map(path):
    town_map(path, Outages)


PICTURES = {
    "radnice.jpg": town_hall,
    "kamenny-most.jpg": bridge,
    "rozhledna.jpg": lookout,
    "pramen.jpg": spring,
    "nalez-kolo.jpg": bicycle,
    "nalez-klice.jpg": keys,
    "mapa-mesta.png": town_map,
    "mapa-odstavek.png": outage_map,
}


def make(folder):
    """Draws every picture into `folder`."""
    folder.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        draw(folder / name)
