"""Looks for packs."""

from pack_api import PackApi
from st2common.runners.base_action import Action
from telling import told


class Search(Action):
    @told
    def run(self, query):
        return PackApi().search(query=query)
