#!/usr/bin/env bash
# Sets up what the tests need and runs all of them; ends with one summary, also after failures.
#
#   ./deploy/test.sh [--under-load] [ARGUMENT OF cargo test…]
#
# --under-load: everything once, and the tests that walk through the whole kiosk three times, beside four busy
# processes. No test may depend on how fast the machine is.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh

under_load=
if [ "${1:-}" = --under-load ]; then
  under_load=yes
  shift
fi

need_build
# The renderer asks fontconfig for a font even though ours is compiled in.
need "the tests" fonts-liberation espeak-ng faketime fuse3 postgresql python3 xvfb
need_recognition
need_jury

if [ ! -d ../shared/ofn/schemas ]; then
  echo "The norm's published JSON Schemas are not at ../shared/ofn: what we publish is not validated against them in this run."
fi

logs=$(mktemp -d "${TMPDIR:-/tmp}/vyveska-tests.XXXXXX")
busy=()
finish() {
  for pid in "${busy[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$logs"
}
trap finish EXIT

# run NAME COMMAND…: prints what the command prints, keeps it for the summary, and goes on after a failure.
run() {
  local name=$1
  shift
  "$@" 2>&1 | tee "$logs/$name.log" || touch "$logs/$name.failed"
}

# Builds everything first, also the worker and the services that run as processes of their own.
cargo test --locked --workspace --no-run

if [ -n "$under_load" ]; then
  for _ in 1 2 3 4; do
    (while :; do :; done) &
    busy+=($!)
  done
fi

# run_together NAME TEST…: runs these tests side by side, and then prints what each printed.
run_together() {
  local name=$1 test waiting=()
  shift
  for test in "$@"; do
    run "$test$name" cargo test --locked --workspace --no-fail-fast --test "$test" >"$logs/$test$name.out" &
    waiting+=($!)
  done
  wait "${waiting[@]}"
  for test in "$@"; do cat "$logs/$test$name.out"; done
}

# Two tests walk through the whole kiosk, one step after the other, and use one core each.
run_together "" speech sessions
run everything-else cargo test --locked --workspace --no-fail-fast "$@" -- \
  --skip somebody_who_sees_nothing_gets_everywhere --skip a_stranger_gets_there_standing_and_seated
if [ -n "$under_load" ]; then
  for round in 2 3; do
    run_together "-$round" speech sessions screens
  done
fi

echo
grep -hE '^test .* FAILED$|^error' "$logs"/*.log | sort -u || true
awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' "$logs"/*.log
if compgen -G "$logs/*.failed" >/dev/null; then
  for name in "$logs"/*.failed; do echo "failed: $(basename "$name" .failed)" >&2; done
  exit 1
fi
