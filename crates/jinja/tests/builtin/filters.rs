//! Filters: texts and kinds of failure as Jinja2 3.1 gives them.

use crate::table::{check, check_failures};
use jinja::Kind;

#[test]
fn choosing_and_finding_work_as_in_jinja() {
    check(&[
        (
            "{{ missing|default(\"x\") }}{{ \"\"|default(\"y\", true) }}{{ none|d(\"z\") }}",
            "xyNone",
        ),
        (
            "{{ l|first }}{{ s|last }}{{ d|first }}{{ el|first is undefined }}",
            "3bbTrue",
        ),
        (
            "{{ s|attr(\"upper\") is callable }}{{ d|attr(\"b\")|default(\"none\") }}",
            "Truenone",
        ),
    ]);
    check_failures(&[
        ("{{ el|first }}", Kind::Undefined),
        ("{{ el|random }}", Kind::Undefined),
        ("{{ l|map(\"string\")|last }}", Kind::Type),
        ("{{ s|attr(\"__class__\") }}", Kind::Other),
        ("{{ missing|attr(\"x\") }}", Kind::Undefined),
        ("{{ 5|length }}", Kind::Type),
    ]);
}

#[test]
fn sequences_work_as_in_jinja() {
    check(&[
        (
            "{{ [1,2,3]|batch(2, 0)|list }}{{ [1]|batch(0)|list }}",
            "[[1, 2], [3, 0]][[], [1]]",
        ),
        (
            "{{ [1,2,3,4,5]|slice(3, \"x\")|list }}",
            "[[1, 2], [3, 4], [5, 'x']]",
        ),
        ("{{ l|reverse|list }}{{ \"abc\"|reverse }}", "[2, 1, 3]cba"),
        (
            "{{ d|items|list }}{{ missing|items|list }}",
            "[('b', 1), ('A', 2)][]",
        ),
        (
            "{{ l|join(\"-\") }}{{ dl|join(\",\", attribute=\"n\") }}",
            "3-1-2b,A,a",
        ),
        (
            "{% set m = l|map(\"string\") %}{{ m|list }}{{ m|list }}",
            "['3', '1', '2'][]",
        ),
    ]);
    check_failures(&[
        ("{{ [1]|slice(0)|list }}", Kind::Other),
        ("{{ 5|reverse }}", Kind::Other),
        ("{{ 5|items|list }}", Kind::Type),
        ("{{ l|map(\"string\")|length }}", Kind::Type),
    ]);
}

#[test]
fn ordering_works_as_in_jinja() {
    check(&[
        (
            "{{ [\"b\",\"A\",\"c\"]|sort }}{{ [\"b\",\"A\",\"c\"]|sort(case_sensitive=true) }}{{ l|sort(true) }}",
            "['A', 'b', 'c']['A', 'b', 'c'][3, 2, 1]",
        ),
        (
            "{{ dl|sort(attribute=\"n,v\")|map(attribute=\"v\")|list }}",
            "[2, 2.5, 1]",
        ),
        ("{{ [none, none]|sort }}", "[None, None]"),
        (
            "{{ d|dictsort }}{{ d|dictsort(true) }}{{ d|dictsort(false, \"value\", true) }}",
            "[('A', 2), ('b', 1)][('A', 2), ('b', 1)][('A', 2), ('b', 1)]",
        ),
        (
            "{{ l|min }}{{ dl|max(attribute=\"v\") }}{{ [\"B\",\"a\"]|min }}",
            "1{'n': 'a', 'v': 2.5}a",
        ),
        (
            "{{ [\"a\",\"A\",1,1.0,true]|unique|list }}{{ dl|unique(attribute=\"n\")|list|length }}",
            "['a', 1]2",
        ),
    ]);
    check_failures(&[
        ("{{ [1,\"a\"]|sort }}", Kind::Type),
        ("{{ [none, 1]|sort }}", Kind::Type),
        ("{{ d|dictsort(by=\"x\") }}", Kind::Other),
        ("{{ l|dictsort }}", Kind::Other),
        ("{{ el|max }}", Kind::Undefined),
        ("{{ [[]]|unique|list }}", Kind::Type),
    ]);
}

#[test]
fn grouping_works_as_in_jinja() {
    check(&[
        (
            "{{ dl|groupby(\"n\") }}",
            "[('A', [{'n': 'A', 'v': 2}, {'n': 'a', 'v': 2.5}]), ('b', [{'n': 'b', 'v': 1}])]",
        ),
        (
            "{% for g in dl|groupby(\"n\") %}{{ g.grouper }}{{ g.list|length }}{{ g[0] }};{% endfor %}",
            "A2A;b1b;",
        ),
        (
            "{{ dl|groupby(\"x\", default=0) }}",
            "[(0, [{'n': 'b', 'v': 1}, {'n': 'A', 'v': 2}, {'n': 'a', 'v': 2.5}])]",
        ),
        (
            "{{ l|sum }}{{ dl|sum(attribute=\"v\") }}{{ el|sum(start=5) }}{{ [[1],[2]]|sum(start=[]) }}",
            "65.55[1, 2]",
        ),
    ]);
    check_failures(&[
        ("{{ [\"a\"]|sum }}", Kind::Type),
        ("{{ l|sum(start=\"\") }}", Kind::Type),
    ]);
}

#[test]
fn mapping_works_as_in_jinja() {
    check(&[
        (
            "{{ dl|map(attribute=\"n\")|join }}{{ dl|map(attribute=\"x\", default=\"-\")|join }}{{ [\"a\"]|map(\"replace\", \"a\", \"b\")|list }}",
            "bAa---['b']",
        ),
        (
            "{{ l|select(\"odd\")|list }}{{ l|reject(\"odd\")|list }}{{ [0,1,\"\"]|select|list }}",
            "[3, 1][2][1]",
        ),
        (
            "{{ dl|selectattr(\"v\", \"gt\", 1)|map(attribute=\"n\")|list }}{{ dl|rejectattr(\"x\", \"defined\")|list|length }}",
            "['A', 'a']3",
        ),
    ]);
    check_failures(&[
        ("{{ l|map|list }}", Kind::Other),
        ("{{ l|map(\"nosuch\")|list }}", Kind::UnknownFunction),
        ("{{ l|map(attribute=\"x\", y=1)|list }}", Kind::Other),
        ("{{ dl|selectattr|list }}", Kind::Other),
        ("{{ dl|selectattr(\"x\")|list }}", Kind::Undefined),
    ]);
}

#[test]
fn numbers_work_as_in_jinja() {
    check(&[
        (
            "{{ \"42.9\"|int }} {{ \"0x1F\"|int(0, 16) }} {{ \"x\"|int(7) }} {{ none|int }} {{ \"1_0\"|int }} {{ 1e20|int }} {{ \"inf\"|int }}",
            "42 31 7 0 10 100000000000000000000 0",
        ),
        (
            "{{ \"1e3\"|float }} {{ \"x\"|float }} {{ \"nan\"|float }} {{ []|float(1) }}",
            "1000.0 0.0 nan 1",
        ),
        (
            "{{ 2.5|round }} {{ 2.675|round(2) }} {{ 1250|round(-2) }} {{ 42.55|round(1, \"floor\") }} {{ 5|round(0, \"ceil\") }} {{ 2.5|round(none) }}",
            "2.0 2.67 1200 42.5 5.0 2",
        ),
        ("{{ -3|abs }} {{ true|abs }}", "3 1"),
        (
            "{{ 1|filesizeformat }} {{ 1500000|filesizeformat }} {{ 1024|filesizeformat(true) }} {{ \"0.5\"|filesizeformat }} {{ 1e30|filesizeformat }}",
            "1 Byte 1.5 MB 1.0 KiB 0 Bytes 1000000.0 YB",
        ),
    ]);
    check_failures(&[
        ("{{ (1e308*10)|int }}", Kind::Other),
        ("{{ missing|int }}", Kind::Undefined),
        ("{{ \"a\"|round }}", Kind::Type),
        ("{{ 1|round(0, \"up\") }}", Kind::Other),
        ("{{ \"a\"|abs }}", Kind::Type),
        ("{{ missing|abs }}", Kind::Type),
        ("{{ \"x\"|filesizeformat }}", Kind::Other),
    ]);
}

#[test]
fn texts_work_as_in_jinja() {
    check(&[
        (
            "{{ \"hello wORLD-foo (bar)\"|title }}|{{ \"éA\"|capitalize }}|{{ none|upper }}|{{ \"ß\"|upper }}",
            "Hello World-Foo (Bar)|Éa|NONE|SS",
        ),
        (
            "{{ \"ab\"|center(7) }}|{{ \"  x \"|trim }}|{{ \"xxaxx\"|trim(\"x\") }}|{{ \"it's 2 words_here\"|wordcount }}",
            "   ab  |x|a|4",
        ),
        (
            "{{ \"aaa\"|replace(\"a\", \"b\", 2) }}{{ 121|replace(1, \"x\") }}",
            "bbax2x",
        ),
        (
            "{{ nl|indent(2) }}|{{ nl|indent(\"> \", true, true) }}",
            "a\n  b\n\n  c|> a\n> b\n> \n> c",
        ),
        (
            "{{ \"the quick brown fox\"|truncate(10) }}|{{ \"the quick brown fox\"|truncate(10, true) }}|{{ \"the quick brown\"|truncate(11) }}|{{ \"abc def\"|truncate(3, leeway=0, end=\"\") }}",
            "the...|the qui...|the quick brown|abc",
        ),
        ("{{ l|truncate }}", "[3, 1, 2]"),
        (
            "{{ \"%s-%03d\"|format(\"a\", 7) }}{{ \"%(k)s\"|format(k=1) }}",
            "a-0071",
        ),
    ]);
    check_failures(&[
        ("{{ 5|indent }}", Kind::Type),
        ("{{ l|indent }}", Kind::Other),
        ("{{ \"abc\"|truncate(1) }}", Kind::Other),
        ("{{ \"%s\"|format(1, a=2) }}", Kind::Other),
        ("{{ \"%s %s\"|format(1) }}", Kind::Type),
    ]);
}

#[test]
fn wrapping_works_as_in_jinja() {
    check(&[
        (
            "{{ \"well-known state-of-the-art x--y a-b ab-cd -x-y\"|wordwrap(6) }}",
            "well-\nknown\nstate-\nof-\nthe-\nart x\n--y\na-b\nab-cd\n-x-y",
        ),
        (
            "{{ \"abc defghijklmnop-qrst uvw\"|wordwrap(5) }}",
            "abc d\nefghi\njklmn\nop-\nqrst\nuvw",
        ),
        (
            "{{ \"abc defghijkl\"|wordwrap(5, false, \"|\") }}",
            "abc|defghijkl",
        ),
        (
            "{{ \"a\tb   c  d\n\n  lead   trail   \"|wordwrap(4) }}",
            "a\tb\nc  d\n\nlead\ntrai\nl",
        ),
    ]);
    check_failures(&[
        ("{{ \"x\"|wordwrap(0) }}", Kind::Other),
        ("{{ 5|wordwrap }}", Kind::Other),
    ]);
}

#[test]
fn html_works_as_in_jinja() {
    check(&[
        (
            "{{ html|e }}|{{ html|e|e }}|{{ html|e|forceescape }}|{{ html|safe }}",
            "&lt;b&gt;&#34;&amp;&#39;&lt;/b&gt;|&lt;b&gt;&#34;&amp;&#39;&lt;/b&gt;|&amp;lt;b&amp;gt;&amp;#34;&amp;amp;&amp;#39;&amp;lt;/b&amp;gt;|<b>\"&'</b>",
        ),
        (
            "{{ (\"<b>\"|e) + \"<i>\" }}{{ \"<i>\" ~ (\"<b>\"|e) }}{{ [\"<\", \"&\"|safe]|join(\"<\") }}",
            "&lt;b&gt;&lt;i&gt;<i>&lt;b&gt;<<&",
        ),
        (
            "{{ \"<p>a <b>b</b>\n c</p><!-- x -->&amp;copy; &copy &#65;\"|striptags }}",
            "a b c&copy; © A",
        ),
        (
            "{{ {\"k\": \"<\", \"n\": none, \"z\": missing}|xmlattr }}|{{ {\"k\": 1}|xmlattr(false) }}",
            " k=\"&lt;\"|k=\"1\"",
        ),
        (
            "{{ \"a b/é?&\"|urlencode }} {{ {\"a b\": \"c/d\"}|urlencode }} {{ [(\"x\", 1)]|urlencode }}",
            "a%20b/%C3%A9%3F%26 a+b=c%2Fd x=1",
        ),
        (
            "{{ d|tojson }} {{ html|tojson }} {{ [1.0, none, \"é\"]|tojson }} {{ {\"a\": [1]}|tojson(2) }}",
            "{\"A\": 2, \"b\": 1} \"\\u003cb\\u003e\\\"\\u0026\\u0027\\u003c/b\\u003e\" [1.0, null, \"\\u00e9\"] {\n  \"a\": [\n    1\n  ]\n}",
        ),
        (
            "{% autoescape true %}{{ html }}{{ html|safe }}{{ html|replace(\"b\", \"<\") }}{{ [\"<\", html|safe]|join(\"<\") }}{{ {\"k\": 1}|xmlattr }}{% endautoescape %}",
            "&lt;b&gt;&#34;&amp;&#39;&lt;/b&gt;<b>\"&'</b>&lt;&lt;&gt;&#34;&amp;&#39;&lt;/&lt;&gt;&lt;&lt;<b>\"&'</b> k=\"1\"",
        ),
    ]);
    check_failures(&[
        ("{{ {\"a b\": 1}|xmlattr }}", Kind::Other),
        ("{{ l|xmlattr }}", Kind::Other),
        ("{{ [1]|urlencode }}", Kind::Type),
        ("{{ missing|tojson }}", Kind::Type),
    ]);
}

#[test]
fn links_work_as_in_jinja() {
    check(&[
        (
            "{{ \"see http://a.com, https://b.org/x_(y). www.c.net! mailto:d@e.fr f@g.hi <http://h.io> (i.com) ftp://j.com k.museum x.edu/y http://1.2.3.4:80/ http://localhost @c@d.e http://[::1]/\"|urlize }}",
            "see <a href=\"http://a.com\" rel=\"noopener\">http://a.com</a>, <a href=\"https://b.org/x_(y)\" rel=\"noopener\">https://b.org/x_(y)</a>. www.c.net! <a href=\"mailto:d@e.fr\">d@e.fr</a> <a href=\"mailto:f@g.hi\">f@g.hi</a> &lt;<a href=\"http://h.io\" rel=\"noopener\">http://h.io</a>&gt; (i.com) ftp://j.com k.museum x.edu/y <a href=\"http://1.2.3.4:80/\" rel=\"noopener\">http://1.2.3.4:80/</a> <a href=\"http://localhost\" rel=\"noopener\">http://localhost</a> @c@d.e <a href=\"http://[::1]/\" rel=\"noopener\">http://[::1]/</a>",
        ),
        (
            "{{ \"tel:+1 http://example.com/averylongpath\"|urlize(15, true, \"_top\", \"me\", [\"tel:\"]) }}",
            "<a href=\"tel:+1\" rel=\"me nofollow noopener\" target=\"_top\">tel:+1</a> <a href=\"http://example.com/averylongpath\" rel=\"me nofollow noopener\" target=\"_top\">http://example....</a>",
        ),
    ]);
    check_failures(&[("{{ \"x\"|urlize(extra_schemes=[\"x\"]) }}", Kind::Other)]);
}

#[test]
fn pretty_works_as_in_jinja() {
    check(&[
        (
            "{{ {\"b\": \"x\"*60, \"a\": [1, {\"z\": 1, \"y\": \"w\"*40}], \"c\": (\"p\"*30, \"q\"*30, \"r\"*30)}|pprint }}",
            "{'a': [1, {'y': 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww', 'z': 1}],\n 'b': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',\n 'c': ('pppppppppppppppppppppppppppppp',\n       'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq',\n       'rrrrrrrrrrrrrrrrrrrrrrrrrrrrrr')}",
        ),
        (
            "{{ (\"word \"*40)|pprint }}",
            "('word word word word word word word word word word word word word word word '\n 'word word word word word word word word word word word word word word word '\n 'word word word word word word word word word word ')",
        ),
        (
            "{{ {\"k\": \"word \"*30}|pprint }}",
            "{'k': 'word word word word word word word word word word word word word word '\n      'word word word word word word word word word word word word word word '\n      'word word '}",
        ),
        (
            "{{ \"short\"|pprint }}{{ ()|pprint }}{{ (1,)|pprint }}",
            "'short'()(1,)",
        ),
        (
            "{{ (\"word \"*30).encode()|pprint }}",
            "(b'word word word word word word word word word word word word word word word w'\n b'ord word word word word word word word word word word word word word word ')",
        ),
    ]);
}

#[test]
fn formatting_asks_something_of_an_undefined_value_or_nothing() {
    check(&[(
        "{{ 'a' % nosuch }}{{ '%%' % nosuch }}{{ '%r' % nosuch }}",
        "a%Undefined",
    )]);
    check_failures(&[
        ("{{ '%s' % nosuch }}", Kind::Undefined),
        ("{{ '%d' % nosuch }}", Kind::Undefined),
        ("{{ '%(a)s' % nosuch }}", Kind::Undefined),
        ("{{ '%s %s' % nosuch }}", Kind::Undefined),
        ("{{ 1 if 'ab' >= '%s' % nosuch }}", Kind::Undefined),
    ]);
}
