"""Ends a silence."""

from alertmanager_api import Alertmanager
from pack_http import segment
from st2common.runners.base_action import Action


class ExpireSilenceAction(Action):
    def run(self, silence_id):
        Alertmanager(self.config).ask("DELETE", f"/silence/{segment(silence_id)}")
        return {"silence_id": silence_id}
