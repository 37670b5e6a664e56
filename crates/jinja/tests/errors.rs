//! What an author sees who made a mistake.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use jinja::{Environment, Expression, Input, Template};
use pyvalue::{Dict, Limits, Value};

fn complaint(text: &str) -> String {
    let server: Dict = [("color", "red"), ("name", "web")].into_iter().collect();
    let context: Dict = [
        ("server", Value::Dict(server)),
        ("hosts", Value::list(Vec::new())),
    ]
    .into_iter()
    .collect();
    let input = Input {
        names: &context,
        host: None,
        limits: Limits::default(),
        seed: 0,
    };
    let environment = Environment::standard();
    Template::parse(text, &environment)
        .and_then(|template| template.render(&environment, &input))
        .unwrap_err()
        .render()
}

#[test]
fn an_unclosed_delimiter_is_shown_where_it_opens() {
    assert_eq!(
        complaint("Hello {{ server.name\nand goodbye"),
        "the `{{` here is not closed\n    1 | Hello {{ server.name\n      |       ^^\n  = add `}}` where the expression ends"
    );
    assert_eq!(
        complaint("{{ (hosts | length }}"),
        "the `(` here is not closed\n    1 | {{ (hosts | length }}\n      |    ^\n  = add `)` before the `}` that follows"
    );
    assert_eq!(
        complaint("{% for host in hosts %}\n{{ host }}"),
        "the `for` that begins here is not closed\n    1 | {% for host in hosts %}\n      |    ^^^\n  = add `{% endfor %}` where it ends"
    );
}

#[test]
fn an_unknown_filter_comes_with_the_nearest_one() {
    assert_eq!(
        complaint("{{ hosts | lenght }}"),
        "there is no filter called `lenght`\n    1 | {{ hosts | lenght }}\n      |            ^^^^^^\n  = did you mean `length`?"
    );
    assert_eq!(
        complaint("{{ hosts is definde }}"),
        "there is no test called `definde`\n    1 | {{ hosts is definde }}\n      |             ^^^^^^^\n  = did you mean `defined`?"
    );
}

#[test]
fn a_missing_name_comes_with_the_nearest_one() {
    assert_eq!(
        complaint("{{ sever.name }}"),
        "`sever` is undefined\n    1 | {{ sever.name }}\n      |    ^^^^^\n  = did you mean `server`?"
    );
    assert_eq!(
        complaint("{{ server.colour }}"),
        "`server` has no key `colour`\n    1 | {{ server.colour }}\n      |    ^^^^^^^^^^^^^\n  = did you mean `color`?"
    );
    assert_eq!(
        complaint("{{ server.nic.mac }}"),
        "`server` has no key `nic`\n    1 | {{ server.nic.mac }}\n      |    ^^^^^^^^^^"
    );
    assert_eq!(
        complaint("{{ hosts[0] }}"),
        "`hosts` has no item `0`: it has 0\n    1 | {{ hosts[0] }}\n      |    ^^^^^^^^"
    );
}

#[test]
fn words_of_other_languages_are_translated() {
    for (text, note) in [
        ("{{ a && b }}", "write `and`"),
        ("{{ !a }}", "write `not`"),
        ("{{ a || b }}", "write `or` for `||`"),
        ("{{ a ? b : c }}", "write `a if condition else b`"),
        (
            "{{ $.a }}",
            "`$` belongs to YAQL; in Jinja a variable is called by its name",
        ),
        ("{{ null }}", "write `none`"),
        (
            "{% if a %}{% else if b %}{% endif %}",
            "write `elif` for `else if`",
        ),
        ("{% if a %}{% elseif b %}{% endif %}", "write `elif`"),
        ("{% if a = b %}{% endif %}", "write `==` to compare"),
    ] {
        let complaint = complaint(text);
        assert!(
            complaint.ends_with(&format!("  = {note}")),
            "{text}: {complaint}"
        );
    }
}

#[test]
fn what_an_expression_needs_is_known_before_it_runs() {
    let environment = Environment::standard();
    let text = "{% for h in data.hosts %}{{ h.name ~ config['zone'][0] }}{% endfor %}{{ 1 if a else a | nope }}";
    let template = Template::parse(text, &environment).unwrap();

    let names: Vec<String> = template
        .names(&environment)
        .iter()
        .map(ToString::to_string)
        .collect();
    let paths: Vec<String> = template
        .paths(&environment)
        .iter()
        .map(|path| format!("{}/{}", path.name, path.steps.len()))
        .collect();
    let unknown: Vec<String> = template
        .check(&environment)
        .iter()
        .map(ToString::to_string)
        .collect();

    assert_eq!(names, ["a", "config", "data"]);
    assert_eq!(paths, ["data/1", "config/2", "a/0"]);
    assert_eq!(unknown, ["there is no filter called `nope` (column 89)"]);
}

#[test]
fn evaluation_keeps_to_its_limits() {
    let limits = Limits {
        steps: 100_000,
        bytes: 1 << 20,
        depth: 100,
    };
    let context = Dict::default();
    let input = Input {
        names: &context,
        host: None,
        limits,
        seed: 0,
    };
    let environment = Environment::standard();
    for text in [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(90) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l='x') %}{% for i in range(90) %}{% set ns.l = ns.l ~ ns.l %}{% endfor %}",
        "{{ 'x' * 9999999 }}",
        "{{ '%9999999d' % 1 }}",
        "{{ 9 ** 999999999 }}",
        "{% for i in [[1]] recursive %}{{ loop([i]) }}{% endfor %}",
        "{% block a %}{{ self.a() }}{% endblock %}",
        "{% set ns = namespace() %}{% for i in range(300) %}{% set ns.x = [ns.x] %}{% endfor %}",
    ] {
        let template = Template::parse(text, &environment).unwrap();
        let error = template.render(&environment, &input).unwrap_err();
        assert_eq!(error.kind, jinja::Kind::Limit, "{text}: {error}");
    }
}

#[test]
fn nesting_is_refused_before_the_stack_ends() {
    let environment = Environment::standard();
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("-", ""),
        ("not ", ""),
        ("a.b[", "]"),
        ("a(", ")"),
    ] {
        let text = format!("{}1{}", open.repeat(5000), close.repeat(5000));
        assert!(Expression::parse(&text, &environment).is_err(), "{open}");
    }
    let text = "{% if a %}".repeat(5000) + &"{% endif %}".repeat(5000);
    assert!(Template::parse(&text, &environment).is_err());
    assert!(Expression::parse(&format!("a{}", ".b".repeat(5000)), &environment).is_err());
}
