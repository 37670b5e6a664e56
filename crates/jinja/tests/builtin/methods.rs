//! Methods of Python's types: texts and kinds of failure as Jinja2 3.1 gives them.

use crate::table::{check, check_failures};
use jinja::Kind;

#[test]
fn texts_work_as_in_jinja() {
    check(&[
        (
            "{{ \"a,b,c\".split(\",\", 1) }}{{ \" a  b \".split() }}{{ \"a b c\".rsplit(none, 1) }}{{ \"a\nb\".splitlines(true) }}",
            "['a', 'b,c']['a', 'b']['a b', 'c']['a\\n', 'b']",
        ),
        (
            "{{ \"ab\".center(6, \"*\") }}{{ \"a\".ljust(3) }}|{{ \"-5\".zfill(4) }}",
            "**ab**a  |-005",
        ),
        (
            "{{ \"abcb\".find(\"b\", 2) }}{{ \"abc\".rfind(\"z\") }}{{ \"aaa\".count(\"a\") }}{{ \"abc\".startswith((\"x\", \"a\")) }}",
            "3-13True",
        ),
        (
            "{{ \",\".join([\"a\", \"b\"]) }}{{ \"-\".join(\"xyz\") }}",
            "a,bx-y-z",
        ),
        (
            "{{ \"a=b=c\".partition(\"=\") }}{{ \"a=b=c\".rpartition(\"=\") }}{{ \"prefix-x\".removeprefix(\"prefix-\") }}",
            "('a', '=', 'b=c')('a=b', '=', 'c')x",
        ),
        (
            "{{ \"aXb\".swapcase() }}{{ \"ß\".casefold() }}{{ \"ab cd\".title() }}{{ \"1\".isdigit() }}{{ \"Ab\".istitle() }}{{ \"a_1\".isidentifier() }}",
            "AxBssAb CdTrueTrueTrue",
        ),
        (
            "{{ \"abc\".translate({97: \"x\", 98: none}) }}{{ \"ab\".maketrans(\"ab\", \"xy\") }}",
            "xc{97: 120, 98: 121}",
        ),
        (
            "{{ \"é\".encode() }}{{ \"é\".encode().decode() }}{{ \"é\".encode(\"latin-1\").hex() }}",
            "b'\\xc3\\xa9'ée9",
        ),
        (
            "{% set f = \"a\".upper %}{{ f() }}{{ f is callable }}",
            "ATrue",
        ),
    ]);
    check_failures(&[
        ("{{ \"a\".split(\"\") }}", Kind::Other),
        ("{{ \"a\".center(3, \"ab\") }}", Kind::Type),
        ("{{ \"abc\".index(\"z\") }}", Kind::Other),
        ("{{ \",\".join([1]) }}", Kind::Type),
        ("{{ \",\".join(missing) }}", Kind::Undefined),
        ("{{ \"a\".encode(\"nope\") }}", Kind::Other),
        ("{{ \"a\".upper(1) }}", Kind::Type),
        ("{{ \"a\".nope() }}", Kind::Undefined),
        ("{{ \"a\".__len__() }}", Kind::Other),
        ("{{ \"a\".__nope__() }}", Kind::Undefined),
    ]);
}

#[test]
fn formatting_works_as_in_jinja() {
    check(&[]);
    check_failures(&[
        (
            "{{ \"{0}-{x:>4}|{:,}\"[0:8].format(\"a\", x=1) }}{{ \"{a[k]} {b.real}\".format(a={\"k\": 1}, b=2) }}{{ \"{a}\".format_map({\"a\": 1}) }}",
            Kind::Other,
        ),
        ("{{ \"{0.__class__}\".format(1) }}", Kind::Other),
        ("{{ \"{}\".format() }}", Kind::Other),
        ("{{ \"{x}\".format() }}", Kind::Other),
        ("{{ \"{}\".format(missing) }}", Kind::Undefined),
        ("{{ \"{0.zz}\".format({\"x\": 1}) }}", Kind::Undefined),
    ]);
}

#[test]
fn marked_texts_work_as_in_jinja() {
    check(&[(
        "{{ (\"a<b\"|safe).replace(\"a\", \"<\") }}{{ (\"<\"|safe).join([\"<\", \">\"|safe]) }}{{ (\"{}\"|safe).format(\"<\") }}{{ (\"a b\"|safe).split() }}{{ (\"x\"|safe).find(\"x\") }}{{ (\"&lt;\"|safe).unescape() }}",
        "&lt;<b&lt;<>&lt;[Markup('a'), Markup('b')]0<",
    )]);
}

#[test]
fn lists_work_as_in_jinja() {
    check(&[
        (
            "{% set x = [3, 1, 2] %}{{ x.append(4) }}{{ x.sort() }}{{ x.pop() }}{{ x.insert(0, 9) }}{{ x.extend(\"ab\") }}{{ x.remove(1) }}{{ x.reverse() }}{{ x }}",
            "NoneNone4NoneNoneNoneNone['b', 'a', 3, 2, 9]",
        ),
        (
            "{% set x = [\"b\", \"A\"] %}{% set _ = x.sort(reverse=true) %}{{ x }}{{ x.index(\"A\") }}{{ x.count(\"b\") }}{{ x.copy() }}{% set _ = x.clear() %}{{ x }}",
            "['b', 'A']11['b', 'A'][]",
        ),
        ("{{ (1, 2).index(2) }}{{ (1, 1).count(1) }}", "12"),
    ]);
    check_failures(&[
        ("{{ [].pop() }}", Kind::Other),
        ("{{ [1].pop(3) }}", Kind::Other),
        ("{{ [1].remove(2) }}", Kind::Other),
        ("{{ [1].index(2) }}", Kind::Other),
        ("{{ [1].extend(5) }}", Kind::Type),
        ("{{ [1].append() }}", Kind::Type),
        ("{{ (1,).append(1) }}", Kind::Undefined),
    ]);
}

#[test]
fn dictionaries_work_as_in_jinja() {
    check(&[
        (
            "{% set x = {\"a\": 1} %}{{ x.setdefault(\"b\", 2) }}{{ x.update({\"c\": 3}, d=4) }}{{ x.pop(\"a\") }}{{ x.pop(\"zz\", 0) }}{{ x.popitem() }}{{ x }}",
            "2None10('d', 4){'b': 2, 'c': 3}",
        ),
        (
            "{{ d.get(\"b\") }}{{ d.get(\"x\") }}{{ d.get(\"x\", 0) }}{{ d.keys() }}{{ d.items()|list }}{{ d.values()|length }}",
            "1None0dict_keys(['b', 'A'])[('b', 1), ('A', 2)]2",
        ),
        (
            "{{ d.keys() == {\"A\": 0, \"b\": 0}.keys() }}{{ \"b\" in d.keys() }}{{ d.items() is sequence }}{{ {}.keys() or \"e\" }}",
            "TrueTrueFalsee",
        ),
    ]);
    check_failures(&[
        ("{{ {}.pop(\"a\") }}", Kind::Other),
        ("{{ {}.popitem() }}", Kind::Other),
        ("{{ {}.get([]) }}", Kind::Type),
        ("{{ {}.update(5) }}", Kind::Type),
        ("{{ {}.update(missing) }}", Kind::Undefined),
        ("{{ d.keys()[0] }}", Kind::Undefined),
    ]);
}

#[test]
fn numbers_work_as_in_jinja() {
    check(&[(
        "{{ (255).bit_length() }}{{ (0.5).as_integer_ratio() }}{{ (1.5).is_integer() }}{{ (1.5).hex() }}{{ true.real }}{{ (5).denominator }}{{ (258).to_bytes(2, \"big\") }}",
        "8(1, 2)False0x1.8000000000000p+011b'\\x01\\x02'",
    )]);
    check_failures(&[("{{ (5).is_integer() }}", Kind::Undefined)]);
}

#[test]
fn bytes_work_as_in_jinja() {
    check(&[(
        "{% set b = 'aXbXa\\t1'.encode() %}{{ b.count('X'.encode()) }}{{ b.find('b'.encode(), 1) }}\
         {{ b.rfind('X'.encode()) }}{{ b.index('b'.encode()) }}{{ b.rindex('a'.encode()) }}\
         {{ b.startswith('aX'.encode()) }}{{ b.endswith(('1'.encode(), 'z'.encode())) }}\
         {{ b.center(11, '*'.encode()) }}{{ b.ljust(9) }}{{ b.rjust(9) }}{{ b.zfill(9) }}{{ b.expandtabs(4) }}\
         {{ b.strip('a1'.encode()) }}{{ b.lstrip('a'.encode()) }}{{ b.rstrip('1'.encode()) }}\
         {{ b.removeprefix('a'.encode()) }}{{ b.removesuffix('1'.encode()) }}{{ b.partition('X'.encode()) }}\
         {{ b.rpartition('X'.encode()) }}{{ b.title() }}{{ b.isalnum() }}{{ b.find('q'.encode()) }}",
        "22324TrueTrueb'**aXbXa\\t1**'b'aXbXa\\t1  'b'  aXbXa\\t1'b'00aXbXa\\t1'b'aXbXa   1'b'XbXa\\t'b'XbXa\\t1'\
         b'aXbXa\\t'b'XbXa\\t1'b'aXbXa\\t'(b'a', b'X', b'bXa\\t1')(b'aXb', b'X', b'a\\t1')b'Axbxa\\t1'False-1",
    )]);
}
