"""The fonts that are embedded: Liberation, slimmed, known to reportlab as Serif and Sans with -Bold, -Italic and -BoldItalic."""

import io
from pathlib import Path

from fontTools import subset
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

rl_config.invariant = 1
FONTS = Path(__file__).resolve().parents[3] / "crates/pages/fonts"


def slim(path):
    """A font's Latin letters without hinting, which no page on a screen of this size uses and which is most of its bytes."""
    options = subset.Options(hinting=False, notdef_outline=True, glyph_names=False, layout_features=[], recalc_timestamp=False,
                             drop_tables=["FFTM", "GPOS", "GSUB", "GDEF", "kern"])
    font = subset.load_font(str(path), options)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[*range(0x20, 0x17F), *range(0x2010, 0x2040), 0x20AC, 0x2212, 0x25A1, *range(0x2190, 0x2194)])
    worker.subset(font)
    out = io.BytesIO()
    font.save(out)
    out.seek(0)
    return out


for family, stem in (("Serif", "LiberationSerif"), ("Sans", "LiberationSans")):
    for face, suffix in (("", "Regular"), ("-Bold", "Bold"), ("-Italic", "Italic"), ("-BoldItalic", "BoldItalic")):
        pdfmetrics.registerFont(TTFont(f"{family}{face}", slim(f"{FONTS}/{stem}-{suffix}.ttf")))
    pdfmetrics.registerFontFamily(
        family, normal=family, bold=f"{family}-Bold", italic=f"{family}-Italic", boldItalic=f"{family}-BoldItalic"
    )
