"""Records."""

import servicenow_api
from approve_change import ApproveChangeAction
from assign_incident_to import AssignIncidentToAction
from create_record import CreateRecordAction
from delete import DeleteAction
from get import GetAction
from get_incidents_assigned_to import GetIncidentsAssignedToAction
from get_non_structured import GetNonStructuredAction
from get_user import GetUserAction
from instance_double import PASSWORD, Instance
from pack_http import ApiError
from set_incident_owner import SetIncidentOwnerAction
from st2tests.base import BaseActionTestCase
from update import UpdateAction


class RecordTestCase(BaseActionTestCase):
    action_cls = GetAction

    def setUp(self):
        super().setUp()
        self.instance = Instance()
        self.addCleanup(self.instance.close)
        self.config = {"url": self.instance.url, "username": "petrel", "password": PASSWORD}

    def run_action(self, cls, **parameters):
        self.action_cls = cls
        return self.get_action_instance(self.config).run(**parameters)

    def incident(self, number):
        return self.instance.tables["incident"][number]


class TestRecords(RecordTestCase):
    def test_finds_by_members_in_pages(self):
        before, servicenow_api.PAGE = servicenow_api.PAGE, 2
        self.addCleanup(setattr, servicenow_api, "PAGE", before)

        found = self.run_action(GetAction, table="incident", query={"assigned_to": ""})
        self.assertEqual([record["number"] for record in found], ["INC1", "INC2", "INC3", "INC4", "INC5"])
        self.assertEqual([request.query["sysparm_offset"] for request in self.instance.requests], ["0", "2", "4"])

        found = self.run_action(GetAction, table="incident", query={}, limit=3, fields=["number"])
        self.assertEqual(found, [{"number": "INC1"}, {"number": "INC2"}, {"number": "INC3"}])

    def test_finds_by_an_encoded_query(self):
        found = self.run_action(GetNonStructuredAction, table="incident", query="assigned_to=^number=INC2")

        self.assertEqual([record["sys_id"] for record in found], ["i2"])

    def test_a_value_cannot_add_conditions(self):
        with self.assertRaisesRegex(ValueError, 'The value of `number` has a "\\^"'):
            self.run_action(GetAction, table="incident", query={"number": "INC1^ORnumber=INC2"})
        self.assertEqual(self.instance.requests, [])

    def test_creates_changes_and_deletes(self):
        made = self.run_action(CreateRecordAction, table="incident", payload={"short_description": "it smokes"})
        self.assertEqual(made, {"sys_id": "new5", "short_description": "it smokes"})

        changed = self.run_action(UpdateAction, table="incident", sysid="new5", payload={"state": "2"})
        self.assertEqual(changed["state"], "2")

        self.run_action(DeleteAction, table="incident", sysid="new5")
        self.assertNotIn("new5", self.instance.tables["incident"])

    def test_configured_parameters_go_with_every_request(self):
        self.config["custom_params"] = {"sysparm_display_value": "true"}

        self.run_action(UpdateAction, table="incident", sysid="i1", payload={})
        self.assertEqual(self.instance.requests[0].query, {"sysparm_display_value": "true"})

    def test_says_what_was_asked_and_what_came_back(self):
        with self.assertRaises(ApiError) as raised:
            self.run_action(DeleteAction, table="incident", sysid="i 9")

        text = str(raised.exception)
        self.assertIn(f"DELETE {self.instance.url}/api/now/table/incident/i%209: answered 404 Not Found: ", text)
        self.assertIn("No Record found", text)

    def test_never_shows_the_password(self):
        self.instance.takes("GET", "/api/now/table/{table}", (401, {"said": PASSWORD}), query=servicenow_queries())

        with self.assertRaises(ApiError) as raised:
            self.run_action(GetAction, table="incident", query={})
        self.assertIn("401 Unauthorized", str(raised.exception))
        self.assertNotIn(PASSWORD, str(raised.exception))

    def test_says_what_is_not_configured(self):
        self.config = {}
        with self.assertRaisesRegex(ValueError, "Set `instance_name` "):
            self.run_action(GetUserAction, name="ada")
        self.config = {"instance_name": "dev1", "username": "petrel"}
        with self.assertRaisesRegex(ValueError, "Set `username` and `password`, or `token`"):
            self.run_action(GetUserAction, name="ada")


class TestIncidents(RecordTestCase):
    def test_assigns_an_incident_by_name_and_by_id(self):
        self.run_action(AssignIncidentToAction, name="ada", number="INC2")
        self.assertEqual(self.incident("i2")["assigned_to"], "u1")

        self.run_action(SetIncidentOwnerAction, user_id="u7", number="INC3")
        self.assertEqual(self.incident("i3")["assigned_to"], "u7")

    def test_lists_somebodys_incidents(self):
        self.incident("i4")["assigned_to"] = "u1"

        found = self.run_action(GetIncidentsAssignedToAction, name="ada")
        self.assertEqual([record["number"] for record in found], ["INC4"])

    def test_nobody_of_this_name_is_an_error(self):
        with self.assertRaisesRegex(LookupError, "no record of sys_user with user_name=bob"):
            self.run_action(AssignIncidentToAction, name="bob", number="INC2")
        self.assertEqual(self.incident("i2")["assigned_to"], "")

    def test_approves_a_change(self):
        self.assertEqual(self.run_action(ApproveChangeAction, number="CHG1")["approval"], "approved")


def servicenow_queries():
    return {"sysparm_query": ".*", "sysparm_limit": ".*", "sysparm_offset": ".*"}
