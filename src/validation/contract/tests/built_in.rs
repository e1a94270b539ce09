//! The prompts that come with the program, as they are and with one thing wrong.

use insta::assert_snapshot;

use super::*;

/// What is found in the built-in prompt of `step` after `from`, which it has, has become `to`.
fn mutated(step: StepName, from: &str, to: &str) -> String {
    let text = BUILT_IN.get(step);
    assert!(text.contains(from), "{from}");
    found(step, &text.replacen(from, to, 1))
}

#[test]
fn nothing_is_found_in_them() {
    assert_eq!(diagnostics(&BUILT_IN), []);
}

#[test]
fn one_mistake_is_one_diagnostic() {
    assert_snapshot!(mutated(Analyze, r#""complexity": "simple", "#, r#""complexity": "simple" "#), @r#"
    38:79:1 ‹"› the example isn't JSON: a comma is missing [example-syntax]
        put a comma before it
    "#);
    assert_snapshot!(mutated(Analyze, r#""context": []}"#, r#""context": [],}"#), @r"
    38:93:1 ‹,› the example isn't JSON: trailing comma [example-syntax]
        drop the comma
    ");
    assert_snapshot!(mutated(Process, r#"platform 3.", "metadata": [], "#, r#"platform 3.", "#), @r#"
    42:1:1 ‹{› the example isn't what process returns: `metadata` is missing [example-mismatch]
        add `metadata`: How the draft was made: approach, assumptions, gaps
    "#);
    assert_snapshot!(mutated(Process, r#"[], "confidence": 0.95"#, r#"[], "confidense": 0.95"#), @r#"
    42:74:12 ‹"confidense"› the example isn't what process returns: `confidence` is missing [example-mismatch]
        did you mean `confidence`?
    "#);
    assert_snapshot!(mutated(Process, r#""confidence": 0.95"#, r#""confidence": 95"#), @r"
    42:88:2 ‹95› the example isn't what process returns: `confidence` must be within 0.0 and 1.0, not 95 [example-mismatch]
        `confidence`: How sure you are of the content, from 0.0 to 1.0
    ");
    assert_snapshot!(mutated(Analyze, r#""complexity": "moderate""#, r#""complexity": "medium""#), @r#"
    34:227:8 ‹"medium"› the example isn't what analyze returns: `complexity` must be simple, moderate or complex, not "medium" [example-mismatch]
        several are written as simple|moderate|complex
    "#);
    assert_snapshot!(mutated(Synthesize, r#""formatting": "one sentence"}"#, r#""formatting": "one sentence", "length": 7}"#), @r#"
    46:95:8 ‹"length"› synthesize doesn't return a field `length` [undeclared-field]
        declare it under [fields]: length = "number"
    "#);
    assert_snapshot!(mutated(Process, "`key_entities`", "`entities`"), @r"
    14:65:8 ‹entities› the analysis has no field `entities`: analyze doesn't return it [unknown-field]
        analyze could return it: declare it under [fields] in analyze's prompt
    ");
    assert_snapshot!(mutated(Synthesize, "`content`, `confidence`", "`draft_text`, `confidence`"), @r"
    18:53:10 ‹draft_text› the draft has no field `draft_text`: process doesn't return it [unknown-field]
        process could return it: declare it under [fields] in process's prompt
    ");
    assert_snapshot!(mutated(Process, "No code fence around it, no words before or after.", "Put the JSON in a code fence."), @r"
    48:94:29 ‹Put the JSON in a code fence.› the prompt asks for a code fence round the JSON [asks-for-fence]
        ask for the JSON object alone, from its first { to its last }
    ");
    assert_snapshot!(mutated(Process, "Your reply is the JSON object and nothing else", "First explain your choice, then give the JSON object"), @r"
    48:1:98 ‹First explain your choice, then give the JSON object: its first character is `{`, its last is `}`.› the prompt asks for words before or after the JSON [asks-for-prose]
        ask for the JSON object and nothing else; a field under [fields] can hold the words
    ");
}

#[test]
fn a_field_that_is_named_nowhere_is_told() {
    let without_examples: Vec<&str> =
        BUILT_IN.process.lines().filter(|line| !line.starts_with('{')).collect();
    let text = without_examples.join("\n").replace("`confidence`", "`certainty`");
    assert_snapshot!(found(Process, &text), @"");
}

#[test]
fn the_three_of_them_in_one_file_are_each_steps_prompt() {
    let texts = [BUILT_IN.analyze, BUILT_IN.process, BUILT_IN.synthesize];
    let whole = texts.map(|text| text.split_once("\n+++\n").unwrap().1).join("\n");
    let whole = whole.replace("{{ tone }}", "clear");
    let found = diagnostics(&PerStep::from_fn(|_| whole.as_str()));
    assert_snapshot!(show(&whole, &found), @r"
    65:4:12 ‹<analysis-…>› analyze reads no analysis: there is none yet [unknown-field]
        drop it: only what comes after analyze reads the analysis
    112:4:9 ‹<draft-…>› analyze reads no draft: there is none yet [unknown-field]
        drop it: only what comes after process reads the draft
    112:4:9 ‹<draft-…>› process reads no draft: there is none yet [unknown-field]
        drop it: only what comes after process reads the draft
    ");
}
