# Runs a PostgreSQL server of its own until standard input ends, and says in its first line in which folder its socket is.
# Started with this text as $0 too, because PostgreSQL refuses to run as root.
set -e
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
for program in initdb pg_ctl postgres; do
  command -v "$program" >/dev/null || {
    echo "PostgreSQL's program $program is missing: install Debian's package postgresql" >&2
    exit 1
  }
done
[ "$(id -u)" -ne 0 ] || exec runuser -u postgres -- sh -c "$0" "$0"

# An interrupted test ends standard input as well.
trap '' INT HUP
# The path of a socket may have a hundred bytes.
folder=$(mktemp -d /tmp/vyveska-postgres.XXXXXX)
trap 'pg_ctl -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
# A Czech server: what relies on the order of bytes must say so.
initdb -D "$folder/data" --username=vyveska --auth=trust --no-sync --encoding=UTF8 --locale=C.UTF-8 \
  --locale-provider=icu --icu-locale=cs >"$folder/log" 2>&1 || {
  cat "$folder/log" >&2
  exit 1
}
cat >"$folder/data/pg_hba.conf" <<'RULES'
local all vyveska trust
local all all scram-sha-256
RULES
pg_ctl -D "$folder/data" -l "$folder/log" -w -t 300 start >/dev/null \
  -o "-k $folder -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=300" || {
  cat "$folder/log" >&2
  exit 1
}
echo "$folder"
cat >/dev/null
