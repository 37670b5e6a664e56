"""One issue."""

import os
import tempfile

from add_field_value import AddFieldValueAction
from assign_issue import AssignIssueAction
from attach_file_to_issue import AttachFileToIssueAction
from attach_files_to_issue import AttachFilesToIssueAction
from comment_issue import CommentIssueAction
from create_issue import CreateIssueAction
from get_issue import GetIssueAction
from get_issue_attachments import GetIssueAttachmentsAction
from get_issue_comments import GetIssueCommentsAction
from get_issue_links import GetIssueLinksAction
from jira_api import Jira
from jira_case import JiraTestCase
from jira_double import TOKEN
from link_issue import LinkIssueAction
from pack_http import ApiError
from transition_issue import TransitionIssueAction
from transition_issue_by_name import TransitionIssueByNameAction
from update_field_value import UpdateFieldValueAction
from update_issue import UpdateIssueAction


class TestReading(JiraTestCase):
    def test_an_issue_is_flat(self):
        self.fields("OPS-1").update(assignee={"displayName": "Ada"}, description="{{ x }}")

        found = self.run_action(GetIssueAction, issue_key="OPS-1", sanitize_formatting=True)

        expected = {"key": "OPS-1", "url": f"{self.jira.url}/browse/OPS-1", "status": "Open", "assignee": "Ada",
                    "project": "OPS", "resolution": None, "description": " x "}  # fmt: skip
        self.assertEqual({name: found[name] for name in expected}, expected)
        self.assertNotIn("comments", found)
        self.assertNotIn("comment", self.jira.requests[0].query["fields"].split(","))

    def test_an_issue_has_what_is_asked_for(self):
        self.run_action(CommentIssueAction, issue_key="OPS-1", comment_text="well")
        self.fields("OPS-1").update(
            customfield_1="x",
            subtasks=[{"key": "OPS-2", "fields": {"summary": "part", "status": {"name": "Open"}}}],
            attachment=[{"id": "1", "filename": "a", "size": 1, "content": "http://x", "created": "then"}],
        )
        includes = ("comments", "attachments", "customfields", "components", "subtasks", "links")
        found = self.run_action(GetIssueAction, issue_key="OPS-1", **{f"include_{name}": True for name in includes})

        self.assertEqual([comment["body"] for comment in found["comments"]], ["well"])
        self.assertEqual(found["subtasks"], [{"key": "OPS-2", "summary": "part", "status": "Open"}])
        self.assertEqual((found["customfield_1"], found["components"], found["links"]), ("x", [], []))
        self.assertEqual(found["attachments"], self.run_action(GetIssueAttachmentsAction, issue_key="OPS-1"))

    def test_comments_come_in_pages(self):
        for text in ("1", "2", "3"):
            self.run_action(CommentIssueAction, issue_key="OPS-1", comment_text=text)

        found = self.run_action(GetIssueCommentsAction, issue_key="OPS-1")
        self.assertEqual(
            [(comment["body"], comment["author"]) for comment in found], [("1", "Bot"), ("2", "Bot"), ("3", "Bot")]
        )

    def test_links_are_read_from_the_issue(self):
        kind = {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
        other = {"key": "OPS-2", "fields": {"summary": "s", "status": {"name": "Open"}}}
        self.fields("OPS-1")["issuelinks"] = [{"id": "7", "type": kind, "inwardIssue": other}]

        self.assertEqual(
            self.run_action(GetIssueLinksAction, issue_key="OPS-1"),
            [
                {
                    "id": "7",
                    "type": "is blocked by",
                    "direction": "inward",
                    "key": "OPS-2",
                    "summary": "s",
                    "status": "Open",
                }
            ],
        )


class TestWriting(JiraTestCase):
    def test_creates_an_issue_in_the_configured_project(self):
        made = self.run_action(CreateIssueAction, summary="disk full", extra_fields={"labels": ["disk"]})

        self.assertEqual(
            (made["key"], made["summary"], made["type"], made["labels"]), ("OPS-6", "disk full", "Task", ["disk"])
        )
        del self.config["project"]
        with self.assertRaisesRegex(ValueError, "Give `project`"):
            self.run_action(CreateIssueAction, summary="disk full")

    def test_says_why_jira_refuses(self):
        with self.assertRaises(ApiError) as raised:
            self.run_action(CreateIssueAction, summary="disk full", type="Wish")

        text = str(raised.exception)
        self.assertIn(f"POST {self.jira.url}/rest/api/2/issue: answered 400 Bad Request: ", text)
        self.assertIn("The issue type selected is invalid.", text)
        self.assertNotIn(TOKEN, text)

    def test_changes_fields(self):
        changed = self.run_action(UpdateIssueAction, issue_key="OPS-1", fields={"summary": "new"}, notify=False)
        self.assertEqual(changed["summary"], "new")
        self.assertEqual(self.jira.requests[0].query, {"notifyUsers": "false"})

        self.run_action(UpdateIssueAction, issue_key="OPS-1", update={"labels": [{"add": "a"}]})
        self.assertEqual(self.run_action(AddFieldValueAction, issue_key="OPS-1", field="labels", value="b"), ["a", "b"])
        value = self.run_action(UpdateFieldValueAction, issue_key="OPS-1", field="customfield_1", value="x")
        self.assertEqual(value, "x")
        with self.assertRaisesRegex(ValueError, "there is nothing to change"):
            self.run_action(UpdateIssueAction, issue_key="OPS-1")

    def test_goes_through_transitions(self):
        self.run_action(TransitionIssueAction, issue_key="OPS-1", transition="11")
        self.assertEqual(self.fields("OPS-1")["status"], {"name": "In Progress"})

        how = {"resolution": {"name": "Fixed"}}
        self.run_action(TransitionIssueByNameAction, issue="OPS-1", transition_name="close", fields=how)
        self.assertEqual(
            (self.fields("OPS-1")["status"], self.fields("OPS-1")["resolution"]),
            ({"name": "Closed"}, how["resolution"]),
        )
        with self.assertRaisesRegex(LookupError, "OPS-1 cannot `Reopen` now; it can: Start, Close"):
            self.run_action(TransitionIssueByNameAction, issue="OPS-1", transition_name="Reopen")

    def test_links_by_the_name_of_either_side(self):
        self.run_action(LinkIssueAction, inward_issue_key="OPS-1", outward_issue_key="OPS-2", link_type="is blocked by")

        self.assertEqual(
            self.jira.requests[-1].body,
            {"type": {"name": "Blocks"}, "inwardIssue": {"key": "OPS-1"}, "outwardIssue": {"key": "OPS-2"}},
        )
        with self.assertRaisesRegex(LookupError, "no link type `eats`; there are: Relates, Blocks"):
            self.run_action(LinkIssueAction, inward_issue_key="OPS-1", outward_issue_key="OPS-2", link_type="eats")

    def test_attaches_files(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "märz.txt")
        with open(path, "wb") as file:
            file.write(b"\r\n--\r\nx")

        made = self.run_action(AttachFileToIssueAction, file_path=path, issue_key="OPS-1")
        self.assertEqual((made["filename"], made["size"]), ("märz.txt", 7))
        made = self.run_action(AttachFilesToIssueAction, file_paths=[path, path], issue_key="OPS-1")
        self.assertEqual(len(made), 2)

    def test_an_issue_that_is_not_there_is_an_error(self):
        with self.assertRaisesRegex(ApiError, "POST .*/issue/NO-1/comment: answered 404 Not Found: .*does not exist"):
            self.run_action(CommentIssueAction, issue_key="NO-1", comment_text="x")

    def test_assigns_by_name(self):
        self.run_action(AssignIssueAction, issue="OPS-1", assignee="ada")

        self.assertEqual(self.fields("OPS-1")["assignee"], {"name": "ada"})


class TestAssigningInCloud(JiraTestCase):
    is_cloud = True

    def test_people_are_named_by_account(self):
        for given, account in (("ada@company.example", "a1"), ("ada", "a1"), ("712020:0b", "712020:0b")):
            self.run_action(AssignIssueAction, issue="OPS-1", assignee=given)
            self.assertEqual(self.fields("OPS-1")["assignee"], {"accountId": account})
        with self.assertRaisesRegex(LookupError, "more than one user is found by `a`"):
            self.run_action(AssignIssueAction, issue="OPS-1", assignee="a")
        with self.assertRaisesRegex(LookupError, "no user is found by `bob@company.example`"):
            self.run_action(AssignIssueAction, issue="OPS-1", assignee="bob@company.example")


class TestSettings(JiraTestCase):
    def test_cloud_is_known_by_its_address(self):
        self.assertTrue(Jira({"url": "https://company.atlassian.net", "username": "u", "token": "t"}).is_cloud)
        self.assertFalse(Jira({"url": "https://jira.company.example", "username": "u", "token": "t"}).is_cloud)

    def test_tokens_of_their_own_are_bearers(self):
        self.config.update(auth_method="pat")
        self.jira.takes("GET", "/rest/api/2/issue/{key}", (200, self.jira.issues["OPS-1"]), query={"fields": ".+"},
                        headers={"Authorization": f"Bearer {TOKEN}"})  # fmt: skip

        self.assertEqual(self.run_action(GetIssueAction, issue_key="OPS-1")["key"], "OPS-1")

    def test_says_what_is_not_configured(self):
        self.config = {"url": self.jira.url, "auth_method": "basic", "username": "u"}
        with self.assertRaisesRegex(ValueError, "Set `password` in the configuration of the pack jira, for basic"):
            self.run_action(GetIssueAction, issue_key="OPS-1")
        self.config = {}
        with self.assertRaisesRegex(ValueError, "Set `url`"):
            self.run_action(GetIssueAction, issue_key="OPS-1")
