"""Takes packs out of force."""

from pack_api import ApiError, PackApi
from st2common.runners.base_action import Action
from telling import told


class Unload(Action):
    @told
    def run(self, packs):
        api = PackApi()
        for pack in packs:
            try:
                api.unload(pack)
            except ApiError as error:
                if error.status != 404:
                    raise
                self.logger.info("Pack %s was not registered.", pack)
            else:
                self.logger.info("Removed pack %s.", pack)
