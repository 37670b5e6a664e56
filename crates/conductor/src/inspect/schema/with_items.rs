//! The form of `with`: an expression, or names, `in` and an expression.
//!
//! The schema states it as a regular expression, on which Python takes exponential time for many blanks in a row. This
//! says the same in one pass.

use pyvalue::text::{is_any_digit, is_letter, is_whitespace};

/// Whether a text has the form `<% ... %>`, `x in <% ... %>` or `x, y in <% ... %>`.
pub(super) fn is_well_formed(text: &str) -> bool {
    let text = text.trim_matches(is_whitespace);
    let Some(start) = ["{{", "<%"].iter().filter_map(|open| text.find(open)).min() else {
        return false;
    };
    let (names, expression) = text.split_at(start);
    is_expression(expression) && (names.is_empty() || are_names(names))
}

/// Delimiters around something on one line.
fn is_expression(text: &str) -> bool {
    let is_delimited = |open, close| text.starts_with(open) && text.ends_with(close);
    let is_delimited = is_delimited("{{", "}}") || is_delimited("<%", "%>");
    is_delimited && text.len() >= 4 && !text.contains('\n')
}

/// Names, each but the last with a comma right behind it, then `in`, with blanks on both sides.
fn are_names(text: &str) -> bool {
    let before_blanks = |text: &'_ str| {
        let trimmed = text.trim_end_matches(is_whitespace).len();
        (trimmed < text.len()).then_some(trimmed)
    };
    let Some(end) = before_blanks(text) else {
        return false;
    };
    let Some(names) = text[..end].strip_suffix("in") else {
        return false;
    };
    let Some(end) = before_blanks(names) else {
        return false;
    };
    let names = &names[..end];
    let others = names.trim_end_matches(is_word);
    others.len() < names.len() && are_followed_by_commas(others)
}

fn are_followed_by_commas(text: &str) -> bool {
    let mut is_in_word = false;
    for character in text.chars() {
        match character {
            ',' if is_in_word => is_in_word = false,
            _ if is_word(character) => is_in_word = true,
            _ if is_whitespace(character) && !is_in_word => {}
            _ => return false,
        }
    }
    !is_in_word
}

/// `\w`
pub(super) fn is_word(character: char) -> bool {
    character == '_' || is_letter(character) || is_any_digit(character) || character.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_an_expression_with_or_without_names() {
        let table = [
            ("<% ctx().xs %>", true),
            ("  {{ ctx().xs }}  ", true),
            ("x in <% ctx().xs %>", true),
            ("x,y in <% ctx().xs %>", true),
            (" x,  y, z  in  <% zip(ctx(a), ctx(b)) %> ", true),
            ("in in <% 1 %>", true),
            ("<% a %> and <% b %>", true),
            ("", false),
            ("in <% 1 %>", false),
            ("x <% 1 %>", false),
            ("x in<% 1 %>", false),
            ("x, in <% 1 %>", false),
            ("x y in <% 1 %>", false),
            ("x , y in <% 1 %>", false),
            ("x in [1, 2]", false),
            ("<% a %> b", false),
            ("<% a\n %>", false),
            ("<%>", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_well_formed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn many_blanks_take_no_time() {
        assert!(!is_well_formed(&format!("x{} y", " ".repeat(100_000))));
    }
}
