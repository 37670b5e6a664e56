#!/usr/bin/env bash
set -eu
if [ "$2" = letters ]; then
    printf '{"letters": %s}\n' "$(printf %s "$1" | wc -c)"
else
    printf '{"words": %s, "by": "wc"}\n' "$(printf %s "$1" | wc -w)"
fi
