#!/usr/bin/env bash
# Runs the whole of Vývěska on one machine: the sample town's publisher, the central service and the kiosk.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh

usage() {
  cat <<'TEXT'
Usage: ./deploy/demo.sh [OPTION…]

  --fullscreen       fill the whole screen
  --size WxH         size of the window or of the headless screen (1080x1920)
  --landscape        the same as --size 1920x1080
  --screens DIR      walk through the kiosk without a display, write one PNG per step into DIR, and end
  --alert            with a message of the town over the board
  --release          build with optimisation (takes longer, runs faster)
  --help             this text
TEXT
}

size=1080x1920
fullscreen=()
alert=()
screens=
profile=dev
while [ $# -gt 0 ]; do
  case $1 in
    --fullscreen) fullscreen=(--fullscreen) ;;
    --size) size=${2:?--size needs WxH}; shift ;;
    --landscape) size=1920x1080 ;;
    --screens) screens=${2:?--screens needs a folder}; shift ;;
    --alert) alert=(--alert) ;;
    --release) profile=release ;;
    --help | -h) usage; exit 0 ;;
    *) echo "unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

need_build
need "running" fonts-liberation libfontconfig1 espeak-ng
# Machines without a sound card show captions.
if grep -qs '^ *[0-9]' /proc/asound/cards; then
  need "speaking" alsa-utils
fi
need_recognition
need_jury

cargo build --locked --profile "$profile" \
  -p vyveska -p vyveska-pages -p vyveska-central -p vyveska-sample-town --bins
bin=$CARGO_TARGET_DIR/${profile/dev/debug}

work=$(mktemp -d "${TMPDIR:-/tmp}/vyveska-demo.XXXXXX")
# Where failures are counted while the kiosk's data cannot be written, as systemd gives it on a terminal: in memory.
runtime=$(mktemp -d -p "${XDG_RUNTIME_DIR:-/dev/shm}" vyveska-demo.XXXXXX 2>/dev/null || mktemp -d)
export RUNTIME_DIRECTORY=$runtime
pids=()
stop() {
  local status=$?
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ "$status" -ne 0 ] && [ "$status" -ne 130 ]; then
    echo "The demo ended with status $status. What the parts said last:" >&2
    tail -n 15 "$work"/*.log >&2 || true
  fi
  rm -rf "$work" "$runtime"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT TERM

# address LOG PID WHAT: the address a part says it listens on, as soon as it does.
address() {
  local url
  while kill -0 "$2" 2>/dev/null; do
    url=$(sed -n 's/^listening on \(http[^ ]*\)$/\1/p' "$1" | head -n 1)
    if [ -n "$url" ]; then echo "$url"; return 0; fi
    sleep 0.1
  done
  echo "$3 did not start" >&2
  return 1
}

"$bin/vyveska-sample-town" serve --listen 127.0.0.1:0 --data deploy/sample-town >"$work/publisher.log" 2>&1 &
pids+=($!)
publisher=$(address "$work/publisher.log" "$!" "the sample town's publisher")

"$bin/vyveska-sample-town" information --out "$work/town" "${alert[@]}"

for name in central boards; do
  sed -e "s|@PUBLISHER@|$publisher|g" -e "s|@WORK@|$work|g" -e "s|@REPO@|$PWD|g" \
    "deploy/demo-$name.toml.in" >"$work/$name.toml"
done
"$bin/vyveska-central" serve --config "$work/central.toml" --provision "$work/boards.toml" \
  >"$work/central.log" 2>&1 &
pids+=($!)
central=$(address "$work/central.log" "$!" "the central service")

"$bin/vyveska-central" enrol --config "$work/central.toml" --board lipnice --central "$central" >"$work/enrolment.toml"
kiosk=("$bin/vyveska" --enrolment "$work/enrolment.toml"
  --data "$work/kiosk" --size "$size")

# run_kiosk ARGUMENT…: starts a kiosk that has failed (status 75) again, as systemd does on a terminal.
run_kiosk() {
  local status=75
  while [ "$status" -eq 75 ]; do
    status=0
    "${kiosk[@]}" "$@" || status=$?
  done
  return "$status"
}

if [ -n "$screens" ]; then
  mkdir -p "$screens"
  "${kiosk[@]}" --screens "$screens"
  exit 0
fi

echo "The sample town publishes at  $publisher/opendata/uredni-deska.jsonld"
echo "Its public notice board is at $central/lipnice/"
link=$(sed -n 's|.*\(/admin/invitation/[0-9a-f]*\).*|\1|p' "$work/central.log")
echo "Become its administrator at   $central$link"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  echo "Close the window or press Ctrl+C to end."
  run_kiosk "${fullscreen[@]}"
else
  echo "There is no display here, so the kiosk runs headless: it does everything but light a panel."
  echo "To look at it, run  ./deploy/demo.sh --screens pictures  and open the pictures. Ctrl+C ends."
  run_kiosk --headless
fi
