"""The key-value store."""

import consul_double
from consul_api import Consul, seconds
from consul_watch import KeyWatch
from kv_delete import KvDeleteAction
from kv_get import KvGetAction
from kv_put import KvPutAction
from pack_http import ApiError
from st2tests.base import BaseActionTestCase


class ConsulTestCase(BaseActionTestCase):
    def setUp(self):
        super().setUp()
        self.agent = consul_double.Agent()
        self.addCleanup(self.agent.close)
        self.config = consul_double.config(self.agent)

    def run_action(self, cls, **parameters):
        self.action_cls = cls
        return self.get_action_instance(self.config).run(**parameters)


class TestGet(ConsulTestCase):
    def get(self, key, **how):
        return self.run_action(KvGetAction, key=key, **how)

    def setUp(self):
        super().setUp()
        self.agent.change({"app/a b": "größe".encode(), "app/raw": b"\xff", "app/json": b'{"x": 1}'})

    def test_gives_index_and_entry(self):
        index, entry = self.get("app/a b")

        self.assertEqual((index, entry["Key"], entry["Value"]), (11, "app/a b", "größe"))
        self.assertEqual(self.agent.requests[0].path, "/v1/kv/app/a%20b")

    def test_a_key_that_is_not_there_is_null(self):
        self.assertEqual(self.get("app/none"), [11, None])

    def test_a_value_that_is_no_text_stays_base64(self):
        _, entry = self.get("app/raw")

        self.assertEqual((entry["Value"], entry["ValueEncoding"]), ("/w==", "base64"))

    def test_values_may_be_json(self):
        self.assertEqual(self.get("app/json", from_json=True)[1]["Value"], {"x": 1})
        with self.assertRaisesRegex(ValueError, "The value of `app/a b` is no JSON"):
            self.get("app/a b", from_json=True)

    def test_gets_all_keys_that_begin_so(self):
        self.assertEqual(
            [entry["Key"] for entry in self.get("app/", recurse=True)[1]], ["app/a b", "app/json", "app/raw"]
        )
        self.assertEqual(
            self.get("app/", keys=True, recurse=True, separator="/")[1], ["app/a b", "app/json", "app/raw"]
        )
        self.assertNotIn("recurse", self.agent.requests[-1].query)

    def test_reads_as_freshly_as_is_asked(self):
        self.get("app/raw", consistency="stale", dc="dc2")
        self.assertEqual(self.agent.requests[-1].query, {"stale": "", "dc": "dc2"})

        self.config = consul_double.config(self.agent, consistency="consistent")
        self.get("app/raw", consistency=None)
        self.assertEqual(self.agent.requests[-1].query, {"consistent": ""})

    def test_waits_for_a_change(self):
        self.assertEqual(self.get("app/raw", index=10, wait="1s")[0], 11)
        self.assertEqual(self.agent.requests[-1].query, {"index": "10", "wait": "1s"})


class TestChange(ConsulTestCase):
    def test_puts_a_value(self):
        self.assertIs(self.run_action(KvPutAction, key="a", value="größe", flags=3), True)
        self.assertEqual(self.run_action(KvGetAction, key="a")[1]["Value"], "größe")
        self.run_action(KvPutAction, key="a", value="x", to_json=True)
        self.assertEqual(self.run_action(KvGetAction, key="a")[1]["Value"], '"x"')

    def test_a_condition_that_does_not_hold_is_a_failure(self):
        self.assertIs(self.run_action(KvPutAction, key="a", value="x", cas=0), True)
        status, why = self.run_action(KvPutAction, key="a", value="y", cas=0)
        self.assertEqual((status, why), (False, "`a` was not set: the condition {'cas': 0} does not hold"))

        self.assertIs(self.run_action(KvPutAction, key="lock", value="x", acquire="s-1"), True)
        self.assertIs(self.run_action(KvPutAction, key="lock", value="x", acquire="s-2")[0], False)

    def test_deletes(self):
        self.agent.change({"app/a": b"1", "app/b": b"2", "c": b"3"})

        self.assertEqual(
            self.run_action(KvDeleteAction, key="c", cas=5), (False, "`c` was not deleted: its ModifyIndex is not 5")
        )
        self.assertIs(self.run_action(KvDeleteAction, key="c", cas=11), True)
        self.assertIs(self.run_action(KvDeleteAction, key="app/", recurse=True), True)
        self.assertEqual(self.agent.keys, {})


class TestProfiles(ConsulTestCase):
    def test_a_token_may_be_given_with_the_call(self):
        self.config["consul_profiles"][0]["token"] = "another"

        self.run_action(KvPutAction, key="a", value="x", token=consul_double.TOKEN)
        self.assertIn("a", self.agent.keys)

    def test_a_profile_that_is_not_there_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "has no profile `prod`; it has: test"):
            self.run_action(KvGetAction, key="a", consul_profile="prod")

    def test_says_what_was_asked_and_never_the_token(self):
        self.agent.takes("GET", "/v1/kv/a", (403, f"Permission denied: token {consul_double.TOKEN}".encode()))
        with self.assertRaises(ApiError) as raised:
            self.run_action(KvGetAction, key="a")

        self.assertEqual(
            str(raised.exception),
            f"GET {self.agent.url}/v1/kv/a: answered 403 Forbidden: Permission denied: token ********",
        )

    def test_a_wrong_address_is_no_absent_key(self):
        self.agent.takes("GET", "/v1/kv/a", (404, b"404 page not found"))
        with self.assertRaisesRegex(ApiError, "404 Not Found: 404 page not found"):
            self.run_action(KvGetAction, key="a")

    def test_without_an_index_changes_cannot_be_waited_for(self):
        self.agent.takes("GET", "/v1/kv/a", (200, []))
        with self.assertRaisesRegex(ValueError, "answered without an index"):
            KeyWatch(Consul(self.config), {"key": "a"}).look()

    def test_durations_are_as_consul_writes_them(self):
        self.assertEqual([seconds(text) for text in ("10s", "1m30s", "500ms", "1h")], [10, 90, 0.5, 3600])
        with self.assertRaisesRegex(ValueError, "`10` is no duration"):
            seconds("10")
        with self.assertRaisesRegex(ValueError, "`consistency` is default, consistent or stale; not `x`"):
            Consul(self.config).read("/v1/kv/a", consistency="x")
