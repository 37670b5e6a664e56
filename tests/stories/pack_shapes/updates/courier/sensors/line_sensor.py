import socketserver

from st2reactor.sensor.base import Sensor

VERSION = "1.1"


class LineSensor(Sensor):
    def __init__(self, sensor_service, config=None):
        super(LineSensor, self).__init__(sensor_service=sensor_service, config=config)
        self._log = self._sensor_service.get_logger(__name__)
        self._server = None

    def setup(self):
        service = self._sensor_service

        class Lines(socketserver.StreamRequestHandler):
            def handle(self):
                for line in self.rfile:
                    text = line.decode("utf-8").strip()
                    service.dispatch("courier.line", {"text": text, "version": VERSION}, trace_tag=text)
                    self.wfile.write(b"taken\n")

        socketserver.TCPServer.allow_reuse_address = True
        self._server = socketserver.TCPServer((self._config["host"], self._config["port"]), Lines)

    def run(self):
        self._log.info("listening")
        self._server.serve_forever()

    def cleanup(self):
        self._server.shutdown()

    def add_trigger(self, trigger): pass
    def update_trigger(self, trigger): pass
    def remove_trigger(self, trigger): pass
