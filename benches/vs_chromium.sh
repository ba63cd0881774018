#!/usr/bin/env bash
# The same board in our kiosk and, as a web page, in Chromium's kiosk mode: both under Xvfb, in turn, in one run.
#
# ./benches/vs_chromium.sh [--smoke | --starts N --seconds N --rest N]
#
# Prints for each: time from process start to the first painted board, memory of all its processes (PSS),
# and processor time while the idle rotation runs and while nothing moves.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh
need_build
need "the comparison" xvfb chromium python3 fonts-liberation

profile=release
if [ "${1:-}" = --smoke ]; then
  # One round without optimisation: shows that the comparison runs, its figures mean nothing.
  profile=dev
  set -- --starts 1 --seconds 1 --rest 2
fi
cargo build --locked --profile "$profile" -p vyveska -p vyveska-pages -p vyveska-central -p vyveska-sample-town --bins
export VYVESKA_BIN="$CARGO_TARGET_DIR/${profile/dev/debug}"
exec python3 benches/vs_chromium.py "$@"
