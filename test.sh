#!/usr/bin/env bash
# All tests, on a bare Debian 12 with the .NET SDK 10 and Node 20: installs what else they need (Chromium, PostgreSQL), builds with warnings as
# errors, checks the formatting, runs every suite, the scenarios on SQLite and on PostgreSQL, and closes with one line that sums them up.
#   ./test.sh                 everything
#   ./test.sh --no-browser    without the pages' tests in Chromium
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
log=$(mktemp -d)
reports=$(mktemp -d)
postgres=$(mktemp -d)
published=$(mktemp -d)
chmod 755 "$postgres"
finish() {
  [ ! -d "$postgres/server/data" ] || tests/Shared/postgres.sh stop "$postgres/server" || true
  rm -rf "$log" "$reports" "$postgres" "$published"
}
trap finish EXIT

step() { printf '\n== %s (%s)\n' "$1" "$(date +%H:%M:%S)"; }

if [ "${1:-}" = "--no-browser" ]; then
  export PPID_NO_BROWSER=1
elif [ -z "${PPID_CHROMIUM:-}" ] && ! command -v chromium >/dev/null; then
  step "Install Chromium"
  as_root=$([ "$(id -u)" = 0 ] && echo "" || echo sudo)
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-liberation >"$log/apt" 2>&1 || { cat "$log/apt"; exit 1; }
fi

step "Start PostgreSQL"
PPID_TEST_POSTGRES=$(tests/Shared/postgres.sh start "$postgres/server")
export PPID_TEST_POSTGRES
echo "$PPID_TEST_POSTGRES"

step "Install the test SMTP and IMAP servers"
npm ci --prefix tests/Shared/smtp --no-audit --no-fund --silent
npm ci --prefix tests/Shared/imap --omit=optional --no-audit --no-fund --silent

step "Build (warnings are errors)"
dotnet build PpidWorkflow.sln -v quiet

step "Formatting"
# Style and analyzers are the build's; here only blanks and line ends.
dotnet format whitespace PpidWorkflow.sln --verify-no-changes --no-restore

step "Publish the service (compiled ahead: processes that tests start are ready in less time)"
dotnet publish src/PpidWorkflow.Web -c Release -r "linux-$(uname -m | sed "s/x86_64/x64/; s/aarch64/arm64/")" --no-self-contained -o "$published" -v quiet -p:RunAnalyzers=false
export PPID_PUBLISHED=$published

# Where the time goes: the ten slowest tests of a suite and its longest collections (one test after the other), of the runner's own report. What their
# fixtures took is not in it. Read to the end by sed: head would break the pipe, and that would end this script.
slowest() {
  [ -s "$1" ] || return 0
  for what in 'test 10' 'collection 4'; do
    grep -oE "<${what% *} [^>]*" "$1" | sed -nE 's/.* name="([^"]*)".* time="([0-9.]+)".*/\2 \1/p' | sort -rn | sed -n "1,${what#* }p" |
      while read -r seconds name; do printf '  %7.1f s  %s\n' "$seconds" "$name"; done
  done
}

# What the simulation of office life has gone through, and in which time.
simulated() {
  [ -s "$1" ] || return 0
  grep -ohE '[0-9]+ seeds from [0-9]+, .* of processor time\)' "$1" | sed 's/^/  /' || true
}

passed=0 failed=0 skipped=0 broken=0
# The conformance suite: the same scenarios once more, on the other databases.
suites=(Engine Application Application/PostgreSql Web)
if [ -n "${PPID_TEST_SQLSERVER:-}" ]; then
  suites+=(Application/SqlServer)
else
  step "Skipped: Application/SqlServer (PPID_TEST_SQLSERVER names no server)"
fi
for suite in "${suites[@]}"; do
  project=PpidWorkflow.${suite%/*}.Tests
  only=()
  [ "$suite" = "${suite%/*}" ] || only=(-namespace "$project.Scenarios")
  step "Tests: $suite"
  provider=${suite#"${suite%/*}"} suite=${suite//\//-}
  code=0
  PPID_TEST_PROVIDER=${provider#/} "tests/$project/bin/Debug/net10.0/$project" -noColor -noLogo "${only[@]}" -result-xml "$reports/$suite.xml" \
    >"$log/$suite" 2>&1 || code=$?
  summary=$(grep -E 'Total: [0-9]+, Errors: ' "$log/$suite" | tail -1 || true)
  number() { sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$summary"; }
  if [ -z "$summary" ]; then
    cat "$log/$suite"
    echo "The suite $suite ended without a summary (exit code $code)."
    broken=$((broken + 1))
    continue
  fi
  slowest "$reports/$suite.xml"
  simulated "$reports/$suite.xml"
  bad=$(($(number Failed) + $(number Errors)))
  [ "$bad" = 0 ] && [ "$code" = 0 ] && tail -3 "$log/$suite" || cat "$log/$suite"
  [ "$code" = 0 ] || [ "$bad" != 0 ] || broken=$((broken + 1))
  passed=$((passed + $(number Total) - bad - $(number Skipped) - $(number "Not Run")))
  failed=$((failed + bad))
  skipped=$((skipped + $(number Skipped)))
done

step "Sum"
failed=$((failed + broken))
# Told once more: what a failed test printed may be longer than what is kept of the output.
awk '/\[FAIL\]$/ { left = 12 } /^ *(Stack Trace|Output):/ { left = 0 } left-- > 0 && length { print substr($0, 1, 400) }' "$log"/* || true
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" = 0 ]
