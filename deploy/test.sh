#!/usr/bin/env bash
# Sets up what the tests need and passes all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh

need_build
# The renderer asks fontconfig for a font even though ours is compiled in.
need "the tests" fonts-liberation espeak-ng
need_recognition

if [ ! -d ../shared/ofn/schemas ]; then
  echo "The norm's published JSON Schemas are not at ../shared/ofn: what we publish is not validated against them in this run."
fi

# Builds everything first, the worker and the services that run as processes of their own too.
cargo test --locked --workspace --no-run
# Two visitors go through the whole kiosk, one thing after the other, and need a core each: they go at the same time.
cargo test --locked --workspace --test speech &
speech=$!
trap 'wait "$speech"' EXIT
cargo test --locked --workspace --test visits
trap - EXIT
wait "$speech"
cargo test --locked --workspace "$@" -- \
  --skip somebody_who_sees_nothing_gets_everywhere --skip a_stranger_gets_there_standing_and_seated
