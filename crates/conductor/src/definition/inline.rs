//! Parameters in the text of an action or of `publish`: `core.echo message="hello" times=3`.

use std::sync::LazyLock;

use pyvalue::regex::{Flags, Regex};
use serde_json::Value;

/// `NAME=VALUE`, where the value is in brackets or quotes, a number, true, false, null or an expression. A bare word
/// is none: Orquesta passes it over.
static PARAMETER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let values = [
        r"\[.*\]\s*",
        r#""[^"]*"\s*"#,
        r"'[^']*'\s*",
        r"[-]?\d*\.\d+",
        r"[-]?\d+",
        r"(?i:true)",
        r"(?i:false)",
        r"null",
        r"{{.*?}}",
        r"<%.*?%>",
    ];
    let pattern = format!(r"([\w]+)=({})", values.join("|"));
    Regex::new(&pattern, Flags::default()).ok()
});

/// The parameters in a text, in order.
pub(crate) fn parameters(text: &str) -> Vec<(String, Value)> {
    let Some(pattern) = PARAMETER.as_ref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for found_here in pattern.iter(text) {
        let Ok(parameter) = found_here else { break };
        let group = |at| parameter.group(at).unwrap_or_default();
        found.push((group(1).to_owned(), value(group(2).trim())));
    }
    found
}

/// What was in quotes stays text, unless it is in braces; anything else is read as JSON where it is some.
fn value(text: &str) -> Value {
    let is_quoted = has_pair(text, '"') || has_pair(text, '\'');
    let bare = text.strip_prefix('"').unwrap_or(text);
    let bare = bare.strip_suffix('"').unwrap_or(bare);
    let bare = bare.strip_prefix('\'').unwrap_or(bare);
    let bare = bare.strip_suffix('\'').unwrap_or(bare);
    let is_object = bare.starts_with('{') && bare.ends_with('}');
    if is_quoted && !bare.is_empty() && !is_object {
        return Value::from(bare);
    }
    let lower = bare.to_lowercase();
    if lower == "true" || lower == "false" {
        return Value::Bool(lower == "true");
    }
    serde_json::from_str(bare).unwrap_or_else(|_| Value::from(bare))
}

fn has_pair(text: &str, quote: char) -> bool {
    text.matches(quote).count() >= 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_keep_the_types_that_they_show() {
        let table = [
            ("core.noop", json!([])),
            (
                r#"a m="x y" n=3 f=-1.5 t=True z=null"#,
                json!([
                    ["m", "x y"],
                    ["n", 3],
                    ["f", -1.5],
                    ["t", true],
                    ["z", null]
                ]),
            ),
            (
                "a x=<% ctx(a) %> y={{ ctx().b }}",
                json!([["x", "<% ctx(a) %>"], ["y", "{{ ctx().b }}"]]),
            ),
            ("a q='3'", json!([["q", "3"]])),
            ("a l=[1, 2]", json!([["l", [1, 2]]])),
            (r#"a o='{"k": 1}'"#, json!([["o", {"k": 1}]])),
            ("a w=word", json!([])),
        ];
        for (text, expected) in table {
            let found: Vec<Value> = parameters(text)
                .into_iter()
                .map(|(name, value)| json!([name, value]))
                .collect();
            assert_eq!(Value::from(found), expected, "{text}");
        }
    }
}
