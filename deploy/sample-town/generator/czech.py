"""Czech typography: what must not be torn apart at a line's end is joined by a no-break space."""

import re

NBSP = "\u00a0"
_BEFORE = re.compile(
    r"(?<![\w\u00a0])("
    r"[aikosuvzAIKOSUVZ]|§|č\.|čl\.|odst\.|písm\.|p\.|č\. p\.|k\.|st\.|sp\.|ul\.|tel\.|str\.|tzv\.|bod|ve?|ze?|ke?|do|na|po"
    r") (?=\S)"
)
_PAIRS = re.compile(r"\b(p|č|k|sp|č\. j)\. (č|p|ú|zn|j)\.")
_UNITS = re.compile(r"(\w) (?=Kč)|(\d) (?=(?:%|m|m²|km|ha|hodin|hod\.|dnů|dní|kusů|tis\.|mil\.|Sb\.|\d{3}\b))")


def cz(text):
    """`text` with no-break spaces where Czech typesetting asks for them."""
    text = _PAIRS.sub(lambda m: f"{m[1]}.{NBSP}{m[2]}.", text)
    for _ in range(2):
        text = _BEFORE.sub(lambda m: f"{m[1]}{NBSP}", text)
    text = re.sub(r"((?:p|č|k|sp)\.\u00a0(?:č|p|ú|zn|j)\.) (?=\S)", rf"\1{NBSP}", text)
    return _UNITS.sub(lambda m: f"{m[1] or m[2]}{NBSP}", text)


def money(amount):
    """An amount with thin groups of three, as Czech budgets print it: 1 234 567."""
    sign = "−" if amount < 0 else ""
    return sign + f"{abs(amount):,}".replace(",", NBSP)
