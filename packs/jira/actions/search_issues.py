"""Searches issues by JQL."""

from jira_api import Jira
from jira_views import fields as asked
from jira_views import issue_view
from st2common.runners.base_action import Action


class SearchIssuesAction(Action):
    def run(self, query, start_at=0, max_results=50, **includes):
        jira = Jira(self.config)
        found = jira.search(query, start_at, max_results, asked(**includes))
        return [issue_view(jira.url, issue, **includes) for issue in found]
