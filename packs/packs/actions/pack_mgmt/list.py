"""Lists packs."""

from pack_api import PackApi
from st2common.runners.base_action import Action
from telling import told

SHOWN = ("ref", "name", "version", "author", "description")


class List(Action):
    @told
    def run(self):
        return [{name: pack.get(name) for name in SHOWN} for pack in PackApi().all()]
