"""Takes an issue through a transition, by its id."""

from jira_api import Jira, issue_path
from st2common.runners.base_action import Action


class TransitionIssueAction(Action):
    def run(self, issue_key, transition, fields=None):
        body = {"transition": {"id": transition}}
        if fields:
            body["fields"] = fields
        Jira(self.config).ask("POST", f"{issue_path(issue_key)}/transitions", body=body)
        return True
