"""The town's invented coat of arms: as SVG, and drawn with reportlab at any size.

Per fess argent and vert, two mountains azure rising from the base, a sun or in the sinister chief.
The shapes are in a box of 200 by 240, y downwards.
"""

SHIELD = "M10 8 H190 V128 C190 182 146 214 100 234 C54 214 10 182 10 128 Z"
GROUND = "M10 140 H190 C186 188 144 215 100 234 C56 215 14 188 10 140 Z"
MOUNTAINS = "M38 140 L82 66 L105 102 L124 78 L164 140 Z"
RIVER = "M64 222 C96 208 74 190 104 178 C128 168 112 154 126 140 L140 140 C134 158 146 172 118 184 C92 195 112 212 80 229 Z"
SUN = (148, 50, 19)
COLOURS = {"argent": "#ffffff", "vert": "#2f8256", "azure": "#1f4e5f", "or": "#e0a526", "line": "#16202b"}


def svg():
    """The coat of arms as an SVG document."""
    c, (x, y, r) = COLOURS, SUN
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 240" width="200" height="240">
  <title>Znak města Lipnice nad Rolavou</title>
  <path d="{SHIELD}" fill="{c['argent']}"/>
  <circle cx="{x}" cy="{y}" r="{r}" fill="{c['or']}"/>
  <path d="{MOUNTAINS}" fill="{c['azure']}"/>
  <path d="{GROUND}" fill="{c['vert']}"/>
  <path d="{RIVER}" fill="{c['argent']}"/>
  <path d="{SHIELD}" fill="none" stroke="{c['line']}" stroke-width="6" stroke-linejoin="round"/>
</svg>
"""


def _trace(path, data):
    """Adds SVG path data made of absolute M, L, H, V, C and Z to a reportlab path."""
    words = data.replace("Z", " Z ").split()
    x = y = 0.0
    command, at = None, 0

    def number():
        nonlocal at
        value = float(words[at])
        at += 1
        return value

    while at < len(words):
        word = words[at]
        if word == "Z":
            path.close()
            at += 1
            continue
        if word[0].isalpha():
            command = word[0]
            words[at] = word[1:]
            if not words[at]:
                at += 1
        if command == "M":
            x, y = number(), number()
            path.moveTo(x, y)
            command = "L"
        elif command == "L":
            x, y = number(), number()
            path.lineTo(x, y)
        elif command == "H":
            x = number()
            path.lineTo(x, y)
        elif command == "V":
            y = number()
            path.lineTo(x, y)
        elif command == "C":
            a, b, c, d, x, y = (number() for _ in range(6))
            path.curveTo(a, b, c, d, x, y)


def draw(canvas, left, bottom, height, one_colour=None):
    """Draws the arms `height` points high; with `one_colour` as a stamp would print them."""
    from reportlab.lib.colors import HexColor

    scale = height / 240
    canvas.saveState()
    canvas.translate(left, bottom + height)
    canvas.scale(scale, -scale)

    def shape(data, fill, stroke=None, width=0):
        path = canvas.beginPath()
        _trace(path, data)
        if fill:
            canvas.setFillColor(HexColor(fill))
        if stroke:
            canvas.setStrokeColor(HexColor(stroke))
            canvas.setLineWidth(width)
        canvas.drawPath(path, stroke=1 if stroke else 0, fill=1 if fill else 0)

    c, (x, y, r) = COLOURS, SUN
    tint = (lambda colour: one_colour) if one_colour else (lambda colour: colour)
    shape(SHIELD, c["argent"])
    canvas.setFillColor(HexColor(tint(c["or"])))
    canvas.circle(x, y, r, stroke=0, fill=1)
    shape(MOUNTAINS, tint(c["azure"]))
    shape(GROUND, tint(c["vert"]))
    shape(RIVER, c["argent"])
    shape(SHIELD, None, tint(c["line"]), 6)
    canvas.restoreState()


def picture(path, height):
    """Saves the arms as a PNG on nothing."""
    import io

    import pypdfium2
    from reportlab.pdfgen.canvas import Canvas

    width = height * 200 / 240
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height), invariant=1)
    draw(canvas, 0, 0, height)
    canvas.showPage()
    canvas.save()
    page = pypdfium2.PdfDocument(buffer.getvalue())[0]
    page.render(scale=1, fill_color=(0, 0, 0, 0), maybe_alpha=True, rev_byteorder=True).to_pil().save(path, optimize=True)
