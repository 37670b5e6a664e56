//! Finds expressions in a text as Orquesta's regular expressions do: the shortest match, on one line.

use std::ops::Range;

use super::Language;

/// A kind of delimited thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delimiters {
    pub(crate) open: &'static str,
    pub(crate) close: &'static str,
}

/// `<% ... %>`
pub(crate) const YAQL: Delimiters = Delimiters {
    open: "<%",
    close: "%>",
};

/// `{{ ... }}`
pub(crate) const JINJA: Delimiters = Delimiters {
    open: "{{",
    close: "}}",
};

/// `{% ... %}`
pub(crate) const BLOCK: Delimiters = Delimiters {
    open: "{%",
    close: "%}",
};

/// Text that Jinja leaves alone.
pub(super) const RAW: Delimiters = Delimiters {
    open: "{% raw %}",
    close: "{% endraw %}",
};

/// Where the delimited things are, delimiters included.
pub(crate) fn all(text: &str, delimiters: Delimiters) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(delimiters.open).map(|start| at + start) {
        let inner = start + delimiters.open.len();
        let line = inner + text[inner..].find('\n').unwrap_or(text.len() - inner);
        if let Some(end) = text[inner..line].find(delimiters.close) {
            at = inner + end + delimiters.close.len();
            found.push(start..at);
        } else {
            // Nothing that opens on the rest of this line is closed on it either.
            at = line;
        }
    }
    found
}

/// Whether there is one.
pub(crate) fn any(text: &str, delimiters: Delimiters) -> bool {
    text.contains(delimiters.open) && !all(text, delimiters).is_empty()
}

/// The language that a text is evaluated in: the first that finds something.
pub(super) fn language(text: &str) -> Option<Language> {
    if any(text, JINJA) || any(text, BLOCK) {
        Some(Language::Jinja)
    } else if any(text, YAQL) {
        Some(Language::Yaql)
    } else {
        None
    }
}

/// The inside of an expression. Upstream strips the delimiters' characters rather than the delimiters, and so do we.
pub(crate) fn inside(expression: &str, language: Language) -> &str {
    let stripped = match language {
        Language::Jinja => expression.trim_matches(['{', '}']),
        Language::Yaql => expression.trim_matches(['<', '%', '>']),
    };
    stripped.trim_matches(is_space)
}

/// What Python's `strip` takes for white space.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, delimiters: Delimiters) -> Vec<&str> {
        all(text, delimiters)
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn takes_the_shortest_on_one_line() {
        assert_eq!(texts("a <% 'x %> b' %>", YAQL), ["<% 'x %>"]);
        assert_eq!(texts("<% a\n%> <% b %>", YAQL), ["<% b %>"]);
        assert_eq!(texts("{{{'a': 1}}}", JINJA), ["{{{'a': 1}}"]);
        assert_eq!(texts("{{ a {{ b }}", JINJA), ["{{ a {{ b }}"]);
        assert_eq!(texts("<%> <%%>", YAQL), ["<%> <%%>"]);
        assert_eq!(texts("<%>", YAQL), Vec::<&str>::new());
    }

    #[test]
    fn strips_characters_not_delimiters() {
        assert_eq!(inside("{{{'a': 1}}", Language::Jinja), "'a': 1");
        assert_eq!(inside("<% 1 > %>", Language::Yaql), "1 >");
        assert_eq!(inside("<%> 1 %>", Language::Yaql), "1");
    }

    #[test]
    fn jinja_comes_first() {
        assert_eq!(language("<% a %> {{ b }}"), Some(Language::Jinja));
        assert_eq!(language("<% a %> {# b #}"), Some(Language::Yaql));
        assert_eq!(language("{{ a\n}}"), None);
    }

    #[test]
    fn many_that_open_and_never_close_are_read_in_one_go() {
        let text = "{{".repeat(100_000);

        assert!(all(&text, JINJA).is_empty());
    }
}
