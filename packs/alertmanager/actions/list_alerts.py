"""Lists alerts."""

from alertmanager_api import Alertmanager
from st2common.runners.base_action import Action


class ListAlertsAction(Action):
    def run(self, filter=None, active=True, silenced=True, inhibited=True, unprocessed=True, receiver=None):
        query = {
            "filter": filter or None,
            "active": active,
            "silenced": silenced,
            "inhibited": inhibited,
            "unprocessed": unprocessed,
            "receiver": receiver or None,
        }
        return Alertmanager(self.config).ask("GET", "/alerts", query=query)
