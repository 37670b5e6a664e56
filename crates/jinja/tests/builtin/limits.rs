//! Templates that would take all memory or time there is stop at the limit.

use pyvalue::Limits;

use crate::table::{check, check_limits};

const FEW: Limits = Limits {
    steps: 200_000,
    bytes: 8 << 20,
    depth: 100,
};

#[test]
fn whatever_can_grow_asks_first() {
    check_limits(
        FEW,
        &[
            "{{ 'a'|center(10**12) }}",
            "{{ 'a'.ljust(10**12) }}",
            "{{ 'a'.rjust(10**12) }}",
            "{{ '1'.zfill(10**12) }}",
            "{{ '\t'.expandtabs(10**12) }}",
            "{{ 'a\nb'|indent(10**12) }}",
            "{{ ('a\n'*100000)|indent(100000) }}",
            "{{ ('a '*100000)|replace('', 'x'*100000) }}",
            "{{ (range(1000)|list)|join('x'*100000) }}",
            "{{ ('x'*100000).join('a'*1000) }}",
            "{{ ('<'*2000000)|e }}",
            "{{ ('<'*3000000)|urlencode }}",
            "{{ ('a b '*1000000)|wordwrap(1) }}",
            "{{ ('a.co '*300000)|urlize }}",
            "{{ [1]|batch(10**12, 0)|list }}",
            "{{ [1]|slice(10**12, 0)|list }}",
            "{{ ('ab'*2000000)|list }}",
            "{{ range(100000)|unique|list }}",
            "{{ range(100000)|map('string')|list }}",
            "{{ (range(90000)|list)|sort(reverse=true) }}",
            "{{ ([[1]*1000]*9000)|pprint }}",
            "{{ ([[1]*1000]*9000)|tojson }}",
            "{{ [1]|tojson(10**12) }}",
            "{{ lipsum(10**9) }}",
            "{{ lipsum(1, true, 10**9, 10**10) }}",
            "{{ (5).to_bytes(10**12, 'big') }}",
            "{{ dict.fromkeys(range(100000)) }}",
            "{{ '{:>1000000000000}'.format(1) }}",
            "{{ '%1000000000000d'|format(1) }}",
            "{{ 1|round(10**12, 'ceil') }}",
            "{% set x = [] %}{% for i in range(100000) %}{% for j in range(100000) %}{% set _ = x.append(j) %}\
             {% endfor %}{% endfor %}",
            "{% set x = {} %}{% for i in range(100000) %}{% for j in range(100000) %}{% set _ = x.update({j: i}) %}\
             {% endfor %}{% endfor %}",
            "{% set x = range(50000)|list %}{% for i in range(100000) %}{% set _ = x.pop(0) %}{% endfor %}",
        ],
    );
}

#[test]
fn shared_values_count_each_time_they_are_met() {
    // Forty doublings: printing, comparing or hashing such a value would never end.
    let doubled = |doubling: &str, use_of_it: &str| {
        format!(
            "{{% set ns = namespace(f=(1, 2)) %}}{{% for i in range(40) %}}{{% set ns.f = {doubling} %}}{{% endfor %}}\
             {{{{ {use_of_it} }}}}"
        )
    };
    for doubling in [
        "(ns.f, ns.f)",
        "[ns.f, ns.f]",
        "{'a': ns.f, 'b': ns.f}",
        "{'a': ns.f, 'b': ns.f}.items()",
        "dict(a=ns.f, b=ns.f)",
        "[ns.f, ns.f]|map('d')|list",
        "[ns.f] + [ns.f]",
        "[ns.f] * 2",
        "([[1, ns.f], [1, ns.f]]|groupby(0))[0]",
        "[ns.f|string|e, ns.f|string|e]",
    ] {
        for use_of_it in ["ns.f", "ns.f == ns.f", "{ns.f: 1}", "ns.f|pprint"] {
            check_limits(FEW, &[&doubled(doubling, use_of_it)]);
        }
    }
}

#[test]
fn whatever_holds_a_value_counts_as_a_level() {
    for holder in [
        "[ns.f].nosuch",
        "{}[(ns.f,)]",
        "cycler(ns.f)",
        "cycler(ns.f).next",
        "cycler(ns.f).reset",
        "joiner(ns.f)",
        "[ns.f].append",
        "{1: ns.f}.items()",
        "[ns.f]|map('d')",
        "namespace(a=ns.f)",
    ] {
        let chain = format!(
            "{{% set ns = namespace(f=1) %}}{{% for i in range(20000) %}}{{% set ns.f = {holder} %}}{{% endfor %}}"
        );
        check_limits(FEW, &[&chain]);
    }
    for held in ["loop", "loop.changed", "loop.cycle"] {
        let chain = format!(
            "{{% set ns = namespace(f=1) %}}{{% for i in range(20000) %}}{{% for x in [ns.f] %}}\
             {{% set ns.f = {held} %}}{{{{ loop.index }}}}{{% endfor %}}{{% endfor %}}"
        );
        check_limits(FEW, &[&chain]);
    }
}

#[test]
fn namespaces_that_grow_behind_others_print() {
    // Each is put into the one before while it is empty, so that none knows how deep it is.
    let chain = "{% set first = namespace() %}{% set ns = namespace(last=first) %}{% for i in range(5000) %}\
                 {% set n = namespace() %}{% set last = ns.last %}{% set last.a = n %}{% set last.b = n %}\
                 {% set ns.last = n %}{% endfor %}";
    for print in [
        "first|string|length > 100",
        "first|pprint|length > 100",
        "('%s' % first)|length > 100",
        "'{!r}'.format(first)|length > 100",
        "{}[first] is undefined",
    ] {
        check(&[(&format!("{chain}{{{{ {print} }}}}"), "True")]);
    }
}
