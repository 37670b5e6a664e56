"""Shows a pack that is registered."""

from pack_api import PackApi
from st2common.runners.base_action import Action
from telling import told


class Get(Action):
    @told
    def run(self, pack):
        return {"pack": PackApi().get(pack), "git_status": None}
