"""The actions, each with the service that tests hand to it."""

import contextlib
import io

from check_disk import CheckDisk
from count import Count
from count_down import CountDown
from greet import Greet
from slug import Slug
from st2tests.base import BaseActionTestCase


class TestGreet(BaseActionTestCase):
    action_cls = Greet

    def test_greets_in_the_words_of_the_configuration(self):
        action = self.get_action_instance({"greeting": "Moin", "signature": "x"})
        self.assertEqual(action.run(name="Ada", times=2), {"text": "Moin Ada, Moin Ada", "signed": True})

    def test_needs_no_configuration(self):
        action = self.get_action_instance()
        self.assertEqual(action.run(name="Ada", times=1), {"text": "Hello Ada", "signed": False})


class TestCheckDisk(BaseActionTestCase):
    action_cls = CheckDisk

    def test_succeeds_below_the_limit_alone(self):
        action = self.get_action_instance()
        succeeded, found = action.run(path="/", limit=101)
        self.assertTrue(succeeded)
        self.assertLessEqual(found["percent"], 100)
        succeeded, _ = action.run(path="/", limit=0)
        self.assertFalse(succeeded)


class TestCount(BaseActionTestCase):
    action_cls = Count

    def test_goes_on_from_what_is_stored(self):
        self.assertEqual(self.get_action_instance().run(what="x", by=2)["count"], 2)
        self.assertEqual(self.get_action_instance().run(what="x", by=1)["count"], 3)
        self.assertEqual(self.action_service.get_value("x"), "3")


class TestSlug(BaseActionTestCase):
    action_cls = Slug

    def test_keeps_letters_and_digits(self):
        self.assertEqual(self.get_action_instance().run(text="  Crème brûlée, No. 5 "), "creme-brulee-no-5")

    def test_refuses_what_leaves_nothing(self):
        with self.assertRaisesRegex(ValueError, "nothing is left"):
            self.get_action_instance().run(text="…")


class TestCountDown(BaseActionTestCase):
    action_cls = CountDown

    def test_prints_each_number(self):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            result = self.get_action_instance().run(start=3, pause=0)
        self.assertEqual((printed.getvalue(), result), ("3\n2\n1\n", "lift-off"))
