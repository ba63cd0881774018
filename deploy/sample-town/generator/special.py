"""Documents with something the matter: fonts left out, a file cut off, an office format."""

import zipfile
from xml.sax.saxutils import escape

import pikepdf
from reportlab.pdfbase import pdfmetrics

from .czech import NBSP, cz
from .fonts import FONTS  # noqa: F401, registers the fonts
from .registry import document

# Codes above 0x7F for the letters that the standard encodings lack, by their PostScript names.
CZECH = {
    "ě": "ecaron", "š": "scaron", "č": "ccaron", "ř": "rcaron", "ž": "zcaron", "ý": "yacute", "á": "aacute", "í": "iacute", "é": "eacute", "ú": "uacute",
    "ů": "uring", "ď": "dcaron", "ť": "tcaron", "ň": "ncaron", "ó": "oacute", "Ě": "Ecaron", "Š": "Scaron", "Č": "Ccaron", "Ř": "Rcaron", "Ž": "Zcaron",
    "Ý": "Yacute", "Á": "Aacute", "Í": "Iacute", "É": "Eacute", "Ú": "Uacute", "Ů": "Uring", "Ď": "Dcaron", "Ť": "Tcaron", "Ň": "Ncaron", "Ó": "Oacute",
    "§": "section", "–": "endash", "„": "quotedblbase", "“": "quotedblleft", "²": "twosuperior", "×": "multiply",
}
CODES = {letter: 0x80 + i for i, letter in enumerate(CZECH)}


def _codes(text):
    return bytes(CODES.get(ch, ord(" " if ch == NBSP else ch)) for ch in text)


def _literal(text):
    return b"(" + _codes(text).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def _font(pdf, kind, name, metrics):
    """A font that the reader has to supply: only its name, its encoding and, for TrueType, its measures."""
    differences = pikepdf.Array([0x80, *(pikepdf.Name("/" + glyph) for glyph in CZECH.values())])
    encoding = pikepdf.Dictionary(Type=pikepdf.Name.Encoding, BaseEncoding=pikepdf.Name.WinAnsiEncoding, Differences=differences)
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name("/" + kind), BaseFont=pikepdf.Name("/" + name), Encoding=encoding)
    if kind == "TrueType":
        by_code = {code: ch for ch, code in CODES.items()}
        widths = [round(pdfmetrics.stringWidth(by_code.get(c, chr(c)), metrics, 1000)) for c in range(32, 0x80 + len(CZECH))]
        font.FirstChar, font.LastChar, font.Widths = 32, 31 + len(widths), pikepdf.Array(widths)
        font.FontDescriptor = pdf.make_indirect(pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor, FontName=pikepdf.Name("/" + name), Flags=32, FontBBox=[-665, -325, 2000, 1006], ItalicAngle=0, Ascent=905,
            Descent=-212, CapHeight=716, StemV=80))
    return pdf.make_indirect(font)


def _wrap(text, font, size, width):
    lines, line = [], ""
    for word in cz(text).split(" "):
        longer = f"{line} {word}".strip()
        if line and pdfmetrics.stringWidth(longer, font, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def unembedded(path, kind, names, metrics, head, reference, title, blocks, sign):
    """A plain letter as old office programs made it: text in fonts of the reader's computer."""
    pdf = pikepdf.new()
    fonts = {key: _font(pdf, kind, name, metric) for key, name, metric in zip(("F1", "F2"), names, metrics)}
    pages, ops, y = [], [], 790.0

    def put(text, x, size, bold=False):
        ops.append(b"BT /F%d %.1f Tf %.2f %.2f Td %s Tj ET" % (2 if bold else 1, size, x, y, _literal(text)))

    def block(text, size=11.0, bold=False, centre=False, indent=0, after=6.0):
        nonlocal y, ops
        metric = metrics[1 if bold else 0]
        for line in _wrap(text, metric, size, 469 - indent):
            if y < 70:
                pages.append(ops)
                ops, y = [], 780.0
            x = 63 + indent if not centre else 63 + (469 - pdfmetrics.stringWidth(line, metric, size)) / 2
            put(line, x, size, bold)
            y -= size * 1.38
        y -= after

    block(head[0], 15, True, after=0)
    for line in head[1:]:
        block(line, 10, after=0)
    ops.append(b"0.8 w 63 %.2f m 532 %.2f l S" % (y + 4, y + 4))
    y -= 14
    for line in reference:
        block(line, 10, after=0)
    y -= 14
    block(title[0], 16, True, True)
    for line in title[1:]:
        block(line, 12, True, True)
    y -= 6
    for text in blocks:
        if text.startswith("# "):
            block(text[2:], 12, True, after=3)
        elif text.startswith("- "):
            block("– " + text[2:], indent=16, after=3)
        else:
            block(text)
    y -= 34
    for line in sign:
        block(line, 11, indent=290, after=0)
    y -= 20
    if y < 110:
        pages.append(ops)
        ops, y = [], 780.0
    ops.append(b"0.8 w 63 %.2f 469 44 re S" % (y - 34))
    y -= 8
    put("Vyvěšeno dne: podle údaje na úřední desce", 71, 10)
    put("Sejmuto dne: ......................", 345, 10)
    pages.append(ops)
    for content in pages:
        page = pdf.add_blank_page(page_size=(595.28, 841.89))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(**fonts))
        page.Contents = pikepdf.Stream(pdf, b"\n".join(content))
    pdf.docinfo["/Title"] = " ".join(title)
    pdf.Root.Lang = "cs-CZ"
    pdf.save(path, static_id=True, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)


@document("rozhodnuti-uzavirka-mostu.pdf")
def closure(path):
    unembedded(
        path, "Type1", ("Times-Roman", "Times-Bold"), ("Serif", "Serif-Bold"),
        ["Městský úřad Lipnice nad Rolavou", "odbor dopravy", "Náměstí 1, Lipnice nad Rolavou"], ["Č. j.: OD/4512", "Sp. zn.: SZ OD/1733"],
        ["ROZHODNUTÍ", "o povolení uzavírky místní komunikace – most přes Rolavu v Mlýnské ulici"],
        [
            "Městský úřad Lipnice nad Rolavou, odbor dopravy, jako příslušný silniční správní úřad podle § 24 zákona č. 13/1997 Sb., o pozemních komunikacích, na základě "
            "žádosti města Lipnice nad Rolavou a po projednání s vlastníkem komunikace a s policií povoluje úplnou uzavírku mostu přes řeku Rolavu v Mlýnské ulici "
            "z důvodu opravy mostovky a výměny zábradlí.",
            "# Podmínky",
            "- Objízdná trasa vede ulicí Karlovarskou a silnicí III/2182, její délka je 1,1 km. Mapa objízdné trasy je přílohou.",
            "- Chodcům zůstává přístupná lávka u sklárny; přístup k domům č. p. 71 až 79 bude zachován z pravého břehu.",
            "- Žadatel oznámí zahájení a ukončení uzavírky složkám integrovaného záchranného systému a dopravci.",
            "- Za řádné označení uzavírky odpovídá zhotovitel. Přechodné dopravní značení stanoví samostatné opatření obecné povahy.",
            "- Po dobu uzavírky se zakazuje stání v Mlýnské ulici v úseku od křižovatky s ulicí Karlovarskou k mostu.",
            "# Odůvodnění",
            "Při hlavní prohlídce mostu byl zjištěn nevyhovující stav mostovky. Oprava vyžaduje vyloučení provozu; práce na polovině mostu nejsou při jeho šířce 4,2 m možné. "
            "Silniční správní úřad zvolil nejkratší možnou dobu uzavírky a trasu, která nevyžaduje úpravu jízdního řádu školní linky.",
            "Žluťoučká značka objížďky bude osazena též na příjezdu od Tisové, aby řidiči vozidel nad 12 t použili silnici II/218.",
            "# Poučení",
            "Proti tomuto rozhodnutí se lze odvolat do 15 dnů ode dne doručení ke krajskému úřadu podáním u zdejšího odboru. Odvolání nemá odkladný účinek.",
        ],
        ["v. r.", "vedoucí odboru dopravy"],
    )


@document("pozvani-ustni-jednani-c-p-47.pdf")
def demolition(path):
    unembedded(
        path, "TrueType", ("Arial", "Arial,Bold"), ("Sans", "Sans-Bold"),
        ["Městský úřad Lipnice nad Rolavou", "odbor výstavby – stavební úřad", "Náměstí 1, Lipnice nad Rolavou"], ["Č. j.: SÚ/2051", "Sp. zn.: SZ SÚ/1004"],
        ["POZVÁNÍ K ÚSTNÍMU JEDNÁNÍ", "odstranění stavby č. p. 47, Tisová – veřejná vyhláška"],
        [
            "Stavební úřad oznamuje podle § 47 zákona č. 500/2004 Sb., správní řád, zahájení řízení z moci úřední o odstranění stavby rodinného domu č. p. 47 na pozemku "
            "st. p. 61 v katastrálním území Tisová a současně nařizuje ústní jednání spojené s ohledáním na místě.",
            "Jednání se koná poslední den vyvěšení tohoto oznámení v 10.00 hodin; sraz pozvaných je před domem č. p. 47.",
            "# Důvod řízení",
            "Při kontrolní prohlídce bylo zjištěno, že střešní konstrukce je zřícená, obvodové zdivo je porušeno trhlinami a uvolněné části ohrožují chodce na přilehlém chodníku. "
            "Vlastníku bylo nařízeno provedení zabezpečovacích prací, které ve stanovené lhůtě neprovedl.",
            "# Upozornění",
            "- Účastníci mohou navrhovat důkazy a činit jiné návrhy až do vydání rozhodnutí.",
            "- Před vydáním rozhodnutí se účastníci mohou vyjádřit k jeho podkladům.",
            "- Vlastník je povinen umožnit vstup na pozemek a do stavby.",
            "- Nechá-li se účastník zastupovat, předloží jeho zástupce písemnou plnou moc.",
            "Řízení se týká též vlastníků sousedních pozemků p. č. 102/3, 103/5 a 640/3, kterým se doručuje touto vyhláškou.",
        ],
        ["v. r.", "vedoucí odboru výstavby"],
    )


_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" \
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""


@document("prihlaska-do-vyberoveho-rizeni.docx")
def application(path):
    """A form in an office format, with nothing in it but what such a file must have."""

    def paragraph(text, size=22, bold=False, centre=False):
        style = f'<w:rPr><w:rFonts w:ascii="Liberation Serif" w:hAnsi="Liberation Serif"/>{"<w:b/>" if bold else ""}<w:sz w:val="{size}"/></w:rPr>'
        align = '<w:jc w:val="center"/>' if centre else ""
        return f'<w:p><w:pPr>{align}<w:spacing w:after="120"/></w:pPr><w:r>{style}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'

    def row(label):
        def cell(text, width):
            return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{paragraph(text)}</w:tc>'

        return f"<w:tr>{cell(label, 3600)}{cell('', 5600)}</w:tr>"

    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="444444"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    fields = ["Jméno, příjmení, titul", "Datum a místo narození", "Státní příslušnost", "Místo trvalého pobytu", "Číslo občanského průkazu", "Telefon, e-mail",
              "Nejvyšší dosažené vzdělání", "Datum a podpis"]
    body = (
        paragraph("PŘIHLÁŠKA DO VÝBĚROVÉHO ŘÍZENÍ", 32, True, True) + paragraph("referent stavebního úřadu, č. j. KT/0455", 24, False, True)
        + f'<w:tbl><w:tblPr><w:tblW w:w="9200" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="3600"/><w:gridCol w:w="5600"/></w:tblGrid>{"".join(row(f) for f in fields)}</w:tbl>'
        + paragraph("") + paragraph("K přihlášce připojuji: životopis, výpis z evidence Rejstříku trestů, ověřenou kopii dokladu o vzdělání.")
        + paragraph("Souhlasím se zpracováním uvedených údajů pro účely tohoto výběrového řízení.")
    )
    content = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
               f'{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1247" w:right="1247" w:bottom="1247" w:left="1247" w:header="708" w:footer="708" '
               'w:gutter="0"/></w:sectPr></w:body></w:document>')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in (("[Content_Types].xml", _TYPES), ("_rels/.rels", _RELS), ("word/document.xml", content)):
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
