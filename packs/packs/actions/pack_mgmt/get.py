"""Shows a pack that is registered."""

from pack_api import PackApi
from st2common.runners.base_action import Action


class Get(Action):
    def run(self, pack):
        return {"pack": PackApi().get(pack), "git_status": None}
