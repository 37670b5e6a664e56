"""Asks a name server with dig."""

import random
import subprocess

from st2common.runners.base_action import Action


class DigAction(Action):
    def run(self, hostname, rand=False, count=0, nameserver=None, queryopts="short", querytype="A"):
        command = ["dig"]
        if nameserver:
            command.append(f"@{nameserver}")
        command += [f"+{option.strip()}" for option in (queryopts or "").split(",") if option.strip()]
        command += [hostname, querytype]

        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return False, "dig is not installed; it comes with bind-utils or dnsutils"

        text = answer.stdout
        if querytype.lower() == "txt":
            text = text.replace('"', "")
        lines = [line for line in text.split("\n") if line]
        if count > 0:
            lines = lines[:count]
        if rand:
            random.shuffle(lines)
        return lines
