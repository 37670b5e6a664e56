"""Creates an issue."""

from jira_api import Jira
from jira_views import fields as asked
from jira_views import issue_view
from st2common.runners.base_action import Action


class CreateIssueAction(Action):
    def run(self, summary, type="Task", description=None, project=None, extra_fields=None):
        jira = Jira(self.config)
        project = project or jira.project
        if not project:
            raise ValueError("Give `project`, or set it in the configuration of the pack jira")
        fields = {"project": {"key": project}, "summary": summary, "issuetype": {"name": type}}
        if description:
            fields["description"] = description
        made = jira.ask("POST", "/issue", body={"fields": {**fields, **(extra_fields or {})}})
        return issue_view(jira.url, jira.issue(made["key"], asked()))
