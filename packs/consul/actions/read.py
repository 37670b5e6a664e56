"""Reads what is at the path that the action's metadata names. The result is the index and what was found."""

from consul_api import Consul, path_of
from st2common.runners.base_action import Action


class ReadAction(Action):
    def run(self, path, consul_profile=None, token=None, **parameters):
        consul = Consul(self.config, consul_profile, token)
        path = path_of(path, parameters)
        return list(consul.read(path, **parameters))
