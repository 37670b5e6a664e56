"""Waits until one can log in to a machine, using the ssh program."""

import os
import subprocess
import tempfile
import time

from st2common.runners.base_action import Action

ASKPASS = '#!/bin/sh\nprintf "%s\\n" "$WAIT_FOR_SSH_PASSWORD"\n'


class WaitForSSHAction(Action):
    def run(self, hostname, port=22, username="stanley", password=None, keyfile=None, ssh_timeout=30, retries=10):
        command = self._command(hostname, port, username, password, keyfile)
        with tempfile.TemporaryDirectory() as folder:
            environment = self._environment(folder, password)
            for attempt in range(1, retries + 1):
                login = subprocess.run(
                    command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
                )
                if login.returncode == 0:
                    return True
                self.logger.info("attempt %s of %s: %s", attempt, retries, login.stderr.strip())
                if attempt < retries:
                    time.sleep(ssh_timeout)
        raise Exception(f"exceeded {retries} attempts to log in to {hostname}: {login.stderr.strip()}")

    @staticmethod
    def _command(hostname, port, username, password, keyfile):
        options = {
            "ConnectTimeout": "10",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
            "NumberOfPasswordPrompts": "1",
            "BatchMode": "no" if password else "yes",
        }
        command = ["ssh", "-p", str(port), "-l", username]
        for name, value in options.items():
            command += ["-o", f"{name}={value}"]
        if keyfile:
            command += ["-i", keyfile]
        return [*command, "--", hostname, "true"]

    @staticmethod
    def _environment(folder, password):
        """The password goes to ssh by its askpass program, so that it is in no command line and in no file."""
        if not password:
            return dict(os.environ)
        askpass = os.path.join(folder, "askpass")
        with open(askpass, "w") as file:
            file.write(ASKPASS)
        os.chmod(askpass, 0o700)
        return {
            **os.environ,
            "SSH_ASKPASS": askpass,
            "SSH_ASKPASS_REQUIRE": "force",
            "WAIT_FOR_SSH_PASSWORD": password,
        }
