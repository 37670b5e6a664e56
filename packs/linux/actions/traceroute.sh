#!/bin/sh
# Traces the route to a host.
# usage: traceroute.sh HOST [HOPS] [QUERIES_TO_HOP]

if ! command -v traceroute >/dev/null; then
    echo "Unable to find traceroute on the PATH; install it with your package manager" >&2
    exit 2
fi
exec traceroute -q "${3:-3}" -m "${2:-30}" "$1"
