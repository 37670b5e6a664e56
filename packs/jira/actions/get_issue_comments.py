"""The comments on an issue."""

from jira_api import Jira, issue_path
from jira_views import comment_view
from st2common.runners.base_action import Action


class GetIssueCommentsAction(Action):
    def run(self, issue_key):
        jira, found = Jira(self.config), []
        while True:
            page = jira.ask("GET", f"{issue_path(issue_key)}/comment", query={"startAt": len(found)})
            found += page["comments"]
            if not page["comments"] or len(found) >= page["total"]:
                return [comment_view(comment) for comment in found]
