//! Server-sent events, as far as the streams use them: names and data.

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: String,
}

/// Cuts a stream of bytes into events. Comments, ids and retry times are passed over.
#[derive(Debug, Default)]
pub(crate) struct EventReader {
    /// Bytes of a line that has not ended yet.
    line: Vec<u8>,
    event: Event,
    has_data: bool,
}

impl EventReader {
    /// The events that these bytes complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                let line = String::from_utf8_lossy(&line).into_owned();
                events.extend(self.end_line(line.strip_suffix('\r').unwrap_or(&line)));
            } else {
                self.line.push(*byte);
            }
        }
        events
    }

    fn end_line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            let had_data = std::mem::take(&mut self.has_data);
            return (had_data || !event.name.is_empty()).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => self.add_data(value),
            _ => {}
        }
        None
    }

    fn add_data(&mut self, value: &str) {
        if self.has_data {
            self.event.data.push('\n');
        }
        self.event.data.push_str(value);
        self.has_data = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event {
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn reads_events_however_their_bytes_arrive() {
        let stream = ": hello\n\nevent: st2.execution.output__create\ndata: {\"data\": \"é\"}\n\nevent: EOF\r\ndata: ''\r\n\r\n";
        let expected = vec![
            event("st2.execution.output__create", "{\"data\": \"é\"}"),
            event("EOF", "''"),
        ];

        for size in [1, 2, 7, stream.len()] {
            let mut reader = EventReader::default();
            let events: Vec<Event> = stream
                .as_bytes()
                .chunks(size)
                .flat_map(|bytes| reader.push(bytes))
                .collect();

            assert_eq!(events, expected);
        }
    }

    #[test]
    fn joins_the_lines_of_data() {
        let mut reader = EventReader::default();

        assert_eq!(reader.push(b"data: a\ndata: b\n\n"), [event("", "a\nb")]);
    }
}
