"""Fails without an exception: the first item of a pair is the status, the second the result."""

import shutil

from st2common.runners.base_action import Action


class CheckDisk(Action):
    def run(self, path, limit):
        usage = shutil.disk_usage(path)
        percent = round(100 * usage.used / usage.total)
        return percent < limit, {"path": path, "percent": percent, "free_bytes": usage.free}
