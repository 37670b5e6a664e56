#!/bin/sh
# Prints a greeting as a JSON object; the runner parses it, so that rules and workflows can use `result.stdout.greeting`.
# usage: greet.sh NAME

# Quotes and backslashes are escaped and control characters taken out: any name gives valid JSON.
name=$(printf '%s' "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g')

printf '{"greeting": "Hello, %s!", "name": "%s"}\n' "$name" "$name"
