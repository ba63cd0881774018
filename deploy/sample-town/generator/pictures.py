"""Pictures that stand for photographs: an avenue of limes, a house up for auction. Painted by rule, so nobody's likeness or property is in them."""

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .registry import document

SIZE = (1600, 1200)


def _sky(top, bottom, horizon, ground_near, ground_far):
    w, h = SIZE
    rows = np.zeros((h, w, 3))
    for y in range(h):
        if y < horizon:
            t = y / horizon
            rows[y] = [a + (b - a) * t for a, b in zip(top, bottom)]
        else:
            t = (y - horizon) / (h - horizon)
            rows[y] = [a + (b - a) * t for a, b in zip(ground_far, ground_near)]
    return Image.fromarray(rows.astype("uint8"))


def _photograph(image, seed, path, quality=58):
    """Softens the painting as a cheap lens would, and adds the grain of a dull day."""
    rng = np.random.default_rng(seed)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(1.3))).astype(float)
    h, w, _ = pixels.shape
    grain = np.asarray(Image.fromarray(rng.normal(128, 22, (h, w)).clip(0, 255).astype("uint8")).filter(ImageFilter.GaussianBlur(0.8))).astype(float) - 128
    y, x = np.mgrid[0:h, 0:w]
    vignette = 1 - 0.24 * (((x / w - 0.5) ** 2 + (y / h - 0.5) ** 2) * 2)
    pixels = (pixels + grain[..., None] * 0.8) * vignette[..., None]
    Image.fromarray(pixels.clip(0, 255).astype("uint8")).save(path, quality=quality, optimize=True, dpi=(150, 150))


def _crown(draw, rng, x, y, radius, tint):
    for _ in range(int(90 + radius)):
        a, r = rng.uniform(0, 2 * math.pi), radius * math.sqrt(rng.random())
        px, py = x + math.cos(a) * r, y + math.sin(a) * r * 0.85
        light = 0.7 + 0.5 * (1 - (py - y + radius) / (2 * radius)) + rng.uniform(-0.16, 0.16)
        s = radius * rng.uniform(0.09, 0.2)
        draw.ellipse((px - s, py - s * 0.8, px + s, py + s * 0.8), fill=tuple(int(min(255, v * light)) for v in tint))


def _tree(draw, rng, x, foot, size, tint, bare=False):
    trunk = size * 0.055
    draw.polygon([(x - trunk, foot), (x - trunk * 0.6, foot - size * 0.55), (x + trunk * 0.6, foot - size * 0.55), (x + trunk, foot)], fill=(72, 58, 46))

    def branch(bx, by, angle, length, width, depth):
        ex, ey = bx + math.cos(angle) * length, by - math.sin(angle) * length
        draw.line((bx, by, ex, ey), fill=(78, 64, 52), width=max(1, int(width)))
        if depth:
            for turn in (-0.5, 0.1, 0.55):
                branch(ex, ey, angle + turn + rng.uniform(-0.2, 0.2), length * rng.uniform(0.6, 0.76), width * 0.6, depth - 1)

    branch(x, foot - size * 0.5, math.pi / 2, size * 0.17, trunk * 1.1, 5 if bare else 3)
    if not bare:
        _crown(draw, rng, x, foot - size * 0.72, size * 0.3, tint)


@document("alej-u-hrbitova.jpg")
def avenue(path):
    rng = random.Random(734)
    image = _sky((150, 176, 205), (222, 226, 224), 560, (96, 104, 62), (138, 146, 92))
    draw = ImageDraw.Draw(image)
    for i in range(3):
        points = [(x, 560 - 40 + 18 * i - 22 * math.sin(x / (260 + 90 * i) + i) - 10 * math.sin(x / 90 + i)) for x in range(0, 1601, 10)]
        draw.polygon([(0, 620), *points, (1600, 620)], fill=(120 - 14 * i, 140 - 8 * i, 132 - 22 * i))
    draw.polygon([(770, 575), (812, 575), (1150, 1200), (330, 1200)], fill=(168, 160, 146))
    for _ in range(900):
        t = rng.random() ** 0.6
        y = 580 + t * 620
        half = 20 + t * 400
        x = 790 - 45 * t + rng.uniform(-half, half)
        s = 1 + 5 * t
        draw.ellipse((x, y, x + s * 1.8, y + s * 0.7), fill=rng.choice([(150, 141, 126), (182, 174, 160), (140, 124, 90), (176, 134, 60)]))
    draw.polygon([(1080, 575), (1600, 540), (1600, 640), (1080, 600)], fill=(176, 168, 154))
    for x in range(1090, 1600, 60):
        draw.rectangle((x, 548 - (x - 1090) // 18, x + 14, 640), fill=(158, 149, 134))
    for k in range(8):
        t = (k / 7) ** 1.7
        size, foot = 130 + 720 * t, 590 + 470 * t
        for side in (-1, 1):
            if k == 6 and side == 1:
                _tree(draw, rng, 790 + side * (60 + 520 * t), foot, size, None, bare=True)
            else:
                _tree(draw, rng, 790 + side * (60 + 520 * t), foot, size, rng.choice([(104, 122, 52), (128, 128, 48), (148, 124, 44), (92, 114, 56)]))
    for _ in range(1500):
        y = rng.uniform(640, 1200)
        x = rng.uniform(0, 1600)
        h = (y - 600) / 40
        draw.line((x, y, x + rng.uniform(-3, 3), y - h), fill=rng.choice([(86, 98, 50), (112, 122, 66), (130, 128, 74)]), width=1)
    _photograph(image, 734, path)


@document("drazba-tisova-214-foto.jpg")
def house(path):
    rng = random.Random(214)
    image = _sky((168, 184, 200), (216, 220, 218), 700, (92, 108, 58), (122, 138, 80))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 700), *[(x, 600 - 50 * math.sin(x / 300 + 1) - 14 * math.sin(x / 70)) for x in range(0, 1601, 10)], (1600, 700)], fill=(88, 108, 84))
    for x in (110, 240, 1420, 1540):
        _tree(draw, rng, x, 800, 560, (92, 116, 58))
    wall, shade = (222, 208, 178), (188, 174, 146)
    draw.rectangle((420, 470, 980, 880), fill=wall)
    draw.polygon([(980, 470), (1230, 520), (1230, 850), (980, 880)], fill=shade)
    draw.polygon([(380, 480), (480, 250), (930, 250), (1010, 480)], fill=(134, 66, 48))
    draw.polygon([(930, 250), (1150, 320), (1265, 535), (1010, 480)], fill=(108, 52, 40))
    for row in range(12):
        y = 260 + row * 19
        draw.line((475 - row * 8, y, 935 + row * 6, y), fill=(116, 56, 42), width=2)
    draw.rectangle((560, 180, 610, 300), fill=(142, 84, 66))
    draw.rectangle((420, 840, 980, 880), fill=(150, 142, 132))
    for x, y in ((470, 530), (640, 530), (810, 530), (470, 690), (810, 690)):
        draw.rectangle((x - 8, y - 8, x + 108, y + 118), fill=(240, 236, 226))
        draw.rectangle((x, y, x + 100, y + 110), fill=(62, 76, 88))
        draw.polygon([(x, y), (x + 60, y), (x, y + 80)], fill=(104, 122, 138))
        draw.rectangle((x + 47, y, x + 53, y + 110), fill=(240, 236, 226))
        draw.rectangle((x - 12, y + 118, x + 112, y + 126), fill=(196, 188, 172))
    draw.rectangle((640, 680, 745, 876), fill=(96, 62, 42))
    draw.rectangle((655, 700, 730, 770), fill=(70, 84, 94))
    draw.rectangle((755, 655, 795, 685), fill=(176, 34, 34))
    draw.rectangle((758, 660, 792, 680), fill=(236, 232, 226))
    for i in range(3):
        draw.rectangle((620 - i * 14, 876 + i * 14, 765 + i * 14, 890 + i * 14), fill=(170 - i * 8, 166 - i * 8, 158 - i * 8))
    draw.polygon([(640, 918), (745, 918), (1000, 1200), (560, 1200)], fill=(170, 162, 150))
    for x in range(-20, 1620, 46):
        if not 560 < x < 820:
            draw.rectangle((x, 960, x + 30, 1110), fill=rng.choice([(126, 96, 66), (118, 90, 62), (134, 104, 74)]))
            draw.polygon([(x, 960), (x + 15, 944), (x + 30, 960)], fill=(120, 92, 64))
    for y in (985, 1075):
        draw.rectangle((0, y, 560, y + 12), fill=(104, 78, 54))
        draw.rectangle((830, y, 1600, y + 12), fill=(104, 78, 54))
    for _ in range(2600):
        y = rng.uniform(880, 1200)
        x = rng.uniform(0, 1600)
        if not (560 < x < 1000 and abs(x - 700 - (y - 918) * 0.3) < 60 + (y - 918) * 0.5):
            draw.line((x, y, x + rng.uniform(-4, 4), y - rng.uniform(4, 14)), fill=rng.choice([(84, 104, 50), (106, 124, 62), (122, 132, 72)]), width=1)
    _crown(draw, rng, 400, 840, 90, (84, 112, 54))
    _crown(draw, rng, 1090, 850, 80, (96, 112, 50))
    _photograph(image, 214, path)
