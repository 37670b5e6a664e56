"""Searches, which Cloud and Data Center do differently."""

import jira_api
from jira_case import JiraTestCase
from search_issues import SearchIssuesAction
from search_users import SearchUsersAction


class Searches:
    def setUp(self):
        super().setUp()
        before, jira_api.PAGE = jira_api.PAGE, 2
        self.addCleanup(setattr, jira_api, "PAGE", before)

    def keys(self, **how):
        return [issue["key"] for issue in self.run_action(SearchIssuesAction, query="project = OPS", **how)]

    def test_finds_issues_page_by_page(self):
        self.assertEqual(self.keys(), ["OPS-1", "OPS-2", "OPS-3", "OPS-4", "OPS-5"])
        self.assertEqual(len(self.jira.requests), 3)
        self.assertEqual(self.keys(start_at=1, max_results=3), ["OPS-2", "OPS-3", "OPS-4"])
        self.assertEqual(self.keys(start_at=9), [])

    def test_finds_users(self):
        def names(**how):
            return [user["name"] for user in self.run_action(SearchUsersAction, query="a", **how)]

        self.assertEqual(names(), ["ada"])
        self.assertEqual(names(include_inactive=True), ["ada", "alan"])
        self.assertEqual(names(include_inactive=True, include_active=False), ["alan"])


class TestDataCenter(Searches, JiraTestCase):
    pass


class TestCloud(Searches, JiraTestCase):
    is_cloud = True
