//! What the documentation says of rules is so.

use chrono::DateTime;
use serde_json::json;

/// The words in backticks in the first column of the table of operators.
fn documented() -> Vec<&'static str> {
    let page = include_str!("../../../docs/packs.md");
    page.lines()
        .skip_while(|line| !line.starts_with("| operator |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_operator_of_the_table_exists_and_none_is_left_out() {
    let operators = documented();

    for operator in &operators {
        let answer = rules_engine::test_operator(
            operator,
            &json!("a"),
            &json!("a"),
            None,
            DateTime::UNIX_EPOCH,
        );
        let said = answer.map_err(|error| error.to_string()).err();
        let said = said.unwrap_or_default();
        assert!(!said.contains("the operator"), "`{operator}`: {said}");
    }
    // As many as st2 has, short names and `search` included.
    assert_eq!(operators.len(), 33, "{operators:?}");
}
