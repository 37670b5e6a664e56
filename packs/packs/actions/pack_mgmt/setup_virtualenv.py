"""Builds virtualenvs."""

import os
import tempfile

from content import unpack
from pack_api import PackApi
from places import place
from petrel_worker import virtualenvs
from sources import SourceError
from st2common.runners.base_action import Action
from telling import told


class SetupVirtualenv(Action):
    @told
    def run(self, packs, update=False, env=None, no_download=True):
        api = PackApi()
        for pack in packs:
            self._set_up(api, pack, env or {})
        return "Successfully set up virtualenv for the following packs: " + ", ".join(packs)

    def _set_up(self, api, pack, env):
        where = place(pack, lambda line: print(line, flush=True))
        where.environment.update({name: str(value) for name, value in env.items()})
        archive = api.content(pack)
        if archive is None:
            virtualenvs.ensure(where, _folder(api, pack), rebuild=True)
            return
        with tempfile.TemporaryDirectory(prefix="petrel-pack-") as folder:
            unpack(archive, folder)
            built = virtualenvs.ensure(where, folder, rebuild=True)
        if built.freeze:
            api.keep_pins(pack, built.freeze)


def _folder(api, pack):
    registered = api.get(pack)
    if registered is None:
        raise SourceError(f'there is no pack "{pack}": neither registered nor fetched')
    folder = registered.get("path") or ""
    if not os.path.isdir(folder):
        raise SourceError(f'the folder of pack "{pack}" is not on this node: {folder}')
    return folder
