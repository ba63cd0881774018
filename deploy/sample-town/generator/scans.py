"""Documents as a scanner would give them: a letter is set, turned into pixels, worn a little, and stored in one of the scanners' ways."""

import io
import tempfile
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
from PIL import Image, ImageFilter

from . import council, property, public_notices
from .jbig2 import encode
from .registry import document


def pixels(make, dpi):
    """The pages of what `make` writes, as grey pictures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source.pdf"
        make(path)
        pdf = pypdfium2.PdfDocument(path.read_bytes())
        return [pdf[i].render(scale=dpi / 72).to_pil().convert("RGB") for i in range(len(pdf))]


def worn(image, seed, skew, specks=60):
    """A page fed a little askew, with dust, as black and white."""
    rng = np.random.default_rng(seed)
    grey = image.convert("L").rotate(skew, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(0.5))
    values = np.asarray(grey).astype(float)
    black = values < 200 + rng.normal(0, 6, values.shape)
    height, width = black.shape
    for _ in range(specks):
        y, x, r = rng.integers(4, height - 4), rng.integers(4, width - 4), rng.integers(1, 3)
        black[y : y + r, x : x + r] = True
    for hole in (0.31, 0.69):
        cy, cx, r = int(height * hole), int(width * 0.022), int(width * 0.012)
        yy, xx = np.ogrid[:height, :width]
        ring = (yy - cy) ** 2 + (xx - cx) ** 2
        black |= (ring < r * r) & (ring > (r - 3) ** 2)
    return black


def scanned_colour(image, seed, skew):
    """A page as a copier in colour gives it: greyish paper, a shadow along the edge."""
    rng = np.random.default_rng(seed)
    turned = image.rotate(skew, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)).filter(ImageFilter.GaussianBlur(0.6))
    values = np.asarray(turned).astype(float)
    height, width, _ = values.shape
    y, x = np.mgrid[0:height, 0:width]
    paper = 0.965 - 0.05 * np.exp(-x / 26) - 0.12 * np.exp(-(width - x) / 9) - 0.02 * (y / height)
    grain = rng.normal(0, 2.2, (height, width, 1))
    values = values * paper[..., None] * np.array([1.0, 0.992, 0.968]) + grain
    return Image.fromarray(values.clip(0, 255).astype("uint8"))


def save_pdf(path, pages, title):
    """A PDF of images only: `pages` holds (stream bytes, filter and its parameters, width, height, dpi)."""
    pdf = pikepdf.new()
    for data, more, width, height, dpi in pages:
        image = pikepdf.Stream(pdf, data)
        image.stream_dict = pikepdf.Dictionary(Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height, **more)
        w, h = width * 72 / dpi, height * 72 / dpi
        page = pdf.add_blank_page(page_size=(round(w, 2), round(h, 2)))
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=pdf.make_indirect(image)))
        page.Contents = pikepdf.Stream(pdf, f"q {w:.2f} 0 0 {h:.2f} 0 0 cm /Im0 Do Q".encode())
    pdf.docinfo["/Title"] = title
    pdf.docinfo["/Producer"] = "Rolava Scan"
    pdf.save(path, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)


def g4(black):
    """One page's CCITT group 4 bytes, 1 being black."""
    buffer = io.BytesIO()
    image = Image.fromarray(~black).convert("1")
    image.save(buffer, "TIFF", compression="group4", tiffinfo={278: image.height})
    tiff = Image.open(io.BytesIO(buffer.getvalue()))
    offset, count = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
    assert len(tiff.tag_v2[273]) == 1
    return buffer.getvalue()[offset : offset + count], tiff.tag_v2[262]


def bilevel(**more):
    return {"BitsPerComponent": 1, "ColorSpace": pikepdf.Name.DeviceGray, **more}


@document("rozhodnuti-pristavba-telocvicny.pdf")
def permit(path):
    pages = []
    for number, image in enumerate(pixels(public_notices.gym_permit, 200)):
        black = worn(image, 11 + number, (0.35, -0.5, 0.2, 0.6)[number % 4])
        data, photometric = g4(black)
        height, width = black.shape
        parameters = pikepdf.Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=photometric == 1)
        pages.append((data, bilevel(Filter=pikepdf.Name.CCITTFaxDecode, DecodeParms=parameters), width, height, 200))
    save_pdf(path, pages, "Rozhodnutí – přístavba tělocvičny")


def _jbig2(path, make, seed, title):
    pages = []
    for number, image in enumerate(pixels(make, 200)):
        black = worn(image, seed + number, (-0.4, 0.3)[number % 2])
        height, width = black.shape
        pages.append((encode(black), bilevel(Filter=pikepdf.Name.JBIG2Decode), width, height, 200))
    save_pdf(path, pages, title)


@document("hromadny-predpisny-seznam.pdf")
def tax(path):
    _jbig2(path, public_notices.tax_list, 21, "Veřejná vyhláška – hromadný předpisný seznam")


@document("ochranne-pasmo-jeleni-potok.pdf")
def zone(path):
    _jbig2(path, public_notices.protection_zone, 31, "Opatření obecné povahy – ochranné pásmo")


@document("oznameni-zahajeni-rizeni-vodovod-tisova.pdf")
def hearing(path):
    pages = []
    for number, image in enumerate(pixels(public_notices.hearing, 150)):
        buffer = io.BytesIO()
        scan = scanned_colour(image, 41 + number, (0.9, -0.7)[number % 2])
        scan.save(buffer, "JPEG", quality=46, optimize=True)
        more = {"BitsPerComponent": 8, "ColorSpace": pikepdf.Name.DeviceRGB, "Filter": pikepdf.Name.DCTDecode}
        pages.append((buffer.getvalue(), more, *scan.size, 150))
    save_pdf(path, pages, "Oznámení o zahájení řízení – vodovod Tisová")


@document("verejnopravni-smlouva-hasici.tif")
def contract(path):
    pages = [Image.fromarray(~worn(image, 51 + n, (0.3, -0.35)[n % 2])).convert("1") for n, image in enumerate(pixels(council.fire_contract, 200))]
    pages[0].save(path, "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(200, 200))


@document("soupis-movitych-veci.pdf")
def truncated(path):
    """Cut off in the first picture, as a broken upload leaves it: such writers put the page tree at the end, so nothing can be saved."""
    buffer = io.BytesIO()
    page = scanned_colour(pixels(property.chattels, 150)[0], 61, 0.5)
    page.save(buffer, "JPEG", quality=46, optimize=True)
    data = buffer.getvalue()
    head = (f"%PDF-1.4\n1 0 obj\n<< /Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} /ColorSpace /DeviceRGB "
            f"/BitsPerComponent 8 /Filter /DCTDecode /Length {len(data)} >>\nstream\n")
    path.write_bytes(head.encode() + data[: len(data) * 55 // 100])
