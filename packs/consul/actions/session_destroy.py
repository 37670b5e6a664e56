"""Ends a session."""

from consul_api import Consul
from pack_http import segment
from st2common.runners.base_action import Action


class SessionDestroyAction(Action):
    def run(self, session_id, dc=None, consul_profile=None, token=None):
        path = f"/v1/session/destroy/{segment(session_id)}"
        return Consul(self.config, consul_profile, token).write("PUT", path, dc=dc)
