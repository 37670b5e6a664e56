"""Registers packs."""

from pack_api import PackApi
from st2common.runners.base_action import Action
from telling import told


class Load(Action):
    @told
    def run(self, register="all", packs=None):
        types = [name.strip() for name in register.split(",") if name.strip()]
        return PackApi().register(packs or [], types)
