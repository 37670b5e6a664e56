"""Takes an issue through a transition, by its name."""

from jira_api import Jira, issue_path
from st2common.runners.base_action import Action


class TransitionIssueByNameAction(Action):
    def run(self, issue, transition_name, fields=None):
        jira = Jira(self.config)
        path = f"{issue_path(issue)}/transitions"
        possible = jira.ask("GET", path)["transitions"]
        found = [item for item in possible if item["name"].lower() == transition_name.lower()]
        if not found:
            names = ", ".join(item["name"] for item in possible) or "nothing"
            raise LookupError(f"{jira.url}: {issue} cannot `{transition_name}` now; it can: {names}")
        body = {"transition": {"id": found[0]["id"]}}
        if fields:
            body["fields"] = fields
        jira.ask("POST", path, body=body)
        return True
