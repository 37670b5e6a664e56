//! Keeps a bounded part of a stream for the result, and cuts it into lines for those who watch. No I/O.

/// The beginning of a stream, up to a limit, and the count of what was left out.
#[derive(Debug)]
pub(crate) struct Capture {
    kept: Vec<u8>,
    limit: usize,
    dropped: u64,
}

impl Capture {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            kept: Vec::new(),
            limit,
            dropped: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = self.limit - self.kept.len();
        let (head, rest) = bytes.split_at(bytes.len().min(room));
        self.kept.extend_from_slice(head);
        self.dropped += rest.len() as u64;
    }

    /// What was kept; bytes that are not UTF-8 become U+FFFD, and a last line says what was left out.
    pub(crate) fn into_text(mut self) -> String {
        if self.dropped == 0 {
            return lossy(self.kept);
        }
        self.dropped += (self.kept.len() - whole_characters(&self.kept)) as u64;
        self.kept.truncate(whole_characters(&self.kept));
        let dropped = self.dropped;
        format!(
            "{}\n[truncated: {dropped} more bytes were printed]\n",
            lossy(self.kept)
        )
    }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// How many bytes are there without a last character that is cut in two.
fn whole_characters(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    for start in (tail..bytes.len()).rev() {
        let needed = match bytes[start] {
            0x80..=0xBF => continue,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            _ => 1,
        };
        return if start + needed > bytes.len() {
            start
        } else {
            bytes.len()
        };
    }
    bytes.len()
}

/// Cuts a stream into lines; a very long line comes in parts.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// The longest piece, bytes.
    const LONGEST: usize = 16 << 10;

    /// Takes more of the stream; returns the lines that are complete now, each with its end.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(line);
            while self.rest.len() > Self::LONGEST {
                let cut = whole_characters(&self.rest[..Self::LONGEST]);
                let after = self.rest.split_off(cut);
                lines.push(lossy(std::mem::replace(&mut self.rest, after)));
            }
            if line.ends_with(b"\n") {
                lines.push(lossy(std::mem::take(&mut self.rest)));
            }
        }
        lines
    }

    /// The last line, where it has no end.
    pub(crate) fn finish(&mut self) -> Option<String> {
        (!self.rest.is_empty()).then(|| lossy(std::mem::take(&mut self.rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_head_and_counts_the_rest() {
        let mut capture = Capture::new(5);

        capture.push(b"abc");
        capture.push(b"defgh");
        capture.push(b"i");

        assert_eq!(
            capture.into_text(),
            "abcde\n[truncated: 4 more bytes were printed]\n"
        );
    }

    #[test]
    fn does_not_cut_a_character_in_two() {
        let mut capture = Capture::new(4);

        capture.push("abc€".as_bytes());

        assert_eq!(
            capture.into_text(),
            "abc\n[truncated: 3 more bytes were printed]\n"
        );
    }

    #[test]
    fn replaces_what_is_not_utf_8() {
        let mut capture = Capture::new(100);

        capture.push(b"a\xffb");

        assert_eq!(capture.into_text(), "a\u{fffd}b");
    }

    #[test]
    fn cuts_lines_across_reads_and_keeps_characters_whole() {
        let (mut lines, euro) = (Lines::default(), "€\n".as_bytes());

        assert_eq!(lines.push(b"one\ntw"), ["one\n"]);
        assert_eq!(lines.push(b"o\n\n"), ["two\n", "\n"]);
        assert!(lines.push(&euro[..2]).is_empty());
        assert_eq!(lines.push(&euro[2..]), ["€\n"]);
        lines.push(b"end");
        assert_eq!(lines.finish().as_deref(), Some("end"));
        assert_eq!(lines.finish(), None);
    }

    #[test]
    fn cuts_a_line_without_end_into_parts() {
        let mut lines = Lines::default();

        let parts = lines.push("ä".repeat(Lines::LONGEST).as_bytes());

        assert_eq!(parts.len(), 1);
        assert!(
            parts
                .iter()
                .all(|part| part.len() <= Lines::LONGEST && !part.contains('\u{fffd}'))
        );
        assert_eq!(
            parts[0].len() + lines.finish().unwrap().len(),
            2 * Lines::LONGEST
        );
    }
}
