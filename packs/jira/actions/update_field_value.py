"""Sets a field of an issue to a text."""

from jira_api import Jira, issue_path
from st2common.runners.base_action import Action


class UpdateFieldValueAction(Action):
    def run(self, issue_key, field, value, notify=True):
        jira = Jira(self.config)
        query = None if notify else {"notifyUsers": False}
        jira.ask("PUT", issue_path(issue_key), query=query, body={"fields": {field: value}})
        return jira.issue(issue_key, [field])["fields"].get(field)
