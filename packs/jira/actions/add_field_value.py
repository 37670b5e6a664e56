"""Adds a text to a field of an issue that holds several, such as labels."""

from jira_api import Jira, issue_path
from st2common.runners.base_action import Action


class AddFieldValueAction(Action):
    def run(self, issue_key, field, value):
        jira = Jira(self.config)
        jira.ask("PUT", issue_path(issue_key), body={"update": {field: [{"add": value}]}})
        return jira.issue(issue_key, [field])["fields"].get(field)
