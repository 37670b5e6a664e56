import hashlib

from st2common.runners.base_action import Action


def mark(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


class Report(Action):
    def run(self, hail):
        config = dict(self.config)
        config["harbour"]["radio"]["code"] = mark(config["harbour"]["radio"]["code"])
        for ship in config["ships"]:
            if ship.get("papers"):
                ship["papers"] = mark(ship["papers"])
        return {"hail": hail, "config": config}
