"""Matchers, durations, times, and what is said in chat."""

import unittest

import alertmanager_api
from create_silence import CreateSilenceAction
from st2tests.base import BaseActionAliasTestCase, BaseActionTestCase


class TestMatchers(unittest.TestCase):
    def test_are_written_as_alertmanager_writes_them(self):
        for text, expected in (
            ("a=b", ("a", "b", False, True)),
            (' a != "b c" ', ("a", "b c", False, False)),
            ('a=~"x|y"', ("a", "x|y", True, True)),
            ("a!~web.*", ("a", "web.*", True, False)),
            (r'a="say \"so\"\n"', ("a", 'say "so"\n', False, True)),
            ('a=""', ("a", "", False, True)),
            ("a=", ("a", "", False, True)),
        ):
            found = alertmanager_api.matcher(text)
            self.assertEqual((found["name"], found["value"], found["isRegex"], found["isEqual"]), expected, text)

    def test_others_are_refused(self):
        for text in ("a", "1a=b", 'a="b', "a b=c"):
            with self.assertRaisesRegex(ValueError, "is no matcher"):
                alertmanager_api.matcher(text)


class TestTimes(unittest.TestCase):
    def test_durations(self):
        self.assertEqual([alertmanager_api.duration(text).total_seconds() for text in ("30m", "1d12h")], [1800, 129600])
        for text in ("", "2", "h", "0h", "1 h"):
            with self.assertRaisesRegex(ValueError, "is no duration"):
                alertmanager_api.duration(text)

    def test_times_are_utc_where_they_do_not_say(self):
        for text in (
            "2030-01-31T12:00:00Z",
            "2030-01-31T12:00:00",
            "2030-01-31T13:00:00.000000000+01:00",
            "2030-01-31T12:00:00.0Z",
        ):
            self.assertEqual(alertmanager_api.said(alertmanager_api.time(text)), "2030-01-31T12:00:00.000000Z")
        with self.assertRaisesRegex(ValueError, "`soon` is no time"):
            alertmanager_api.time("soon")


class TestCreateSilence(BaseActionTestCase):
    action_cls = CreateSilenceAction

    def test_a_silence_for_everything_is_refused(self):
        with self.assertRaisesRegex(ValueError, "a silence must say which alerts it is for"):
            self.get_action_instance({"url": "http://127.0.0.1:9"}).run(comment="x")


class TestSilenceInChat(BaseActionAliasTestCase):
    action_alias_name = "create_silence"

    def test_says_what_how_long_and_why(self):
        (text,) = self.action_alias_db.get_format_strings()
        given = {"alertname": "DiskFull", "duration": "2h", "comment": "a new disk comes"}
        self.assertExtractedParametersMatch(text, "silence DiskFull for 2h because a new disk comes", given)


class TestExpireInChat(BaseActionAliasTestCase):
    action_alias_name = "expire_silence"

    def test_names_the_silence(self):
        (text,) = self.action_alias_db.get_format_strings()
        self.assertExtractedParametersMatch(text, "expire silence 1-2", {"silence_id": "1-2"})


class TestListInChat(BaseActionAliasTestCase):
    action_alias_name = "list_alerts"

    def test_may_be_said_in_several_ways(self):
        for command in ("alerts", "which alerts fire"):
            self.assertCommandMatchesExactlyOneFormatString(self.action_alias_db.get_format_strings(), command)
