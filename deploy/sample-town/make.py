#!/usr/bin/env python3
"""Makes documents/, information/, notices.json, coat-of-arms.svg and coat-of-arms.png. See README.md."""

import argparse
import json
from pathlib import Path

from generator import arms, council, environment, illustrations, maps, money, notices, pictures, property, public_notices, scans, special, strategy  # noqa: F401
from generator.registry import DOCUMENTS

HERE = Path(__file__).resolve().parent


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", metavar="TEXT", help="make only the documents whose name holds TEXT")
    only = arguments.parse_args().only
    folder = HERE / "documents"
    folder.mkdir(exist_ok=True)
    wanted = [attachment["file"] for notice in notices.NOTICES for attachment in notice["documents"]]
    if difference := set(wanted) ^ DOCUMENTS.keys():
        raise SystemExit(f"made or wanted, but not both: {sorted(difference)}")
    for name in wanted:
        if only is None or only in name:
            DOCUMENTS[name](folder / name)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    (HERE / "coat-of-arms.svg").write_text(arms.svg(), encoding="utf-8")
    arms.picture(HERE / "coat-of-arms.png", height=240)
    illustrations.make(HERE / "information")
    strategy.make(HERE / "information" / "strategicky-plan-2035.pdf")
    text = json.dumps({"town": notices.TOWN, "notices": notices.NOTICES}, ensure_ascii=False, indent=1)
    (HERE / "notices.json").write_text(text + "\n", encoding="utf-8")
    total = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(notices.NOTICES)} notices, {len(wanted)} documents, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
