#!/usr/bin/env python3
"""Makes documents/, notices.json, coat-of-arms.svg and coat-of-arms.png. See README.md."""

import argparse
import json
from pathlib import Path

from generator import arms, council, environment, notices, property, public_notices
from generator.registry import DOCUMENTS

try:
    from generator import maps, money, pictures, special
except ImportError as error:
    print(error)

HERE = Path(__file__).resolve().parent


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", metavar="TEXT", help="make only the documents whose name holds TEXT")
    only = arguments.parse_args().only
    folder = HERE / "documents"
    folder.mkdir(exist_ok=True)
    wanted = [d["file"] for notice in notices.NOTICES for d in notice["documents"]]
    if missing := set(wanted) - DOCUMENTS.keys():
        print(f"nobody makes {sorted(missing)}")
        from generator.letter import town, letter
        from PIL import Image
        for m in missing:
            if m.endswith(".pdf"):
                DOCUMENTS[m] = lambda path: letter(path, town("odbor"), "X/1", "ZÁMĚR", ["Text"], "vedoucí odboru")
            elif m.endswith("docx"):
                DOCUMENTS[m] = lambda path: path.write_bytes(b"PK")
            else:
                DOCUMENTS[m] = lambda path: Image.new("L", (800, 600), 200).save(path)
    if spare := DOCUMENTS.keys() - set(wanted):
        raise SystemExit(f"no notice uses {sorted(spare)}")
    for name in wanted:
        if name in DOCUMENTS and (only is None or only in name):
            DOCUMENTS[name](folder / name)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    (HERE / "coat-of-arms.svg").write_text(arms.svg())
    (HERE / "notices.json").write_text(json.dumps({"town": notices.TOWN, "notices": notices.NOTICES}, ensure_ascii=False, indent=1) + "\n")
    total = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(notices.NOTICES)} notices, {len(wanted)} documents, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
