"""The datastore: values are texts, and local to this action unless `local=False`."""

from st2common.runners.base_action import Action


class Count(Action):
    def run(self, what, by):
        count = int(self.action_service.get_value(what) or 0) + by
        self.action_service.set_value(what, str(count), ttl=None)
        return {"what": what, "count": count}
