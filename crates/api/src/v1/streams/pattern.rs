//! Which events a listener wants, by names with `*`.

/// What a listener hears who says nothing.
const DEFAULT: [&str; 3] = [
    "st2.announcement__*",
    "st2.execution__*",
    "st2.liveaction__*",
];

/// Patterns of event names.
#[derive(Debug, Clone)]
pub(super) struct Patterns(Vec<String>);

impl Patterns {
    /// Those that are named, else StackStorm's default.
    pub(super) fn new(named: &[&str]) -> Self {
        let patterns = if named.is_empty() {
            &DEFAULT[..]
        } else {
            named
        };
        Self(
            patterns
                .iter()
                .map(|pattern| (*pattern).to_owned())
                .collect(),
        )
    }

    pub(super) fn fit(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| fits(pattern, name))
    }
}

/// Whether `name` is `pattern`, where `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = name.find(part) else {
            return false;
        };
        name = &name[at + part.len()..];
    }
    name.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, expected) in [
            ("st2.execution__create", "st2.execution__create", true),
            ("st2.execution__*", "st2.execution__update", true),
            ("st2.*__create", "st2.execution__create", true),
            ("*", "anything", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
            ("st2.execution__*", "st2.execution.output__create", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn output_is_heard_by_those_who_ask_for_it_only() {
        assert!(!Patterns::new(&[]).fit("st2.execution.output__create"));
        assert!(Patterns::new(&["st2.execution.output__*"]).fit("st2.execution.output__create"));
        assert!(Patterns::new(&[]).fit("st2.announcement__chatops"));
    }
}
