#!/bin/sh
# Does something with a service, by systemd where it runs and by the init script otherwise.
# usage: service.sh ACTION SERVICE

if [ $# -lt 2 ] || [ -z "$1" ] || [ -z "$2" ]; then
    echo "usage: service.sh ACTION SERVICE" >&2
    exit 2
fi

if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
    exec systemctl "$1" "$2"
elif command -v service >/dev/null; then
    exec service "$2" "$1"
elif [ -x "/etc/init.d/$2" ]; then
    exec "/etc/init.d/$2" "$1"
fi
echo "Unknown service $2: there is neither systemd nor an init script for it" >&2
exit 2
