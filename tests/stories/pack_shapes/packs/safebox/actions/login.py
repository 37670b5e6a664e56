import hashlib

from st2common.runners.base_action import Action


def mark(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


class Login(Action):
    def __init__(self, config):
        super(Login, self).__init__(config)
        self._who = (config["url"], config["username"])

    def run(self):
        accounts = {
            name: [account["user"], account["region"], mark(account["token"])]
            for name, account in (self.config.get("accounts") or {}).items()
        }
        self.logger.info("the password is %s", self.config["password"])
        return {"who": list(self._who), "password": mark(self.config["password"]), "accounts": accounts}
