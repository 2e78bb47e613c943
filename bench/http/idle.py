#!/usr/bin/env python3
"""Opens many keep-alive connections, uses each once, and prints what the server holds for them.

usage: idle.py PORT PID [COUNT]
"""
import resource
import socket
import sys
import time


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise SystemExit("the server is gone")


def use(connection):
    started = time.perf_counter()
    connection.sendall(b"GET /hello/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    return time.perf_counter() - started


def main():
    port, pid = int(sys.argv[1]), int(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = resident_mib(pid)
    connections = []
    for number in range(count):
        # Several source addresses, lest one runs out of ports.
        source = (f"127.0.0.{2 + number // 20_000}", 0)
        connections.append(socket.create_connection(("127.0.0.1", port), source_address=source))
        use(connections[-1])
    after = resident_mib(pid)
    times = sorted(use(connections[number % count]) for number in range(1000))
    print(f"{count} idle connections: {after:.1f} MiB resident (before: {before:.1f}), "
          f"median answer beside them {times[500] * 1e6:.0f} us")


main()
