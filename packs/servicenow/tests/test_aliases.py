"""What is said in chat."""

from st2tests.base import BaseActionAliasTestCase


class TestAssign(BaseActionAliasTestCase):
    action_alias_name = "assign_incident_to"

    def test_names_incident_and_user(self):
        (text,) = self.action_alias_db.get_format_strings()
        command = "assign incident INC1 to ada"
        self.assertExtractedParametersMatch(text, command, {"number": "INC1", "name": "ada"})


class TestList(BaseActionAliasTestCase):
    action_alias_name = "get_incidents_assigned_to"

    def test_names_a_user(self):
        (text,) = self.action_alias_db.get_format_strings()
        self.assertExtractedParametersMatch(text, "incidents assigned to ada", {"name": "ada"})


class TestApprove(BaseActionAliasTestCase):
    action_alias_name = "approve_change"

    def test_names_a_change(self):
        (text,) = self.action_alias_db.get_format_strings()
        self.assertExtractedParametersMatch(text, "approve CHG1", {"number": "CHG1"})
