"""Renews a session. The result is the session."""

from consul_api import Consul
from pack_http import segment
from st2common.runners.base_action import Action


class SessionRenewAction(Action):
    def run(self, session_id, dc=None, consul_profile=None, token=None):
        path = f"/v1/session/renew/{segment(session_id)}"
        return Consul(self.config, consul_profile, token).write("PUT", path, dc=dc)[0]
