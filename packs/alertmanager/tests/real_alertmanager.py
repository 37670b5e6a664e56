"""A real Alertmanager in a throw-away folder, on a free port, that posts to a webhook of the test's."""

import os
import re
import shutil
import subprocess
import tempfile
import threading

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
MISSING = "there is no Alertmanager here (apt: prometheus-alertmanager)"

CONFIG = """
route:
  receiver: petrel
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: petrel
    webhook_configs:
      - url: {hook}
        send_resolved: true
"""


class RealAlertmanager:
    """Started by the constructor; `url` is where it listens."""

    def __init__(self, hook):
        self._folder = tempfile.TemporaryDirectory()
        config = os.path.join(self._folder.name, "alertmanager.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(hook=hook))
        self._process = subprocess.Popen(
            [
                PROGRAM,
                f"--config.file={config}",
                f"--storage.path={self._folder.name}",
                "--web.listen-address=127.0.0.1:0",
                "--cluster.listen-address=",
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self.url = f"http://127.0.0.1:{self._port()}"
        self._drain = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._drain.start()

    def _port(self):
        said = []
        for line in self._process.stderr:
            said.append(line)
            found = re.search(r'msg="Listening on" address=127\.0\.0\.1:(\d+)', line)
            if found:
                return found[1]
        self.close()
        raise AssertionError("Alertmanager does not start:\n" + "".join(said))

    def close(self):
        """Ends it."""
        self._process.terminate()
        self._process.wait()
        self._process.stderr.close()
        self._folder.cleanup()
