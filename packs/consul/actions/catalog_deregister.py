"""Removes a node, or something on it, from the catalog."""

from consul_api import Consul
from st2common.runners.base_action import Action


class CatalogDeregisterAction(Action):
    def run(self, node, service=None, check_id=None, dc=None, consul_profile=None, token=None):
        body = {"Node": node, "Datacenter": dc, "ServiceID": service, "CheckID": check_id}
        consul = Consul(self.config, consul_profile, token)
        return consul.write("PUT", "/v1/catalog/deregister", {name: value for name, value in body.items() if value})
