"""The parts of the engine's API that `split_webhook` uses, and what it hands to actions."""

from double import Double
from st2client.client import Client

TOKEN = "of-the-execution"


class Engine(Double):
    """The double. `instances` is what was injected: trigger, payload, trace tag."""

    def __init__(self):
        super().__init__()
        self.instances = []
        headers = {"X-Auth-Token": TOKEN}
        body = {"trigger": str, "payload": dict}
        self.takes("POST", "/v1/webhooks/st2", self._inject, headers=headers, body=body)

    def serve(self, action_service):
        """Makes the client of an action that is tested speak to this, and its datastore keep what expires."""
        service = action_service.datastore_service
        service.get_api_client = lambda: Client(api_url=f"{self.url}/v1", token=TOKEN)
        keep = service.set_value
        self.lifetimes = []

        def set_value(name, value, ttl=None, **how):
            self.lifetimes.append(ttl)
            return keep(name, value, **how)

        service.set_value = set_value

    def _inject(self, request):
        self.instances.append((request.body["trigger"], request.body["payload"], request.headers.get("St2-Trace-Tag")))
        return 202, request.body
