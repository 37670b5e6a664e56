//! The fenced blocks of a page of Markdown.

/// A fenced block.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// What stands behind the fence: a language, then attributes.
    pub(crate) info: String,
    pub(crate) text: String,
    /// The line that it begins in.
    pub(crate) line: usize,
}

impl Block {
    /// The value of an attribute `key=value`.
    pub(crate) fn attribute(&self, key: &str) -> Option<&str> {
        let words = self.info.split_whitespace();
        let mut attributes = words.filter_map(|word| word.split_once('='));
        attributes.find_map(|(name, value)| (name == key).then_some(value))
    }
}

/// All of them, in their order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Block {
                    info: info.to_owned(),
                    text: String::new(),
                    line: number + 1,
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}
