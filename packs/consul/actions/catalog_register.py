"""Registers a node, and what is on it."""

from consul_api import Consul
from st2common.runners.base_action import Action


class CatalogRegisterAction(Action):
    def run(self, node, address, service=None, check=None, dc=None, consul_profile=None, token=None):
        body = {"Node": node, "Address": address, "Datacenter": dc, "Service": service, "Check": check}
        consul = Consul(self.config, consul_profile, token)
        return consul.write("PUT", "/v1/catalog/register", {name: value for name, value in body.items() if value})
