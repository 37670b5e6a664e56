"""Sets the value of a key."""

import json

from consul_api import Consul, kv_path
from st2common.runners.base_action import Action


class KvPutAction(Action):
    def run(self, key, value, to_json=False, consul_profile=None, token=None, **query):
        consul = Consul(self.config, consul_profile, token)
        data = json.dumps(value) if to_json else value
        if consul.write("PUT", kv_path(key), data.encode("utf-8"), **query):
            return True
        conditions = {name: query[name] for name in ("cas", "acquire", "release") if query.get(name) is not None}
        return False, f"`{key}` was not set: the condition {conditions} does not hold"
