"""What is said in chat."""

from st2tests.base import BaseActionAliasTestCase


class TestGet(BaseActionAliasTestCase):
    action_alias_name = "kv_get"

    def test_names_a_key(self):
        (text,) = self.action_alias_db.get_format_strings()
        self.assertExtractedParametersMatch(text, "consul get app/flag", {"key": "app/flag"})


class TestService(BaseActionAliasTestCase):
    action_alias_name = "health_service"

    def test_names_a_service(self):
        (text,) = self.action_alias_db.get_format_strings()
        given = {"service": "web"}
        self.assertExtractedParametersMatch(text, "consul service web", given)
