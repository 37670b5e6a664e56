"""Reads the key-value store. The result is the index, and an entry, a list of entries or names, or null."""

import json

from consul_api import Consul, kv_path, readable
from st2common.runners.base_action import Action


class KvGetAction(Action):
    def run(self, key, recurse=False, keys=False, from_json=False, consul_profile=None, token=None, **query):
        consul = Consul(self.config, consul_profile, token)
        index, found = consul.read(kv_path(key), recurse=recurse and not keys, keys=keys, **query)
        if keys or found is None:
            return [index, found]
        entries = [self._entry(entry, from_json) for entry in found]
        return [index, entries if recurse else entries[0]]

    def _entry(self, entry, from_json):
        entry = readable(entry)
        if from_json and entry["Value"] is not None:
            try:
                entry["Value"] = json.loads(entry["Value"])
            except ValueError as error:
                raise ValueError(f"The value of `{entry['Key']}` is no JSON: {error}") from None
        return entry
