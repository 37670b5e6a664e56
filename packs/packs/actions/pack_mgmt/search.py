"""Looks for packs."""

from pack_api import PackApi
from st2common.runners.base_action import Action


class Search(Action):
    def run(self, query):
        return PackApi().search(query=query)
