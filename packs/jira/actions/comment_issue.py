"""Comments on an issue."""

from jira_api import Jira, issue_path
from jira_views import comment_view
from st2common.runners.base_action import Action


class CommentIssueAction(Action):
    def run(self, issue_key, comment_text):
        made = Jira(self.config).ask("POST", f"{issue_path(issue_key)}/comment", body={"body": comment_text})
        return comment_view(made)
