"""Deletes keys."""

from consul_api import Consul, kv_path
from st2common.runners.base_action import Action


class KvDeleteAction(Action):
    def run(self, key, recurse=False, cas=None, dc=None, consul_profile=None, token=None):
        if recurse and cas is not None:
            raise ValueError("`cas` is about one key: it does not go together with `recurse`")
        consul = Consul(self.config, consul_profile, token)
        if consul.write("DELETE", kv_path(key), recurse=recurse, cas=cas, dc=dc):
            return True
        return False, f"`{key}` was not deleted: its ModifyIndex is not {cas}"
