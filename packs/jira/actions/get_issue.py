"""An issue."""

from jira_api import Jira
from jira_views import fields as asked
from jira_views import issue_view
from st2common.runners.base_action import Action


class GetIssueAction(Action):
    def run(self, issue_key, **includes):
        jira = Jira(self.config)
        return issue_view(jira.url, jira.issue(issue_key, asked(**includes)), **includes)
