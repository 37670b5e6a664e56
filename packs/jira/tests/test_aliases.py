"""What is said in chat."""

from st2tests.base import BaseActionAliasTestCase


class TestComment(BaseActionAliasTestCase):
    action_alias_name = "comment_issue"

    def test_the_text_is_all_that_follows(self):
        (text,) = self.action_alias_db.get_format_strings()
        given = {"issue_key": "OPS-1", "comment_text": "it is done"}
        self.assertExtractedParametersMatch(text, "jira comment on OPS-1 it is done", given)


class TestCreate(BaseActionAliasTestCase):
    action_alias_name = "create_issue"

    def test_the_summary_is_all_that_follows(self):
        (text,) = self.action_alias_db.get_format_strings()
        self.assertExtractedParametersMatch(text, "jira create issue disk full", {"summary": "disk full"})


class TestGet(BaseActionAliasTestCase):
    action_alias_name = "get_issue"

    def test_names_an_issue(self):
        (text,) = self.action_alias_db.get_format_strings()
        self.assertExtractedParametersMatch(text, "jira issue OPS-1", {"issue_key": "OPS-1"})
