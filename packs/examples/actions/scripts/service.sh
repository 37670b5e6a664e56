#!/bin/sh
# Pretends to look after a service on a host, and says how it is as JSON. Hosts whose names begin with "broken" fail.
# usage: service.sh HOST SERVICE VERB

case "$1" in
broken*)
    echo "$1: $2 does not answer ($3)" >&2
    exit 1
    ;;
esac

case "$3" in
drain) state=drained ;;
*) state=up ;;
esac

# Quotes and backslashes are escaped: any name gives valid JSON.
quoted() { printf '%s' "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g'; }

printf '{"host": "%s", "service": "%s", "state": "%s"}\n' "$(quoted "$1")" "$(quoted "$2")" "$state"
