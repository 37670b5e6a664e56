import columns
import six
from st2common.runners.base_action import Action


class ReadAction(Action):
    def run(self, text, delimiter=","):
        text = six.ensure_text(text)
        lines = [columns.split(line, delimiter) for line in text.splitlines() if line]
        if len(lines) < 2:
            return False, "there is no row in it"
        head, rows = lines[0], lines[1:]
        self.logger.info("%d rows", len(rows))
        return True, {"rows": [dict(zip(head, row)) for row in rows], "library": columns.VERSION}
