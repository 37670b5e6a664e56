"""What packs depend on."""

from content import about
from pack_api import PackApi
from sources import Source
from st2common.runners.base_action import Action
from telling import told


class GetPackDependencies(Action):
    @told
    def run(self, packs_status=None, nested=1):
        wanted, conflicts = {}, []
        if not packs_status or not nested:
            return {}
        api = PackApi()
        for pack, status in packs_status.items():
            if "success" not in status.lower():
                continue
            for text in about(api, pack).get("dependencies") or []:
                source = Source(text)
                name = _name(source)
                there = api.get(name) or api.get(name.replace("stackstorm-", "", 1).replace("stackstorm_", "", 1))
                version = wanted.get(source.place, source.version)
                if there and _differs(source.version, there.get("version")) or version != source.version:
                    conflicts.append(text)
                elif not there and name not in packs_status:
                    wanted[source.place] = source.version
        listed = ["=".join(filter(None, pair)) for pair in wanted.items()]
        return {"dependency_list": listed, "conflict_list": conflicts, "nested": nested - 1}


def _name(source):
    last = source.place.rstrip("/").rsplit("/", 1)[-1]
    return last[:-4] if last.endswith(".git") else last


def _differs(wanted, there):
    return bool(wanted) and bool(there) and wanted.lstrip("v") != there
