from st2common.runners.base_action import Action


class Count(Action):
    def run(self):
        service = self.action_service
        count = int(service.get_value("count") or 0) + 1
        service.set_value("count", count, ttl=600)
        service.set_value("hidden", "sesame", encrypt=True)
        names = sorted(item.name for item in service.list_values(prefix="c"))
        opened = service.get_value("hidden", decrypt=True)
        sealed = service.get_value("hidden")
        deleted = service.delete_value("hidden")
        absent = service.get_value("hidden")
        return {
            "count": count,
            "names": names,
            "opened": opened,
            "is_sealed": sealed != opened,
            "deleted": deleted,
            "absent": absent,
            "user": self.action_service.get_user_info()["username"],
        }
