"""The issues that an issue is linked to."""

from jira_api import Jira
from jira_views import link_view
from st2common.runners.base_action import Action


class GetIssueLinksAction(Action):
    def run(self, issue_key):
        found = Jira(self.config).issue(issue_key, ["issuelinks"])["fields"].get("issuelinks") or []
        return [link_view(link) for link in found]
