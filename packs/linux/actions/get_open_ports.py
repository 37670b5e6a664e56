"""Scans a machine for open TCP ports with the nmap program (UDP would need root)."""

import subprocess
import xml.etree.ElementTree as xml

from st2common.runners.base_action import Action


def ports(report):
    """Reads nmap's XML: one `{port: {state, service, protocol}}` for each port that it lists."""
    found = []
    for port in xml.fromstring(report).iterfind("./host/ports/port"):
        state, service = port.find("state"), port.find("service")
        found.append(
            {
                int(port.get("portid")): {
                    "state": state.get("state") if state is not None else "",
                    "service": service.get("name", "") if service is not None else "",
                    "protocol": port.get("protocol"),
                }
            }
        )
    return sorted(found, key=lambda entry: next(iter(entry)))


class PortScanner(Action):
    def run(self, ip_address):
        command = ["nmap", "-oX", "-", "--min-parallelism", "100", "-sT", "--", ip_address]
        try:
            scan = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return False, "nmap is not installed"
        if scan.returncode != 0:
            return False, scan.stderr.strip()
        return ports(scan.stdout)
