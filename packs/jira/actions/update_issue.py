"""Changes fields of an issue."""

from jira_api import Jira, issue_path
from jira_views import fields as asked
from jira_views import issue_view
from st2common.runners.base_action import Action


class UpdateIssueAction(Action):
    def run(self, issue_key, fields=None, update=None, notify=True):
        body = {name: value for name, value in (("fields", fields), ("update", update)) if value}
        if not body:
            raise ValueError("Give `fields` or `update`: there is nothing to change")
        jira = Jira(self.config)
        jira.ask("PUT", issue_path(issue_key), query=None if notify else {"notifyUsers": False}, body=body)
        return issue_view(jira.url, jira.issue(issue_key, asked()))
