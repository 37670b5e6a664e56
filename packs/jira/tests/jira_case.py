"""What the tests of this pack have in common."""

from jira_double import TOKEN, USER, JiraDouble
from st2tests.base import BaseActionTestCase


class JiraTestCase(BaseActionTestCase):
    """Runs actions against a double of Data Center; of Cloud where `is_cloud`."""

    is_cloud = False

    def setUp(self):
        super().setUp()
        self.jira = JiraDouble(self.is_cloud)
        self.addCleanup(self.jira.close)
        self.config = {
            "url": self.jira.url + "/",
            "deployment": "cloud" if self.is_cloud else "auto",
            "auth_method": "api_token",
            "username": USER,
            "token": TOKEN,
            "project": "OPS",
        }

    def run_action(self, cls, **parameters):
        self.action_cls = cls
        return self.get_action_instance(self.config).run(**parameters)

    def fields(self, key):
        return self.jira.issues[key]["fields"]
