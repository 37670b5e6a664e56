"""A silence."""

from alertmanager_api import Alertmanager
from pack_http import segment
from st2common.runners.base_action import Action


class GetSilenceAction(Action):
    def run(self, silence_id):
        return Alertmanager(self.config).ask("GET", f"/silence/{segment(silence_id)}")
