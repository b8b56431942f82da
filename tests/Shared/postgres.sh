#!/usr/bin/env bash
# A PostgreSQL of the tests' own: in a folder of its own, on a Unix socket only, with fsync on; installed if missing.
#   tests/Shared/postgres.sh start <folder>   prints the connection string (PPID_TEST_POSTGRES)
#   tests/Shared/postgres.sh stop <folder>    ends it; the folder may go then
# PostgreSQL refuses to run as root: root starts it as the user postgres.
set -euo pipefail
verb=${1:?start or stop} folder=${2:?folder}

binaries() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }

run() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

case $verb in
  start)
    if [ -z "$(binaries)" ]; then
      as_root=$([ "$(id -u)" = 0 ] && echo "" || echo sudo)
      { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends postgresql; } \
        >"$folder.apt" 2>&1 || { cat "$folder.apt" >&2; exit 1; }
      rm -f "$folder.apt"
    fi
    mkdir -p "$folder"
    chmod 700 "$folder"
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    run "$(binaries)/initdb" -D "$folder/data" -U ppid -A trust -E UTF8 --locale=C.UTF-8 >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
    # Durable as in an office; the limits leave room for a database and a pool per test.
    run "$(binaries)/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w -o \
      "-c listen_addresses='' -k $folder -c fsync=on -c synchronous_commit=on -c max_connections=300 -c shared_buffers=128MB -c max_wal_size=2GB" \
      start >>"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
    rm -f "$folder.log"
    echo "Host=$folder;Username=ppid;Database=postgres"
    ;;
  stop)
    run "$(binaries)/pg_ctl" -D "$folder/data" -m fast -w stop >/dev/null
    ;;
  *)
    echo "start or stop" >&2
    exit 1
    ;;
esac
