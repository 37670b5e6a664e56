//! What is read into what. The trees are those of the Python original.

use pyvalue::Value;
use yaql::Expression;
use yaql::ast::{Argument, Node, NodeKind};

/// The tree in short: functions with their arguments, groups between angle brackets, bare words with an asterisk.
fn tree(text: &str) -> String {
    match Expression::parse(text) {
        Ok(expression) => node(expression.root()),
        Err(error) => format!("error: {error}"),
    }
}

fn node(part: &Node) -> String {
    match &part.kind {
        NodeKind::Constant(value) => value.repr(),
        NodeKind::Keyword(word) => format!("*{word}"),
        NodeKind::Variable(name) => name.to_string(),
        NodeKind::Group(inner) => format!("<{}>", node(inner)),
        NodeKind::Call {
            name, arguments, ..
        } => format!("{name}({})", list(arguments)),
        NodeKind::Operator {
            operator,
            arguments,
            ..
        } => {
            let name = operator.function();
            let short = name.rsplit_once('_').map_or(name, |(_, sign)| sign);
            format!("{short}({})", list(arguments))
        }
    }
}

fn list(arguments: &[Argument]) -> String {
    let each: Vec<String> = arguments
        .iter()
        .map(|argument| match argument {
            Argument::Value(value) => node(value),
            Argument::Rule(key, value) => format!("{} => {}", node(key), node(value)),
            Argument::Omitted => "-".to_owned(),
        })
        .collect();
    each.join(", ")
}

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(tree(text), *expected, "{text}");
    }
}

#[test]
fn operators_bind_as_their_precedence_says() {
    check(&[
        ("1 + 2 * 3", "+(1, *(2, 3))"),
        ("1 - 2 - 3", "-(-(1, 2), 3)"),
        ("1 = 1 = true", "*equal(*equal(1, 1), True)"),
        ("not 1 = 1", "not(*equal(1, 1))"),
        ("not a and b or c", "or(and(not(*a), *b), *c)"),
        ("-1.abs()", "-(.(1, abs()))"),
        ("-a[0]", "-(#indexer(*a, 0))"),
        ("a.b[0].c", ".(#indexer(.(*a, *b), 0), *c)"),
        ("a.-b + c", "+(.(*a, -(*b)), *c)"),
        ("a.not b = c", ".(*a, not(*equal(*b, *c)))"),
        ("a * -b =~ c", "*(*a, =~(-(*b), *c))"),
        ("a -> b -> c", "->(*a, ->(*b, *c))"),
        ("- -1", "-(-(1))"),
        ("a?.b.c", ".(?.(*a, *b), *c)"),
        ("1 in [1] and x", "and(in(1, #list(1)), *x)"),
    ]);
}

#[test]
fn arguments_may_be_left_out_or_named() {
    check(&[
        ("f()", "f()"),
        ("f(,a)", "f(-, *a)"),
        ("f(a,,b)", "f(*a, -, *b)"),
        ("f(,,a,,,b)", "f(-, -, *a, -, -, *b)"),
        ("f(a, b => 1)", "f(*a, *b => 1)"),
        ("f(a,,b => 1)", "f(*a, -, *b => 1)"),
        ("{a => 1, 'b' => 2}", "#map(*a => 1, 'b' => 2)"),
        ("{1, 2}", "#map(1, 2)"),
        ("x[1, default => 2]", "#indexer(*x, 1, *default => 2)"),
        ("x[]", "#indexer(*x)"),
        ("[(a) => 1]", "#list(<*a> => 1)"),
    ]);
}

#[test]
fn words_are_functions_operators_constants_or_texts() {
    check(&[
        ("not(x)", "not(*x)"),
        ("not (x)", "not(<*x>)"),
        ("mod(4, 2)", "mod(4, 2)"),
        ("true(1)", "true(1)"),
        ("__f(1)", "__f(1)"),
        ("TRUE", "*TRUE"),
        ("null", "None"),
        ("a-b", "-(*a, *b)"),
        ("größe²", "*größe²"),
        ("$größe.x", ".($größe, *x)"),
        ("a.1", ".(*a, 1)"),
        ("1.foo", ".(1, *foo)"),
        ("1.5.foo", ".(1.5, *foo)"),
        ("٣.٥", "3.5"),
        ("a.'b'", ".(*a, 'b')"),
    ]);
}

#[test]
fn numbers_are_as_big_as_written() {
    let expression = Expression::parse("123456789012345678901234567890").unwrap();

    assert_eq!(
        node(expression.root()),
        "123456789012345678901234567890",
        "an integer has no end"
    );
    assert_eq!(tree("9223372036854775807"), "9223372036854775807");
    assert!(matches!(
        Expression::parse("9223372036854775807")
            .unwrap()
            .root()
            .kind,
        NodeKind::Constant(Value::Int(i64::MAX))
    ));
}

#[test]
fn nothing_is_nested_deeper_than_the_limit() {
    let error = "error: the expression is nested more than 150 levels deep";
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("not ", "1", ""),
        ("", "1", "+1"),
        ("", "1", "[0]"),
        ("1 -> ", "1", ""),
        ("f(", "", ")"),
        ("{a => ", "1", "}"),
    ] {
        let text = |times: usize| format!("{}{middle}{}", open.repeat(times), close.repeat(times));

        assert!(!tree(&text(149)).starts_with("error"), "{open}{close}");
        assert!(tree(&text(151)).starts_with(error), "{open}{close}");
        assert!(tree(&text(100_000)).starts_with(error), "{open}{close}");
    }
}

#[test]
fn width_has_no_limit() {
    let many = format!("[{}]", vec!["1"; 50_000].join(","));

    assert_eq!(tree(&many).len(), "#list(1, )".len() + 3 * 49_999 - 2);
}

#[test]
fn an_expression_tells_what_it_calls_and_reads() {
    let expression = Expression::parse("$x.a.f(g($), $x)?.h[k($1)] + i()").unwrap();

    let calls: Vec<(&str, bool)> = expression
        .calls()
        .iter()
        .map(|call| (call.name, call.is_method))
        .collect();
    assert_eq!(
        calls,
        [("f", true), ("g", false), ("k", false), ("i", false)]
    );
    assert_eq!(expression.calls()[0].span, 5..6);
    assert_eq!(expression.names(), ["x", "", "1"]);
}
