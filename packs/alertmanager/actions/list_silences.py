"""Lists silences."""

from alertmanager_api import Alertmanager
from st2common.runners.base_action import Action


class ListSilencesAction(Action):
    def run(self, filter=None, state="any"):
        found = Alertmanager(self.config).ask("GET", "/silences", query={"filter": filter or None})
        return [silence for silence in found if state in ("any", silence["status"]["state"])]
