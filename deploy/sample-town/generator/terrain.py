"""The invented country around the town: heights, parcels, river, roads, houses. The same on every map, in metres."""

import math
import random
from functools import cache

import numpy as np

WIDTH, HEIGHT = 5000.0, 4005.0
CENTRE = (2650.0, 1750.0)
VILLAGES = {"Lipnice nad Rolavou": (2650, 1750, 620), "Tisová": (4150, 2550, 260), "Horní Paseky": (1050, 2850, 230), "Jelení": (900, 820, 200)}


def heights(step=25.0):
    """A grid of heights: smooth random hills with the river's valley cut in."""
    rng = np.random.default_rng(218)
    nx, ny = int(WIDTH / step) + 1, int(HEIGHT / step) + 1
    x, y = np.meshgrid(np.arange(nx) * step, np.arange(ny) * step)
    z = np.full_like(x, 560.0)
    for scale, size in ((2400, 60), (1200, 32), (600, 13), (300, 5)):
        for _ in range(10):
            angle, phase = rng.uniform(0, 2 * math.pi, 2)
            k = 2 * math.pi / (scale * rng.uniform(0.7, 1.3))
            z += size / 3 * np.sin(k * (x * math.cos(angle) + y * math.sin(angle)) + phase)
    valley = np.array([river_y(value) for value in x[0]])
    z -= 75 * np.exp(-(((y - valley) / 420) ** 2))
    return x[0], y[:, 0], z


def river_y(x):
    """Where the Rolava flows at `x`."""
    return 1500 + 160 * math.sin(x / 620) + 70 * math.sin(x / 231 + 1) + 0.035 * x


def river(step=20):
    """The river's axis."""
    return [(x, river_y(x)) for x in np.arange(-50, WIDTH + 51, step)]


def brook():
    """Jelení potok, from the north-west into the river."""
    return [(300 + 16 * i + 50 * math.sin(i / 6), 3700 - 21.5 * i + 36 * math.sin(i / 4)) for i in range(-20, 100)
            if 3700 - 21.5 * i > river_y(300 + 16 * i)]


ROADS = {
    "II/218": [(-50, 700), (500, 930), (1100, 1180), (1700, 1340), (2150, 1610), (2650, 1790), (3150, 1960), (3700, 2300), (4200, 2560), (5050, 2900)],
    "III/2181": [(1060, 4100), (1120, 3500), (1050, 2850), (1500, 2400), (2000, 2010), (2400, 1850), (2650, 1790)],
    "III/2182": [(2650, 1790), (2790, 1400), (3050, 900), (3350, 420), (3400, -50)],
    "Mlýnská": [(2380, 1705), (2450, 1560), (2560, 1390), (2790, 1400)],
    "Nádražní": [(2330, 1690), (2290, 1950), (2420, 2180), (2720, 2260)],
    "Lesní": [(2650, 1790), (2600, 2010), (2720, 2260), (2900, 2400)],
    "U Pily": [(3150, 1960), (3080, 2130), (2900, 2400)],
    "Tovární": [(3150, 1960), (3250, 1740), (3180, 1560)],
}


def smooth(points, each=10):
    """A Catmull-Rom curve through `points`."""
    out = []
    p = [points[0], *points, points[-1]]
    for i in range(1, len(p) - 2):
        for k in range(each):
            t = k / each
            out.append(tuple(0.5 * (2 * p[i][c] + (p[i + 1][c] - p[i - 1][c]) * t + (2 * p[i - 1][c] - 5 * p[i][c] + 4 * p[i + 1][c] - p[i + 2][c]) * t * t
                                    + (3 * p[i][c] - p[i - 1][c] - 3 * p[i + 1][c] + p[i + 2][c]) * t ** 3) for c in (0, 1)))
    return [*out, points[-1]]


def builtness(x, y):
    """How much of a settlement a place is, 0 to 1."""
    return max(1 - math.hypot(x - cx, (y - cy) * 1.25) / r for cx, cy, r in VILLAGES.values())


def area(polygon):
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, polygon[1:] + polygon[:1]))) / 2


def middle(polygon):
    return sum(p[0] for p in polygon) / len(polygon), sum(p[1] for p in polygon) / len(polygon)


def cut(polygon, point, direction):
    """The two parts of a convex polygon on either side of a line."""
    sides = [(p[0] - point[0]) * direction[1] - (p[1] - point[1]) * direction[0] for p in polygon]
    left, right = [], []
    for i, p in enumerate(polygon):
        j = (i + 1) % len(polygon)
        (left if sides[i] >= 0 else right).append(p)
        if sides[i] * sides[j] < 0:
            t = sides[i] / (sides[i] - sides[j])
            q = (p[0] + t * (polygon[j][0] - p[0]), p[1] + t * (polygon[j][1] - p[1]))
            left.append(q)
            right.append(q)
    return left, right


@cache
def parcels():
    """(polygon, kind) of every parcel; kinds are town, field, meadow, wood."""
    rng = random.Random(1182)
    out, todo = [], [[(-100, -100), (WIDTH + 100, -100), (WIDTH + 100, HEIGHT + 100), (-100, HEIGHT + 100)]]
    wave = [(rng.uniform(0, 6.28), rng.uniform(0, 6.28), rng.uniform(500, 1300)) for _ in range(6)]

    def woodiness(x, y):
        return sum(math.sin((x * math.cos(a) + y * math.sin(a)) / s * 3 + b) for a, b, s in wave) + abs(y - river_y(x)) / 900

    while todo:
        polygon = todo.pop()
        if len(polygon) < 3:
            continue
        x, y = middle(polygon)
        built = max(builtness(*p) for p in [*polygon, (x, y)])
        wanted = 1050 if built > 0.25 else 2600 if built > 0 else 17000 if woodiness(x, y) < 1.2 else 60000
        size = area(polygon)
        if size < wanted * rng.uniform(0.9, 2.1):
            inside = builtness(x, y)
            kind = "town" if inside > 0 else "wood" if woodiness(x, y) > 1.25 else "meadow" if abs(y - river_y(x)) < 170 or rng.random() < 0.3 else "field"
            out.append((polygon, kind))
            continue
        edge = max(range(len(polygon)), key=lambda i: math.dist(polygon[i], polygon[(i + 1) % len(polygon)]))
        a, b = polygon[edge], polygon[(edge + 1) % len(polygon)]
        t = rng.uniform(0.38, 0.62)
        point = (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))
        lean = rng.gauss(0, 0.055)
        dx, dy = b[0] - a[0], b[1] - a[1]
        todo += cut(polygon, point, (-dy + lean * dx, dx + lean * dy))
    return out


def to_line(point, line):
    """The distance of a point from a polyline."""
    best = 1e9
    for a, b in zip(line, line[1:]):
        dx, dy = b[0] - a[0], b[1] - a[1]
        t = max(0, min(1, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy or 1)))
        best = min(best, math.hypot(point[0] - a[0] - t * dx, point[1] - a[1] - t * dy))
    return best


@cache
def houses():
    """Rectangles of houses on parcels of the settlements, away from roads and water."""
    rng = random.Random(214)
    lines = [smooth(points) for points in ROADS.values()]
    water = [river(60), brook()]
    out = []
    for polygon, kind in parcels():
        x, y = middle(polygon)
        if kind != "town" or rng.random() < 0.17 or min(to_line((x, y), line) for line in water) < 45 or min(to_line((x, y), line) for line in lines) < 14:
            continue
        edge = max(zip(polygon, polygon[1:] + polygon[:1]), key=lambda pair: math.dist(*pair))
        angle = math.atan2(edge[1][1] - edge[0][1], edge[1][0] - edge[0][0])
        near = math.sqrt(area(polygon))
        w, h = near * rng.uniform(0.36, 0.5), near * rng.uniform(0.24, 0.34)
        c, s = math.cos(angle), math.sin(angle)
        shape = [(x + c * u * w / 2 - s * v * h / 2, y + s * u * w / 2 + c * v * h / 2) for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        out.append(shape)
        if rng.random() < 0.35:
            ox, oy, k = x + rng.choice((-1, 1)) * near * 0.33, y + rng.choice((-1, 1)) * near * 0.3, near * 0.08
            out.append([(ox + c * u * k - s * v * k, oy + s * u * k + c * v * k) for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    return out
