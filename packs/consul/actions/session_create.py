"""Creates a session. The result is its id."""

from consul_api import Consul
from st2common.runners.base_action import Action


class SessionCreateAction(Action):
    def run(
        self,
        name=None,
        node=None,
        checks=None,
        lock_delay=15,
        behavior="release",
        ttl=None,
        dc=None,
        consul_profile=None,
        token=None,
    ):
        body = {"LockDelay": f"{lock_delay}s", "Behavior": behavior}
        given = {"Name": name, "Node": node, "NodeChecks": checks, "TTL": f"{ttl}s" if ttl else None}
        body.update({member: value for member, value in given.items() if value is not None})
        return Consul(self.config, consul_profile, token).write("PUT", "/v1/session/create", body, dc=dc)["ID"]
