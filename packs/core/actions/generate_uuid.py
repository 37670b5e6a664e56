"""Makes UUIDs."""

import uuid

from st2common.runners.base_action import Action

MAKERS = {"uuid1": uuid.uuid1, "uuid4": uuid.uuid4}


class GenerateUUID(Action):
    def run(self, uuid_type="uuid4"):
        if uuid_type not in MAKERS:
            raise ValueError(f"unknown kind of UUID {uuid_type!r}; known are {', '.join(MAKERS)}")
        return str(MAKERS[uuid_type]())
