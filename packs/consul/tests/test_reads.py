"""Catalog, health, agent and sessions: as their metadata describe them."""

import glob
import os

import yaml
from catalog_deregister import CatalogDeregisterAction
from catalog_register import CatalogRegisterAction
from read import ReadAction
from session_create import SessionCreateAction
from session_destroy import SessionDestroyAction
from session_renew import SessionRenewAction
from test_keys import ConsulTestCase

GIVEN = {
    "node": "n1", "service": "web", "name": "critical", "session_id": "s1", "index": 3, "wait": "1s", "dc": "dc1",
    "consistency": "stale", "near": "_agent", "node_meta": {"rack": "r1"}, "tag": "blue", "passing": True, "wan": True,
}  # fmt: skip


class TestReads(ConsulTestCase):
    def actions(self):
        """Name and parameters of all actions that only read."""
        folder = os.path.join(self._get_base_pack_path(), "actions")
        for path in sorted(glob.glob(os.path.join(folder, "*.yaml"))):
            with open(path, encoding="utf-8") as file:
                metadata = yaml.safe_load(file)
            if metadata["entry_point"] == "read.py":
                yield metadata["name"], metadata["parameters"]

    def test_each_asks_for_what_the_api_describes(self):
        names = []
        for name, parameters in self.actions():
            own = {item: GIVEN[item] for item in parameters if item in GIVEN}
            result = self.run_action(ReadAction, path=parameters["path"]["default"], **own)

            names.append(name)
            self.assertIsInstance(result[1], list, name)
            request = self.agent.requests[-1]
            self.assertNotIn("{", request.path)
            for item in set(own) & {"dc", "near", "tag", "wait"}:
                self.assertEqual(request.query[item], own[item], name)
        self.assertEqual(len(names), 15)

    def test_gives_index_and_what_was_found(self):
        self.assertEqual(
            self.run_action(ReadAction, path="/v1/catalog/service/{service}", service="a/b", node_meta={"rack": "r1"}),
            [10, ["/v1/catalog/service/a%2Fb"]],
        )
        self.assertEqual(self.agent.requests[-1].query, {"node-meta": "rack:r1"})


class TestWrites(ConsulTestCase):
    def test_registers_and_deregisters(self):
        service = {"Service": "web", "Port": 80}
        self.run_action(CatalogRegisterAction, node="n1", address="10.0.0.1", service=service, check={})
        self.run_action(CatalogDeregisterAction, node="n1", service="web")

        self.assertEqual(
            self.agent.catalog,
            [
                ("register", {"Node": "n1", "Address": "10.0.0.1", "Service": service}),
                ("deregister", {"Node": "n1", "ServiceID": "web"}),
            ],
        )

    def test_sessions_come_and_go(self):
        session = self.run_action(SessionCreateAction, name="deploy", checks=["serfHealth"], ttl=30, dc="dc1")

        self.assertEqual(
            self.agent.catalog,
            [
                (
                    "session",
                    {
                        "Name": "deploy",
                        "NodeChecks": ["serfHealth"],
                        "TTL": "30s",
                        "LockDelay": "15s",
                        "Behavior": "release",
                    },
                )
            ],
        )
        self.assertEqual(self.run_action(SessionRenewAction, session_id=session), {"ID": session})
        self.assertIs(self.run_action(SessionDestroyAction, session_id=session), True)
