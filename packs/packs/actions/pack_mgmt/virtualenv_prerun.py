"""Names packs."""

from st2common.runners.base_action import Action


class Prerun(Action):
    def run(self, packs_status, packs_list=None):
        fetched = [pack for pack, status in packs_status.items() if "success" in status.lower()]
        before = packs_list or []
        return before + [pack for pack in fetched if pack not in before]
