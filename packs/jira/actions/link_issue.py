"""Links an issue to another."""

from jira_api import Jira
from st2common.runners.base_action import Action


class LinkIssueAction(Action):
    def run(self, inward_issue_key, outward_issue_key, link_type="relates to"):
        jira = Jira(self.config)
        kinds = jira.ask("GET", "/issueLinkType")["issueLinkTypes"]
        wanted = link_type.lower()
        for kind in kinds:
            if wanted in (kind["name"].lower(), kind["inward"].lower(), kind["outward"].lower()):
                break
        else:
            names = ", ".join(kind["name"] for kind in kinds)
            raise LookupError(f"{jira.url}: there is no link type `{link_type}`; there are: {names}")
        body = {
            "type": {"name": kind["name"]},
            "inwardIssue": {"key": inward_issue_key},
            "outwardIssue": {"key": outward_issue_key},
        }
        jira.ask("POST", "/issueLink", body=body)
        return True
