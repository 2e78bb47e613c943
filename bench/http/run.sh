#!/bin/sh
# Our server beside the HTTP library's own bare hello-world, both under wrk with 16 keep-alive connections, in turns.
# `logged` is ours with its access log going to /dev/null.
# usage: bench/http/run.sh BUILD_FOLDER [ROUNDS] [SECONDS]      (build with -DSLIPWAY_BENCH=ON, target bench_http)
set -eu
build=${1:?usage: run.sh BUILD_FOLDER [ROUNDS] [SECONDS]}
rounds=${2:-5}
seconds=${3:-5}
here=$(dirname "$0")
port=18080

measure() { # PROGRAM [ARGUMENT...] -> "requests per second" "CPU microseconds of the server per request"
  "$@" >/dev/null 2>&1 &
  pid=$!
  sleep 0.5
  wrk -t2 -c16 -d"${seconds}s" "http://127.0.0.1:$port/hello/world" >"$results/wrk"
  ticks=$(awk '{print $14 + $15}' "/proc/$pid/stat")
  kill "$pid"
  wait "$pid" 2>/dev/null || true
  if grep -q Non-2xx "$results/wrk"; then
    echo "run.sh: $1 did not answer with 200" >&2
    exit 1
  fi
  awk -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" '
    /requests in/ {requests = $1} /Requests\/sec/ {rate = $2}
    END {printf "%d %.2f\n", rate, 1e6 * ticks / hz / requests}' "$results/wrk"
}

median() { cut -d" " -f"$2" "$1" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
round=1
while [ "$round" -le "$rounds" ]; do
  measure "$build/bench/http/bare_beast" $port >>"$results/bare"
  measure "$build/bench/http/hello_server" $port >>"$results/ours"
  measure "$build/bench/http/hello_server" $port 0 log >>"$results/logged"
  round=$((round + 1))
done
echo "median of $rounds rounds (the CPU time of the server per request is the steadier number on a busy machine):"
for name in bare ours logged; do
  awk -v name="$name" -v rate="$(median "$results/$name" 1)" -v cpu="$(median "$results/$name" 2)" \
    -v bare_rate="$(median "$results/bare" 1)" -v bare_cpu="$(median "$results/bare" 2)" 'BEGIN {
    printf "%-7s %7d requests/s (%3.0f %% of bare)   %6.2f us CPU/request (%3.0f %% of bare)\n",
      name, rate, 100 * rate / bare_rate, cpu, 100 * cpu / bare_cpu}'
done

"$build/bench/http/hello_server" $port &
pid=$!
sleep 0.5
python3 "$here/idle.py" $port "$pid"
kill "$pid"
wait "$pid" 2>/dev/null || true
