// The interpreter of chat templates. What is expected here is what Jinja2 3.1 gives, set up as Transformers does.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "io_test_support.h"
#include "vernier/template.h"

namespace vernier {
namespace {

using Json = nlohmann::ordered_json;
using test::expect_error;

const Json& context() {
  static const Json json = Json::parse(R"({
    "n": 7, "f": 2.5, "s": "Hello, World", "u": "straße ÀÉ ﬁ", "lst": [3, 1, 2], "none": null, "yes": true,
    "d": {"b": 1, "a": 2, "items": 5, "B": 3}, "nested": [[1, 2], [3, [4, 5]]], "multi": "l1\nl2\n\nl4",
    "people": [{"name": "Bob", "age": 3, "city": "x"}, {"name": "alice", "age": 10, "city": "Y"},
               {"name": "Carl", "age": 3, "city": "X"}]})");
  return json;
}

std::string render(const std::string& source) {
  try {
    return ChatTemplate(source).render(context()).text;
  } catch (const Error& error) {
    return std::string("error: ") + error.what();
  }
}

struct Case {
  const char* source;
  const char* expected;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(render(c.source), c.expected) << c.source;
}

void check_errors(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    expect_error([&] { ChatTemplate(c.source).render(context()); }, ErrorCode::kInvalidInput, {c.expected}, c.source);
  }
}

// As Jinja2's compiler has it, whatever one would expect.
TEST(Jinja, WhatABlockSetsIsUndefinedThereUntilThen) {
  check({{"{% set s %}[{{ s }}]{% endset %}{{ s }}", "[]"},
         {"{{ s }}{% set s %}[{{ s }}]{% endset %}{{ s }}", "Hello, World[Hello, World]"},
         {"{% for x in lst %}{{ n }}{% endfor %}{% set n = 1 %}{{ n }}", "1"},
         {"{% for x in lst %}{{ n }}{% endfor %}{{ n }}{% set n = 1 %}{{ n }}", "77771"},
         {"{% if yes %}{% set s = s ~ '!' %}{% endif %}{{ s }}", "Hello, World!"},
         {"{% if none %}{% set s = 1 %}{% endif %}{{ s }}", "Hello, World"},
         {"{% for x in lst %}{% set s %}{{ s }}{{ x }}{% endset %}{{ s }}{% endfor %}", "312"},
         {"{{ s }}{% for x in lst %}{% set s %}{{ s|length }}{{ x }}{% endset %}{{ s }}{% endfor %}",
          "Hello, World123121122"},
         {"{% macro m(s) %}{% set n %}{{ n }}{{ s }}{% endset %}{{ n }}{% endmacro %}{{ m(1) }}{{ n }}", "717"}});
}

TEST(Jinja, ALoopLeftBeforeItsBodyEndedTakesTheElseBranch) {
  check({{"{% for x in lst %}{{ x }}{% break %}{% else %}e{% endfor %}", "3e"},
         {"{% for x in lst %}{{ x }}{% continue %}{% else %}e{% endfor %}", "312e"},
         {"{% for x in lst %}{{ x }}{% if x == 1 %}{% break %}{% endif %}{% else %}e{% endfor %}", "31"}});
  check_errors({{"{% filter length %}abc{% endfilter %}", "expected a str"}});
}

TEST(Jinja, Arithmetic) {
  check({{"{{ 1 + 2 * 3 ** 2 - 4 // 3 % 5 }}", "18"},
         {"{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7 / 2 }}", "-4 2 -2 3.5"},
         {"{{ 2 ** -1 }} {{ 2 ** 0.5 }} {{ -2 ** 2 }}", "0.5 1.4142135623730951 4"},
         {"{{ -7.5 % 2 }} {{ 7.5 // 2 }}", "0.5 3.0"},
         {"{{ 1e3 }} {{ 1_000 }} {{ 0x1F }} {{ 1.5e-7 }} {{ 1e16 }} {{ 1e15 }}",
          "1000.0 1000 31 1.5e-07 1e+16 1000000000000000.0"},
         {"{{ 0.1 + 0.2 }} {{ 100.0 }} {{ 1/3 }}", "0.30000000000000004 100.0 0.3333333333333333"},
         {"{{ 'ab' * 2 }}{{ [1] * 2 }}{{ lst + [4] }}", "abab[1, 1][3, 1, 2, 4]"},
         {"{{ 'a' ~ 1 ~ none ~ true ~ 1.0 ~ lst }}", "a1NoneTrue1.0[3, 1, 2]"},
         {"{{ yes + 1 }}", "2"}});
  check_errors({{"{{ 'a' + 1 }}", "can only concatenate str (not \"int\") to str"},
                {"{{ 1 + 'a' }}", "unsupported operand type(s) for +: 'int' and 'str'"},
                {"{{ 1 / 0 }}", "division by zero"}});
}

TEST(Jinja, ComparisonAndLogic) {
  check(
      {{"{{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ 1 == 1.0 }} {{ 1 == true }}", "True False True True"},
       {"{{ 'a' in 'abc' }} {{ 1 in lst }} {{ 'b' in d }} {{ 4 not in lst }}", "True True True True"},
       {"{{ yes and 5 }} {{ 0 or 'x' }} {{ none or 0 }} {{ not '' }}", "5 x 0 True"},
       {"{{ 'a' < 'B' }} {{ [1, 2] < [1, 3] }} {{ (1, 2) == [1, 2] }}", "False True False"},
       {"{{ 1 if yes else 2 }}{{ 1 if not yes }}", "1"},
       {"{{ n is odd and s is string and none is none and d is mapping }}", "True"},
       {"{{ n is not even }} {{ n is divisibleby 7 }} {{ n is in [7] }} {{ 'x' is filter }}", "True True True False"}});
  check_errors({{"{{ none < 1 }}", "'<' not supported between instances of 'NoneType' and 'int'"},
                {"{{ 1 in 'abc' }}", "'in <string>' requires string as left operand, not int"}});
}

TEST(Jinja, UndefinedValues) {
  check({{"[{{ nope }}]", "[]"},
         {"{{ nope is defined }} {{ nope|default('d') }} {{ nope ~ 'x' }} {{ nope|length }}", "False d x 0"},
         {"{{ nope == other }} {{ s.foo is defined }} {{ none.x is defined }}", "True False False"},
         {"{% for x in nope %}a{% else %}b{% endfor %}", "b"},
         {"{{ d.items is callable }} {{ d['items'] }}", "True 5"}});
  check_errors({{"{{ nope.x }}", "'nope' is undefined"},
                {"{{ nope + 1 }}", "'nope' is undefined"},
                {"{{ s.foo.bar }}", "'str object' has no attribute 'foo'"},
                {"{{ lst[9].x }}", "list object has no element 9"},
                {"{{ d.x.y }}", "'dict object' has no attribute 'x'"},
                {"{{ nope() }}", "'nope' is undefined"}});
}

TEST(Jinja, SubscriptsAndSlices) {
  check({{"{{ lst[-1] }}{{ lst[1:] }}{{ lst[::-1] }}{{ lst[5:] }}", "2[1, 2][2, 1, 3][]"},
         {"{{ u[4:7] }}|{{ u[::-1] }}|{{ s[1:5:2] }}|{{ s[-3:] }}", "ße |ﬁ ÉÀ eßarts|el|rld"},
         {"{{ u|length }} {{ u[4] }} {{ nested.1.0 }} {{ range(10)[2:5] }}", "11 ß 3 range(2, 5)"}});
  check_errors(
      {{"{{ lst['a':] }}", "slice indices must be integers"}, {"{{ lst[::0] }}", "slice step cannot be zero"}});
}

TEST(Jinja, TextOfValues) {
  check({{R"({{ ['a\nb', "it's", 'q"', 'é\u200b\x00'] }})", R"(['a\nb', "it's", 'q"', 'é\u200b\x00'])"},
         {"{{ {'a': 1, 2: 'b', none: [1]} }}{{ (1,) }}{{ () }}", "{'a': 1, 2: 'b', None: [1]}(1,)()"},
         {"{{ d.items() }}{{ d.keys() }}",
          "dict_items([('b', 1), ('a', 2), ('items', 5), ('B', 3)])dict_keys(['b', 'a', 'items', 'B'])"},
         {"{{ namespace(a=1) }}{{ range(3) }}", "<Namespace {'a': 1}>range(0, 3)"},
         {"{{ {'é': [1.0, none, '\\u2028/<'], 'e': {}}|tojson }}", "{\"é\": [1.0, null, \"\u2028/<\"], \"e\": {}}"},
         {"{{ {'a': [1, {}]}|tojson(indent=2) }}", "{\n  \"a\": [\n    1,\n    {}\n  ]\n}"},
         {"{{ d|tojson(sort_keys=true, separators=(',', ':')) }}", "{\"B\":3,\"a\":2,\"b\":1,\"items\":5}"},
         {"{{ 'é😀'|tojson(ensure_ascii=true) }}", "\"\\u00e9\\ud83d\\ude00\""}});
}

TEST(Jinja, TextMethods) {
  check({{"{{ u.upper() }}|{{ u.title() }}|{{ u.lower() }}", "STRASSE ÀÉ FI|Straße Àé Fi|straße àé ﬁ"},
         {"{{ 'a,b,c'.split(',', 1) }}{{ ' a  b '.split() }}{{ 'a,b,c'.rsplit(',', 1) }}",
          "['a', 'b,c']['a', 'b']['a,b', 'c']"},
         {"{{ s.replace('l', 'L', 2) }} {{ 'ab'.replace('', '-') }}", "HeLLo, World -a-b-"},
         {"{{ s.find('World') }} {{ s.find('z') }} {{ u.find('ÀÉ') }} {{ s.count('l') }}", "7 -1 7 3"},
         {"{{ s.startswith(('x', 'H')) }} {{ s.endswith('d') }} {{ 'ab'.isalpha() }}", "True True True"},
         {"{{ '  x '.strip() }}{{ 'xxaxx'.strip('x') }}{{ s.partition(', ') }}", "xa('Hello', ', ', 'World')"},
         {"{{ multi.splitlines() }}{{ '-'.join(['a', 'b']) }}", "['l1', 'l2', '', 'l4']a-b"},
         {"{{ 'abcd'.center(7, '*') }} {{ '-42'.zfill(5) }} {{ 'a'.ljust(3, '.') }}", "**abcd* -0042 a.."},
         {"{{ '%s|%5d|%-5s|%.2f|%x' % ('a', 42, 'b', 3.14159, 255) }}", "a|   42|b    |3.14|ff"},
         {"{{ '%(a)s' % {'a': 1} }} {{ '%s'|format(lst) }}", "1 [3, 1, 2]"},
         {"{{ '{} {x} {0[1]:>4}'.format([1, 2], x=3) }}",
          "error: [chat_template line 1] cannot switch from automatic field numbering to manual field specification."},
         {"{{ '{:>5}|{:^7}|{:05d}|{:,}|{:.2f}|{!r}'.format('a', 'b', 42, 1234567, 3.14159, 'c') }}",
          "    a|   b   |00042|1,234,567|3.14|'c'"}});
  check_errors({{"{{ '%d' % 'a' }}", "%d format: a real number is required, not str"},
                {"{{ '%s' % (1, 2) }}", "not all arguments converted during string formatting"},
                {"{{ s.split('') }}", "empty separator"}});
}

TEST(Jinja, Filters) {
  check({{"{{ lst|sort }}{{ lst|sort(reverse=true) }}{{ ['b', 'A']|sort }}", "[1, 2, 3][3, 2, 1]['A', 'b']"},
         {"{{ people|map(attribute='name')|join(', ') }}", "Bob, alice, Carl"},
         {"{{ people|selectattr('age', 'equalto', 3)|map(attribute='name')|list }}", "['Bob', 'Carl']"},
         {"{{ people|rejectattr('age', 'eq', 3)|list|length }}{{ people|sum(attribute='age') }}", "116"},
         {"{% for g, p in people|groupby('city') %}{{ g }}{{ p|length }};{% endfor %}", "x2;Y1;"},
         {"{{ d|dictsort }}", "[('a', 2), ('b', 1), ('B', 3), ('items', 5)]"},
         {"{{ [1, 1, 'a', 'A']|unique|list }}{{ lst|min }}{{ lst|max }}{{ lst|first }}{{ lst|last }}", "[1, 'a']1332"},
         {"{{ [1, 2, 3]|batch(2, 'x')|list }}{{ [1, 2, 3]|slice(2)|list }}", "[[1, 2], [3, 'x']][[1, 2], [3]]"},
         {"{{ '42.9'|int }} {{ 'x'|int(-1) }} {{ '0x1F'|int(base=16) }} {{ '2.5'|float }}", "42 -1 31 2.5"},
         {"{{ 2.5|round }} {{ 42.55|round(1, 'floor') }} {{ -3|abs }}", "2.0 42.5 3"},
         {"{{ multi|indent(2) }}", "l1\n  l2\n\n  l4"},
         {"{{ 'the quick brown fox'|truncate(9) }} {{ 'a b'|urlencode }} {{ '<b>'|e }}", "the... a%20b &lt;b&gt;"},
         {"{{ 'hello world-foo'|title }} {{ 'hELLO'|capitalize }} {{ ''|default('x', true) }}",
          "Hello World-Foo Hello x"},
         {"{{ lst|reverse|list }}{{ 'é1'|list }}{{ s|wordcount }}", "[2, 1, 3]['é', '1']2"},
         {"{{ 'the quick brown-fox'|wordwrap(7) }}", "the\nquick\nbrown-\nfox"},
         // A generator gives its items once, and raises only where they are taken.
         {"{% set g = [1, 2, 3]|select('odd') %}{{ g|list }}{{ g|list }}", "[1, 3][]"},
         {"{% if [none]|map('nope') %}ok{% endif %}", "ok"}});
  check_errors({{"{{ n|foo }}", "No filter named 'foo'."},
                {"{{ n is foo }}", "No test named 'foo'."},
                {"{{ n|length }}", "object of type 'int' has no len()"},
                {"{{ [1, 2]|select('odd')|length }}", "object of type 'generator' has no len()"},
                {"{{ nope|tojson }}", "Object of type Undefined is not JSON serializable"},
                {"{{ ['a']|map('foo')|list }}", "No filter named 'foo'."}});
}

TEST(Jinja, Loops) {
  check({{"{% for x in lst %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ "
          "loop.length }};{% endfor %}",
          "103TrueFalse3;212FalseFalse3;321FalseTrue3;"},
         {"{% for x in lst %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}{{ loop.cycle('a', 'b') }};{% endfor %}",
          "<3>1a;3<1>2b;1<2>a;"},
         {"{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "TrueFalseTrue"},
         {"{% for x in lst if x > 1 %}{{ x }}{{ loop.index }}{{ loop.length }}{% endfor %}", "312222"},
         {"{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}{% for k in d %}{{ k }}{% endfor %}",
          "b1a2items5B3baitemsB"},
         {"{% for x in range(9) %}{% if x == 3 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x "
          "}}{% endfor %}",
          "0124"},
         {"{% for x in [[1, [2]], 3] recursive %}{% if x is iterable %}<{{ loop(x) }}>{% else %}{{ x }}{{ loop.depth "
          "}}{% endif %}{% endfor %}",
          "<12<23>>31"},
         // The condition sees what the body did.
         {"{% set ns = namespace(stop=false) %}{% for x in range(5) if not ns.stop %}{{ x }}{% if x == 2 %}{% set "
          "ns.stop = true %}{% endif %}{% endfor %}",
          "012"},
         {"{% set y = 0 %}{% for x in lst %}{% set y = y + x %}{{ y }},{% endfor %}{{ y }}", "3,1,2,0"},
         {"{% set ns = namespace(y=0) %}{% for x in lst %}{% set ns.y = ns.y + x %}{% endfor %}{{ ns.y }}", "6"}});
  check_errors({{"{% for k, v in [[1]] %}{% endfor %}", "not enough values to unpack (expected 2, got 1)"},
                {"{% for x in n %}{% endfor %}", "'int' object is not iterable"},
                {"{% break %}", "'break' outside loop"},
                {"{% for loop in lst %}{% endfor %}", "Can't assign to special loop variable"}});
}

TEST(Jinja, MacrosAndBlocks) {
  check(
      {{"{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }}|{{ m(b=5, a=4) }}|{{ m() }}", "1-2|4-5|-2"},
       {"{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, k=4) }}", "(2,){'k': 4}"},
       {"{% macro m(a) %}[{{ caller(a) }}]{% endmacro %}{% call(x) m(5) %}{{ x }}{{ n }}{% endcall %}", "[57]"},
       {"{% macro f(n) %}{% if n <= 1 %}1{% else %}{{ n * f(n - 1)|int }}{% endif %}{% endmacro %}{{ f(10) }}",
        "3628800"},
       {"{% macro m() %}{{ outer }}{% endmacro %}{% set outer = 5 %}{{ m() }}", "5"},
       {"{% set x | replace('l', 'L') | upper %}hello{% endset %}[{{ x }}]", "[HELLO]"},
       {"{% filter upper %}abc {{ n }}{% endfilter %}", "ABC 7"},
       {"{% set a = 5 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}", "155"},
       {"{% if yes %}{% set z = 1 %}{% endif %}{{ z }}{% generation %}{% set z = 2 %}{% endgeneration %}{{ z }}", "11"},
       {"{% block a %}{{ n }}{% endblock %}{% set j = joiner('|') %}{{ j() }}{{ j() }}", "7|"}});
  check_errors({{"{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "macro 'm' takes not more than 1 argument(s)"},
                {"{% macro m(a) %}{% endmacro %}{{ m(1, k=2) }}", "macro 'm' takes no keyword argument 'k'"},
                {"{% set d.y = 1 %}", "cannot assign attribute on non-namespace object"}});
}

TEST(Jinja, WhiteSpace) {
  check({{"  {% if yes %}  \n  a\n  {% endif %}\n b", "  \n  a\n b"},
         {"a  {%- if yes -%}  b  {%- endif -%}  c", "abc"},
         {"a\n  {%+ if yes %}b{% endif +%}\nc", "a\n  b\nc"},
         {"a\n\n{% if yes %}\n\nb\n\n{% endif %}\n\nc\n\n", "a\n\n\nb\n\n\nc\n"},
         {"{# c #}\n a {#- c -#} b\n  {# x #}\nc", " ab\nc"},
         {"a {%- raw -%} {{ x }} {%- endraw -%} b", "a{{ x }}b"},
         {"\r\nline\r\n{{ n }}\r\n", "\nline\n7"},
         {"{{ '{{' }} {{ \"}}\" }} { { n } }", "{{ }} { { n } }"}});
}

TEST(Jinja, SyntaxErrorsNameTheLine) {
  check_errors({{"a\n{% if yes %}",
                 "[chat_template line 2] Unexpected end of template. Jinja was looking for the following tags: 'elif' "
                 "or 'else' or 'endif'. The innermost block that needs to be closed is 'if'."},
                {"{% foo %}", "Encountered unknown tag 'foo'."},
                {"{{ n", "unexpected end of template, expected 'end of print statement'."},
                {"{{ 'abc }}", "unexpected char \"'\" at 3"},
                {"{{ 1 2 }}", "expected token 'end of print statement', got 'integer'"},
                {"{{ [1) }}", "unexpected ')', expected ']'"},
                {"{% set 1 = 2 %}", "can't assign to"},
                {"{# abc", "Missing end of comment tag"},
                {"\n\n{{ nope.x }}", "[chat_template line 3]"},
                {"{% include 'x' %}", "not supported"}});
}

TEST(Jinja, TheSandboxHolds) {
  check_errors({{"{{ lst.append(1) }}", "access to attribute 'append' of 'list' object is unsafe."},
                {"{{ d.update({}) }}", "access to attribute 'update' of 'dict' object is unsafe."},
                {"{{ ''.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe."},
                {"{{ '{0.__class__.x}'.format(1) }}", "is unsafe."},
                {"{{ range(100001) }}", "Range too big"}});
}

// Whatever a template does, it ends soon, with an error that says why.
TEST(Jinja, LimitsAreErrorsThatSaySo) {
  std::string deep = "x";
  for (int i = 0; i < 100000; ++i) deep = "(" + deep;
  std::string sum = "1";
  for (int i = 0; i < 100000; ++i) sum += "+1";
  const std::pair<const char*, std::string> cases[] = {
      {"steps", "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}"},
      {"values", "{% set ns = namespace(x='a') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}"},
      {"values", "{{ 'abc' * 9999999999 }}"},
      {"values", "{{ [1] * 9223372036854775807 }}"},
      {"values", "{{ 'a'.center(9223372036854775807) }}"},
      {"output", "{% set x = 'a' * 1000000 %}{% for i in range(1000) %}{{ x }}{% endfor %}"},
      {"recursion", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"},
      {"recursion", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"},
      {"nesting",
       "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}"},
      {"itself", "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}"},
      {"doubling",
       "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}"},
      {"comparing",
       "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = "
       "[ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}"},
      {"searching",
       "{% set x = 'a' * 1000000 %}{% set y = 'a' * 500000 + 'b' %}{% for i in range(99999) %}{{ y in x }}{% endfor "
       "%}"},
      {"power", "{{ 9 ** 99 }}"},
      {"padding", "{{ '%99999999999s' % 1 }}"},
      {"brackets", "{{ " + deep},
      {"chain", "{{ " + sum + " }}"},
      {"blocks",
       [] {
         std::string text;
         for (int i = 0; i < 100000; ++i) text += "{% if yes %}";
         return text;
       }()},
  };
  for (const auto& [name, source] : cases) {
    const auto start = std::chrono::steady_clock::now();
    expect_error([&source = source] { ChatTemplate(source).render(context()); }, ErrorCode::kInvalidInput,
                 {"limit reached"}, name);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_LT(seconds, 60.0) << name;
  }
}

TEST(Jinja, ValuesThatReferToThemselvesAreFreed) {
  check({{"{% set ns = namespace() %}{% set ns.me = ns %}{% macro m() %}{% endmacro %}{% set ns.m = m %}ok", "ok"},
         {"{% set ns = namespace() %}{% for x in lst %}{% set ns.loop = loop %}{% macro k() %}{{ x }}{% endmacro %}{% "
          "set ns.k = k %}{% endfor %}{{ ns.k() }}",
          "2"},
         {"{% set ns = namespace() %}{% for i in range(20000) %}{% set ns.x = namespace(prev=ns.x) %}{% endfor %}ok",
          "ok"}});
}

}  // namespace
}  // namespace vernier
