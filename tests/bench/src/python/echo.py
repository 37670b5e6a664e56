import json
import urllib.request

from st2common.runners.base_action import Action


class Echo(Action):
    def run(self, text):
        request = urllib.request.Request("http://localhost/", data=json.dumps(text).encode())
        return {"text": text, "length": len(request.data)}
