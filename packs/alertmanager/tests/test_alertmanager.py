"""Against a real Alertmanager: from an alert to trigger instances, and silences."""

import datetime
import queue
import unittest

import real_alertmanager
from alertmanager_api import time
from create_silence import CreateSilenceAction
from double import Double
from engine_double import Engine
from expire_silence import ExpireSilenceAction
from get_silence import GetSilenceAction
from get_status import GetStatusAction
from list_alerts import ListAlertsAction
from list_silences import ListSilencesAction
from pack_http import ApiError
from send_alert import SendAlertAction
from split_webhook import SplitWebhookAction
from st2tests.base import BaseActionTestCase

PATIENCE = 60


@unittest.skipUnless(real_alertmanager.PROGRAM, real_alertmanager.MISSING)
class TestAlertmanager(BaseActionTestCase):
    def setUp(self):
        super().setUp()
        self.posted = queue.Queue()
        self.hook = Double()
        self.addCleanup(self.hook.close)
        self.hook.takes("POST", "/v1/webhooks/alertmanager", self.take, body=dict)
        self.engine = Engine()
        self.addCleanup(self.engine.close)
        self.engine.serve(self.action_service)
        self.real = real_alertmanager.RealAlertmanager(f"{self.hook.url}/v1/webhooks/alertmanager")
        self.addCleanup(self.real.close)

    def take(self, request):
        self.posted.put(request.body)
        return 200, {}

    def run_action(self, cls, **parameters):
        self.action_cls = cls
        return self.get_action_instance({"url": self.real.url}).run(**parameters)

    def split_next(self):
        """Splits what Alertmanager posts next."""
        return self.run_action(SplitWebhookAction, body=self.posted.get(timeout=PATIENCE))

    def send(self, host, **how):
        labels = {"alertname": "DiskFull", "host": host, "severity": "page"}
        self.run_action(SendAlertAction, labels=labels, annotations={"summary": f"{host} is full"}, **how)

    def test_each_alert_is_a_trigger_instance_once_for_each_status(self):
        self.send("web1")
        first = self.split_next()
        self.assertEqual(len(first["told"]), 1)
        key = first["told"][0]

        # The group comes again, whole, because of its new member.
        self.send("web2")
        second = self.split_next()
        self.assertEqual((len(second["told"]), second["repeated"]), (1, [key]))

        self.send("web1", resolved=True)
        third = self.split_next()
        self.assertEqual(third, {"told": [key.replace("firing", "resolved")], "repeated": second["told"]})

        told = [
            (trigger, payload["key"], payload["status"], payload["labels"]["host"])
            for trigger, payload, _ in self.engine.instances
        ]
        self.assertEqual(
            told,
            [
                ("alertmanager.alert", key, "firing", "web1"),
                ("alertmanager.alert", second["told"][0], "firing", "web2"),
                ("alertmanager.alert", third["told"][0], "resolved", "web1"),
            ],
        )
        _, began, tag = self.engine.instances[0]
        self.assertEqual((began["name"], began["severity"], began["ends_at"]), ("DiskFull", "page", None))
        self.assertEqual((began["annotations"], began["receiver"]), ({"summary": "web1 is full"}, "petrel"))
        _, ended, last_tag = self.engine.instances[2]
        self.assertGreaterEqual(time(ended["ends_at"]), time(began["starts_at"]))
        self.assertEqual(tag, f"alert-{began['fingerprint']}")
        self.assertEqual(tag, last_tag)
        self.assertEqual(self.engine.lifetimes, [1209600] * 3)

    def test_lists_alerts(self):
        self.send("web1")
        self.send("web2")
        self.posted.get(timeout=PATIENCE)

        def hosts(**how):
            return sorted(alert["labels"]["host"] for alert in self.run_action(ListAlertsAction, **how))

        self.assertEqual(hosts(), ["web1", "web2"])
        self.assertEqual(hosts(filter=['host=~"web[2-9]"', 'alertname="DiskFull"']), ["web2"])
        self.assertEqual(hosts(receiver="nobody"), [])

        # An alert is silenced from the next time on that its group is looked at, or asked for.
        self.run_action(CreateSilenceAction, labels={"host": "web1"}, comment="known")
        self.assertEqual(hosts(silenced=False), ["web2"])
        self.assertEqual(hosts(active=False), ["web1"])

    def test_silences_come_change_and_go(self):
        made = self.run_action(
            CreateSilenceAction,
            matchers=['host=~"web.*"', "job!=db"],
            alertname="DiskFull",
            comment="new disk",
            duration="1d12h",
            created_by="ada",
        )
        silence = self.run_action(GetSilenceAction, silence_id=made["silence_id"])

        self.assertEqual(
            (silence["createdBy"], silence["comment"], silence["status"]["state"]), ("ada", "new disk", "active")
        )
        self.assertEqual(
            sorted((one["name"], one["value"], one["isRegex"], one["isEqual"]) for one in silence["matchers"]),
            [("alertname", "DiskFull", False, True), ("host", "web.*", True, True), ("job", "db", False, False)],
        )
        length = time(silence["endsAt"]) - time(silence["startsAt"])
        self.assertAlmostEqual(length / datetime.timedelta(hours=1), 36, delta=0.1)

        later = self.run_action(
            CreateSilenceAction,
            matchers=["a=b"],
            comment="later",
            starts_at="2999-01-01T00:00:00Z",
            ends_at="2999-01-02T00:00:00",
        )
        self.assertEqual(self.ids("active"), [made["silence_id"]])
        self.assertEqual(self.ids("pending"), [later["silence_id"]])

        self.run_action(ExpireSilenceAction, silence_id=made["silence_id"])
        self.assertEqual((self.ids("active"), self.ids("expired")), ([], [made["silence_id"]]))

        changed = self.run_action(
            CreateSilenceAction,
            matchers=["a=b"],
            comment="even later",
            starts_at="2999-01-01T00:00:00Z",
            ends_at="2999-01-03T00:00:00Z",
            silence_id=later["silence_id"],
        )
        comments = [silence["comment"] for silence in self.run_action(ListSilencesAction, state="pending")]
        self.assertEqual(comments, ["even later"])
        self.assertEqual(self.ids("pending"), [changed["silence_id"]])

    def ids(self, state):
        return [silence["id"] for silence in self.run_action(ListSilencesAction, state=state)]

    def test_says_what_it_refuses(self):
        with self.assertRaises(ApiError) as raised:
            self.run_action(CreateSilenceAction, matchers=["a=~("], comment="x")
        self.assertIn(f"POST {self.real.url}/api/v2/silences: answered 400 Bad Request: ", str(raised.exception))
        self.assertIn("invalid", str(raised.exception))

        nobody = "00000000-0000-0000-0000-000000000000"
        with self.assertRaisesRegex(ApiError, f"GET .*/api/v2/silence/{nobody}: answered 404 Not Found"):
            self.run_action(GetSilenceAction, silence_id=nobody)

    def test_says_how_it_is(self):
        status = self.run_action(GetStatusAction)

        self.assertEqual(sorted(status), ["cluster", "uptime", "version"])
