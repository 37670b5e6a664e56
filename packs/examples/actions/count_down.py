"""Output while it runs; `timeout` and `log_level`, which the runner has, with defaults of the action's own."""

import time

from st2common.runners.base_action import Action


class CountDown(Action):
    def run(self, start, pause):
        self.logger.debug("this is below the log level, so nobody sees it")
        self.logger.info("counting down from %d", start)
        for number in range(start, 0, -1):
            print(number)
            time.sleep(pause)
        return "lift-off"
