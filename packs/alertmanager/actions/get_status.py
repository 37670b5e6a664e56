"""Says which version Alertmanager is, since when it runs, and who is in its cluster."""

from alertmanager_api import Alertmanager
from st2common.runners.base_action import Action


class GetStatusAction(Action):
    def run(self):
        status = Alertmanager(self.config).ask("GET", "/status")
        # The rest is its configuration, which may hold secrets.
        return {"version": status["versionInfo"]["version"], "uptime": status["uptime"], "cluster": status["cluster"]}
