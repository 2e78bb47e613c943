#!/bin/sh
# Our server beside the HTTP library's own bare hello-world, both under wrk with 16 keep-alive connections, in turns.
# usage: bench/http/run.sh BUILD_FOLDER [ROUNDS] [SECONDS]      (build with -DSLIPWAY_BENCH=ON, target bench_http)
set -eu
build=${1:?usage: run.sh BUILD_FOLDER [ROUNDS] [SECONDS]}
rounds=${2:-5}
seconds=${3:-5}
here=$(dirname "$0")
port=18080

measure() { # PROGRAM [ARGUMENT...] -> requests per second
  "$@" >/dev/null 2>&1 &
  pid=$!
  sleep 0.5
  wrk -t2 -c16 -d"${seconds}s" "http://127.0.0.1:$port/hello/world" | awk '/Requests\/sec/ {print $2} /Non-2xx/ {exit 1}'
  kill "$pid"
  wait "$pid" 2>/dev/null || true
}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
round=1
while [ "$round" -le "$rounds" ]; do
  measure "$build/bench/http/bare_beast" $port >>"$results/bare"
  measure "$build/bench/http/hello_server" $port >>"$results/ours"
  measure "$build/bench/http/hello_server" $port 0 log >>"$results/logged"
  echo "round $round: bare $(tail -1 "$results/bare")/s, ours $(tail -1 "$results/ours")/s, with access log $(tail -1 "$results/logged")/s"
  round=$((round + 1))
done
awk -v bare="$(median <"$results/bare")" -v ours="$(median <"$results/ours")" -v logged="$(median <"$results/logged")" 'BEGIN {
  printf "median: bare %d/s, ours %d/s = %.0f %%, with access log %d/s = %.0f %%\n", bare, ours, 100 * ours / bare, logged, 100 * logged / bare
}'

"$build/bench/http/hello_server" $port &
pid=$!
sleep 0.5
python3 "$here/idle.py" $port "$pid"
kill "$pid"
wait "$pid" 2>/dev/null || true
