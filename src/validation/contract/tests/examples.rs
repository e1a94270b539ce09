//! Examples of replies: whether they are JSON, decode, and have no fields of their own.

use insta::assert_snapshot;

use super::*;

#[track_caller]
fn is_fine(step: StepName, text: &str) {
    assert_eq!(of_part(step, text), "", "{text}");
}

const GOOD: &str = r#"{"content": "x", "metadata": [], "confidence": 0.5}"#;

#[test]
fn good_examples_are_found_no_fault_with_wherever_they_stand() {
    for before in
        ["", "  ", "- ", "3. ", "> ", "> - ", "Output: ", "**Reply:** ", "`", "```json\n", "~~~\n", "```\n"]
    {
        is_fine(Process, &format!("{before}{GOOD}"));
    }
    is_fine(
        Process,
        "```json\n{\n  \"content\": \"é {\",\n\n  \"metadata\": {},\n  \"confidence\": 1\n}\n```",
    );
}

#[test]
fn an_example_that_isnt_json_is_told_where_it_breaks() {
    assert_snapshot!(of_part(Process, r#"{"content": "é", "metadata": [], "confidence": 0.5,}"#), @r"
    1:51:1 ‹,› the example isn't JSON: trailing comma [example-syntax]
        drop the comma
    ");
    assert_snapshot!(of_part(Process, "1. {\n  \"content\": \"é\"\n  \"metadata\": []\n}"), @r#"
    3:3:1 ‹"› the example isn't JSON: a comma is missing [example-syntax]
        put a comma before it
    "#);
    assert_snapshot!(of_part(Process, "é `{\"content\": \"é\", \"metadata\": [], \"confidence\": high}`"), @r"
    1:51:4 ‹high› the example isn't JSON: a value is missing or isn't one [example-syntax]
        write one sample value, with text in quotation marks
    ");
    assert_snapshot!(of_part(Process, "```json\n{content: \"x\"}\n```"), @r"
    2:2:7 ‹content› the example isn't JSON: a field's name isn't in quotes [example-syntax]
        put names between double quotes
    ");
    assert_snapshot!(of_part(Process, "Output: {\"content\": \"x\", \"metadata\": [\n\nIts last character is `}`."), @r"
    1:39:0 ‹› the example isn't JSON: it ends in the middle [example-syntax]
        close it with }
    ");
    assert_snapshot!(of_part(Process, "{\"content\": \"x\", …}\n{\"content\": \"y\", // the text\n}"), @r"
    1:18:1 ‹…› the example isn't JSON: an ellipsis stands for something [example-syntax]
        write the example out
    2:18:1 ‹/› the example isn't JSON: JSON has no comments [example-syntax]
        say it outside of the example
    ");
    assert_snapshot!(of_part(Synthesize, "The draft is like this:\n\n{\"content\": \"x\" \"confidence\": 1}\n"), @r#"
    3:17:1 ‹"› the example isn't JSON: a comma is missing [example-syntax]
        put a comma before it
    "#);
}

#[test]
fn an_example_of_something_else_need_not_be_json() {
    is_fine(Process, "{\"name\": \"x\",}\n\n`{\"a\": }`\n\n```js\n{\"content\": x}\n```");
    is_fine(Process, "Begin with `{\"content\":` and end with `}`.");
    is_fine(Process, "Text with {\"content\": \"x\",} in the middle.");
    is_fine(Process, "Wrong:\n\n{\"content\": \"x\",}");
    is_fine(Process, "## Don't\n```json\n{\"content\": \"x\",}\n```\nNever like this: `{\"content\": }`");
}

#[test]
fn an_example_in_the_syntax_of_another_language_is_told_at_its_first_key() {
    assert_snapshot!(of_part(Process, "{'content': 'é', 'metadata': [], 'confidence': 0.5}"), @r"
    1:2:9 ‹'content'› the example isn't JSON: single quotes [example-syntax]
        put names between double quotes
    ");
    assert_snapshot!(of_part(Process, "Output: {\n  content: \"x\",\n  metadata: [],\n  confidence: 0.5\n}"), @r"
    2:3:7 ‹content› the example isn't JSON: a field's name isn't in quotes [example-syntax]
        put names between double quotes
    ");
    assert_snapshot!(of_part(Process, "{“content”: “x”, “metadata”: [], “confidence”: 0.5}"), @r"
    1:2:9 ‹“content”› the example isn't JSON: curly quotes [example-syntax]
        put names between double quotes
    ");
    assert_snapshot!(of_part(Process, "`{'content': 'x', 'confidence': 1}`\n{\"content\": “x”, \"metadata\": []}"), @r"
    1:3:9 ‹'content'› the example isn't JSON: single quotes [example-syntax]
        put names between double quotes
    2:13:1 ‹“› the example isn't JSON: curly quotes [example-syntax]
        use straight double quotes
    ");
    is_fine(
        Process,
        "{content: \"x\"}\n{'content': 'x', 'id': 1}\n{name: x, content: y}\n{content, metadata}",
    );
}

#[test]
fn types_in_place_of_values_are_no_mistake() {
    for types in [
        "{ \"final_text\": string, \"formatting\": string }",
        "{\n  \"final_text\": string, // the text\n  \"formatting\": string[] | null,\n}",
        "{ final_text: string; formatting: \"list\" | object }",
        "`{'final_text': [string], 'formatting': Array}`",
        "```json\n{\"final_text\": string, \"formatting\": list}\n```",
    ] {
        is_fine(Synthesize, types);
        is_fine(Synthesize, &format!("{types}\n\nA record:\n\n{{\"customer\": 7}}"));
    }
    is_fine(Synthesize, "{\"content\": string, \"confidence\": number}");
    assert_snapshot!(of_part(Synthesize, "{ \"final_text\": words, \"formatting\": \"string\" }"), @r"
    1:17:5 ‹words› the example isn't JSON: a value is missing or isn't one [example-syntax]
        write one sample value, with text in quotation marks
    ");
}

#[test]
fn data_that_shares_a_name_with_the_reply_is_no_example_of_it() {
    for data in [
        r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}"#,
        r#"{"name": "x", "version": "1.0.0", "metadata": {}}"#,
        r#"{"id": 1, "title": "x", "content": "y"}"#,
        r#"{"level": "info", "msg": "x", "context": {"a": 1}}"#,
        r#"{"intent": "greet", "score": 0.9}"#,
        "[\n  {\"title\": \"x\", \"content\": \"y\"},\n  {\"title\": \"z\", \"content\": \"y\"}\n]",
        r#"{"id": 1, "content": "y",}"#,
        "{\n  \"intent\": \"x\",\n  \"score\": 0.9,\n}",
        "```json\n{id: 1, content: \"y\"}\n```",
    ] {
        is_fine(Process, data);
    }
    is_fine(Analyze, r#"{"level": "info", "msg": "x", "context": {"a": 1}}"#);
    is_fine(Analyze, r#"{"intent": "greet", "score": 0.9}"#);
}

#[test]
fn a_field_alone_or_two_among_others_are_an_example() {
    assert_snapshot!(of_part(Process, "{\"content\": 1}"), @r"
    1:1:1 ‹{› the example isn't what process returns: `metadata` and `confidence` are missing [example-mismatch]
        add `metadata`: How the draft was made: approach, assumptions, gaps; `confidence`: How sure you are of the content, from 0.0 to 1.0
    1:13:1 ‹1› the example isn't what process returns: `content` must be a string, not a number [example-mismatch]
        `content`: The draft: the answer's whole substance
    ");
    assert_snapshot!(of_part(Process, "{\"id\": 1, \"content\": \"x\", \"confidense\": 1, \"metadata\": []}"), @r#"
    1:27:12 ‹"confidense"› the example isn't what process returns: `confidence` is missing [example-mismatch]
        did you mean `confidence`?
    1:2:4 ‹"id"› process doesn't return a field `id` [undeclared-field]
        declare it under [fields]: id = "number"
    "#);
    assert_snapshot!(found(Process, "+++\n[fields]\nrisk = 'string'\n+++\nmetadata confidence\n{\"id\": 1, \"content\": \"x\", \"risk\": \"y\",}"), @r"
    6:38:1 ‹,› the example isn't JSON: trailing comma [example-syntax]
        drop the comma
    ");
}

#[test]
fn tags_dont_make_an_example_fail() {
    is_fine(
        Process,
        "{# {\"content\": } #}{\"content\": \"a {{ tone | default('\"') }}\", \"metadata\": {{ m | default('[]') }}, \"confidence\": {{ c | default(0.5) }}}",
    );
    is_fine(
        Process,
        "{\"content\": \"x\", \"metadata\": [], {# sure #}\"confidence\": {% if step %}0.5{% else %}1{% endif %}}",
    );
    is_fine(
        Process,
        "{\"content\": \"x\", \"metadata\": [{% for i in [1] %}{{ i }},{% endfor %}], \"confidence\": 1}",
    );
    is_fine(Process, "{\"content\": \"x\", \"metadata\": []{{ rest | default('') }}}");
    is_fine(Process, "{\"content\": \"x\", \"metadata\": [], \"{{ name | default('confidence') }}\": 1}");
    is_fine(Process, "{% raw %}{\"content\": \"{{ x }}\", \"metadata\": [], \"confidence\": 1}{% endraw %}");
}

#[test]
fn round_tags_the_rest_is_checked() {
    assert_snapshot!(of_part(Process, "{\"content\": \"{{ step }}é\", \"metadata\": [],, \"confidence\": 1}"), @r"
    1:43:1 ‹,› the example isn't JSON: one comma too many [example-syntax]
        drop the comma
    ");
    assert_snapshot!(of_part(Process, "{\"content\": {{ step }}, \"metadata\": 1}"), @r#"
    1:1:1 ‹{› the example isn't what process returns: `confidence` is missing [example-mismatch]
        add `confidence`: How sure you are of the content, from 0.0 to 1.0
    1:37:1 ‹1› the example isn't what process returns: `metadata` must be a list of {"key", "value"}, not a number [example-mismatch]
        `metadata`: How the draft was made: approach, assumptions, gaps
    "#);
}

#[test]
fn an_example_must_decode_as_the_steps_reply() {
    assert_snapshot!(of_part(Process, r#"{"content": "é", "metadata": [], "confidence": "high"}"#), @r#"
    1:48:6 ‹"high"› the example isn't what process returns: `confidence` must be a number, not a string [example-mismatch]
        `confidence`: How sure you are of the content, from 0.0 to 1.0
    "#);
    assert_snapshot!(of_part(Process, "{\n  \"content\": \"é\",\n  \"metadata\": []\n}"), @r"
    1:1:1 ‹{› the example isn't what process returns: `confidence` is missing [example-mismatch]
        add `confidence`: How sure you are of the content, from 0.0 to 1.0
    ");
    assert_snapshot!(of_part(Process, r#"{"content": 1, "metadata": "none", "confidence": 7}"#), @r#"
    1:13:1 ‹1› the example isn't what process returns: `content` must be a string, not a number [example-mismatch]
        `content`: The draft: the answer's whole substance
    1:28:6 ‹"none"› the example isn't what process returns: `metadata` must be a list of {"key", "value"}, not a string [example-mismatch]
        `metadata`: How the draft was made: approach, assumptions, gaps
    "#);
    assert_snapshot!(of_part(Process, r#"{"contant": "é", "metadata": [], "confidence": 1}"#), @r#"
    1:2:9 ‹"contant"› the example isn't what process returns: `content` is missing [example-mismatch]
        did you mean `content`?
    "#);
    assert_snapshot!(of_part(Analyze, r#"{"intent": "", "key_entities": [1], "complexity": "hard", "context": [{"k": 1}]}"#), @r#"
    1:32:3 ‹[1]› the example isn't what analyze returns: `key_entities` must hold only strings [example-mismatch]
        `key_entities`: What the request is about, most important first
    1:70:10 ‹[{"k": 1}]› the example isn't what analyze returns: each entry of `context` must be {"key": string, "value": …} [example-mismatch]
        `context`: What else the next step should know
    1:51:6 ‹"hard"› the example isn't what analyze returns: `complexity` must be simple, moderate or complex, not "hard" [example-mismatch]
        several are written as simple|moderate|complex
    "#);
    assert_snapshot!(found(Process, "+++\n[fields]\nrisk = 'number'\n+++\n{\"content\": \"\", \"metadata\": [], \"confidence\": 1, \"risk\": \"x\"}"), @r#"
    5:58:3 ‹"x"› the example isn't what process returns: `risk` must be a number, not a string [example-mismatch]
        `risk`: … (number)
    "#);
    assert_snapshot!(found(Process, "+++\n[fields]\nrisk = 'number'\n+++\nrisk\n{\"content\": \"\", \"metadata\": [], \"confidence\": 1}"), @r#"
    6:1:1 ‹{› the example isn't what process returns: `risk` is missing [example-mismatch]
        add `risk`: … (number)
    "#);
}

#[test]
fn a_sample_may_leave_open_what_a_reply_must_not() {
    for word in [
        "simple|moderate|complex",
        "simple or complex",
        "one of simple, moderate, complex",
        "…",
        "",
        "<word>",
    ] {
        is_fine(
            Analyze,
            &format!(r#"{{"intent": "", "key_entities": [], "complexity": "{word}", "context": []}}"#),
        );
    }
    is_fine(Process, r#"{"content": " ", "metadata": [], "confidence": 0}"#);
}

#[test]
fn an_example_of_what_an_earlier_step_returns_is_input() {
    is_fine(Process, r#"{"intent": "x"}"#);
    is_fine(Synthesize, "{\"content\": 1}\n{\"final_text\": \"x\", \"formatting\": \"y\"}");
    is_fine(Process, "{\"key\": \"content\", \"value\": 1}\n{\"role\": \"user\", \"content\": \"x\"}");
}

#[test]
fn an_object_of_something_else_is_no_example_but_if_it_is_the_only_one() {
    assert_snapshot!(of_part(Analyze, "Reply with:\n\n```json\n{\n  \"result\": 1\n}\n```\n{\"x\": 1}"), @r"
    4:1:1 ‹{› the example has none of the fields of analyze [example-mismatch]
        analyze returns `intent`, `key_entities`, `complexity`, `context`
    ");
    assert_snapshot!(of_part(Process, "  {\"answer\": \"x\"}"), @r#"
    1:3:15 ‹{"answer": "x"}› the example has none of the fields of process [example-mismatch]
        process returns `content`, `metadata`, `confidence`
    "#);
    is_fine(Process, &format!("{{\"answer\": 1}}\n\n{GOOD}"));
    is_fine(Process, "[\n{\"name\": 1},\n{\"name\": 2},\n]\nand `{\"a\": 1}`");
}

#[test]
fn a_field_that_is_nobodys_is_told_once() {
    assert_snapshot!(
        of_part(Synthesize, "{\"final_text\": \"x\", \"formatting\": \"y\", \"é\": [\"a\"]}\n{\"final_text\": \"x\", \"formatting\": \"y\", \"é\": [], \"meta\": {}}"),
        @r#"
    1:40:3 ‹"é"› synthesize doesn't return a field `é` [undeclared-field]
        declare it under [fields]: é = "string[]"
    2:49:6 ‹"meta"› synthesize doesn't return a field `meta` [undeclared-field]
        leave it out: [fields] can't declare what it holds
    "#
    );
    assert_snapshot!(found(Synthesize, "+++\n[fields]\ntitle = 'string'\n+++\ntitle\n{\"final_text\": \"x\", \"formatting\": \"y\", \"titel\": \"z\", \"title\": \"z\"}"), @r#"
    6:40:7 ‹"titel"› synthesize doesn't return a field `titel` [undeclared-field]
        did you mean `title`?
    "#);
    assert_snapshot!(found(Synthesize, "+++\n[fields]\ntitle = 'strnig'\n+++\n{\"final_text\": \"x\", \"formatting\": \"y\", \"title\": \"z\"}"), @"");
}

#[test]
fn the_examples_of_a_template_that_cant_be_compiled_arent_certain() {
    is_fine(Process, "{\"content\": {{\"a\": 1}}, }");
}
