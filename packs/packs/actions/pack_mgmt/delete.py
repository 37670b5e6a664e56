"""Removes what is left of packs."""

from pack_api import PackApi
from places import place
from petrel_worker import virtualenvs
from st2common.runners.base_action import Action
from telling import told


class Delete(Action):
    @told
    def run(self, packs, abs_repo_base=None, delete_env=True):
        api = PackApi()
        for pack in packs:
            api.forget(pack)
            if delete_env:
                virtualenvs.remove(place(pack, self.logger.info))
