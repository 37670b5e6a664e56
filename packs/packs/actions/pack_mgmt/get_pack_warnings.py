"""What is odd about packs."""

from content import about
from pack_api import PackApi
from st2common.runners.base_action import Action
from telling import told


class GetPackWarnings(Action):
    @told
    def run(self, packs_status=None):
        api, warnings = PackApi(), []
        for pack, status in (packs_status or {}).items():
            if "success" in status.lower():
                warnings.extend(_warning(pack, status, about(api, pack).get("python_versions") or []))
        return {"warning_list": warnings}


def _warning(pack, status, versions):
    left_out = status.partition("Success.")[2].strip()
    if left_out:
        yield f'Pack "{pack}": {left_out}'
    if versions and not any(version.startswith("3") for version in versions):
        yield f'Pack "{pack}" is for Python {", ".join(versions)}; there is Python 3 here, so that it may not work.'
