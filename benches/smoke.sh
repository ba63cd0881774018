#!/usr/bin/env bash
# Runs every bench for one short round in the dev profile, and the demo, to see that they still run. Judges no figure.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh
need_build
need "the benches" postgresql

part() {
  echo "-- $1, after $SECONDS s"
}

# All packages at once, so that features and build results are those of the tests.
cargo bench --locked --workspace --profile dev --no-run --bench kiosk --bench reading --bench search --bench read_feed --bench archive --bench boards --bench jury --bench slow_clients --bench slow_source --bench publication
for bench in kiosk reading search; do
  part "$bench"
  cargo bench --locked --workspace --profile dev --bench "$bench" -- --smoke
done
part "one part of kiosk"
cargo bench --locked --workspace --profile dev --bench kiosk -- --smoke pages
part "read_feed"
cargo bench --locked --workspace --profile dev --bench read_feed -- --test
for bench in archive boards jury slow_clients slow_source publication; do
  part "$bench"
  cargo bench --locked --workspace --profile dev --bench "$bench" -- --smoke
done
for bench in archive boards slow_clients slow_source publication; do
  part "$bench with PostgreSQL"
  cargo bench --locked --workspace --profile dev --bench "$bench" -- --smoke --postgres
done
part "vs_chromium"
benches/vs_chromium.sh --smoke
part "the demo"
pictures=$(mktemp -d)
deploy/demo.sh --screens "$pictures"
rm -r "$pictures"
part "done"
