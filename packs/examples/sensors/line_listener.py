"""A classic sensor: `run` waits, and does not return until the sensor is stopped."""

import socket

from st2reactor.sensor.base import Sensor


class LineListener(Sensor):
    def setup(self):
        self._log = self.sensor_service.get_logger(__name__)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", self.config.get("lines_port", 5140)))
        self._log.info("listening on %s:%d", *self._socket.getsockname())

    def run(self):
        while True:
            self.receive()

    def receive(self):
        """Waits for one packet; it may have several lines."""
        packet, (sender, _port) = self._socket.recvfrom(65535)
        for line in packet.decode("utf-8", "replace").splitlines():
            self.sensor_service.dispatch(trigger="examples.line", payload={"line": line, "sender": sender})

    def cleanup(self):
        self._socket.close()

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
