"""Shows a pack of an index."""

from pack_api import PackApi
from st2common.runners.base_action import Action
from telling import told


class Show(Action):
    @told
    def run(self, pack):
        return {"pack": PackApi().search(pack=pack) or None}
