"""Assigns an issue."""

from jira_api import Jira, issue_path
from st2common.runners.base_action import Action


class AssignIssueAction(Action):
    def run(self, issue, assignee):
        jira = Jira(self.config)
        jira.ask("PUT", f"{issue_path(issue)}/assignee", body=jira.user_member(assignee))
        return True
