"""Fetches packs."""

from pack_api import ApiError, PackApi
from sources import Fetcher, Source, SourceError
from st2common.runners.base_action import Action
from telling import told


class Download(Action):
    @told
    def run(
        self, packs, abs_repo_base=None, verifyssl=True, force=False, dependency_list=None, checkout_submodules=False
    ):
        api = PackApi()
        fetcher = Fetcher(lambda name: _url(api, name), self.logger, verifyssl, checkout_submodules)
        fetched, failed = {}, {}
        for text in dependency_list or packs:
            source = Source(text)
            try:
                if source.stored:
                    fetched[source.stored] = "Success."
                    continue
                stored = api.store(fetcher.archive(source), str(fetcher.origin(source)), force)
                fetched[stored["ref"]] = " ".join(["Success.", *stored.get("warnings", [])])
            except (SourceError, ApiError, OSError) as error:
                failed[str(source)] = str(error)
        if failed:
            raise SourceError("\n".join(["Not every pack could be fetched:", *(f" - {k}: {v}" for k, v in failed.items())]))
        return fetched


def _url(api, name):
    entry = api.search(pack=name)
    return entry.get("repo_url") if entry else None
