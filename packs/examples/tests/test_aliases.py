"""What is said in chat."""

from st2tests.base import BaseActionAliasTestCase


class TestGreet(BaseActionAliasTestCase):
    action_alias_name = "greet"

    def test_may_be_said_in_several_ways(self):
        formats = self.action_alias_db.get_format_strings()
        for said in ("welcome Ada", "send greetings to Ada please"):
            self.assertCommandMatchesExactlyOneFormatString(formats, said)
            self.assertExtractedParametersMatch(formats[0], said, {"name": "Ada"})


class TestCheckDisk(BaseActionAliasTestCase):
    action_alias_name = "check_disk"

    def test_means_the_whole_machine_unless_a_path_is_named(self):
        (text,) = self.action_alias_db.get_format_strings()
        self.assertExtractedParametersMatch(text, "how full is the disk", {"path": "/"})
        self.assertExtractedParametersMatch(text, "how full is the disk /var", {"path": "/var"})
        given = {"path": "/var", "limit": "50"}
        self.assertExtractedParametersMatch(text, "how full is the disk /var limit=50", given)


class TestPropose(BaseActionAliasTestCase):
    action_alias_name = "propose"

    def test_what_is_proposed_is_all_that_follows(self):
        formats = self.action_alias_db.get_format_strings()
        for text, said in zip(formats, ("propose to upgrade the database", "may we upgrade the database?")):
            self.assertExtractedParametersMatch(text, said, {"change": "upgrade the database"})
