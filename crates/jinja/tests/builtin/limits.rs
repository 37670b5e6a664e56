//! Templates that would take all memory or time there is stop at the limit.

use pyvalue::Limits;

use crate::table::check_limits;

#[test]
fn whatever_can_grow_asks_first() {
    let limits = Limits {
        steps: 200_000,
        bytes: 8 << 20,
        ..Limits::default()
    };
    check_limits(
        limits,
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
