#!/usr/bin/env bash
# The same board in our kiosk and, as a web page, in Chromium's kiosk mode: both under Xvfb, in turn, in one run.
#
# Prints for each: time from process start to the first painted board, memory of all its processes (PSS),
# and processor time while the idle rotation runs and while nothing moves.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh
need_build
need "the comparison" xvfb chromium python3 fonts-liberation

echo "Building with optimisation…"
cargo build --locked --release -p vyveska -p vyveska-pages -p vyveska-central -p vyveska-sample-town --bins
export VYVESKA_BIN="$CARGO_TARGET_DIR/release"
exec python3 benches/vs_chromium.py "$@"
