//! Fields that must be named, and fields that are read.

use insta::assert_snapshot;

use super::*;

#[test]
fn each_field_that_isnt_named_is_told() {
    assert_snapshot!(found(Process, "+++\n[fields]\nrisk = 'string[]'\n+++\n\n Write the contents. {# confidence #}"), @r"
    6:2:0 ‹› the prompt doesn't name the field `content`, which process returns [field-not-named]
        add a line such as - `content`: The draft: the answer's whole substance
    6:2:0 ‹› the prompt doesn't name the field `metadata`, which process returns [field-not-named]
        add a line such as - `metadata`: How the draft was made: approach, assumptions, gaps
    6:2:0 ‹› the prompt doesn't name the field `confidence`, which process returns [field-not-named]
        add a line such as - `confidence`: How sure you are of the content, from 0.0 to 1.0
    ");
    assert_eq!(found(Synthesize, "Return final_text and `formatting`."), "");
    assert_snapshot!(found(Synthesize, "Return {{ final_text }} {# formatting, {{"), @"");
    assert_eq!(found(Synthesize, " \n"), "", "that it is empty is told elsewhere");
}

#[test]
fn a_field_that_no_earlier_step_returns_is_told() {
    assert_snapshot!(of_part(Process, "Mind `analysis.urgency`, ``(analysis.contxt.language)`` and `analysis.intent`."), @r"
    1:16:7 ‹urgency› the analysis has no field `urgency`: analyze doesn't return it [unknown-field]
        analyze could return it: declare it under [fields] in analyze's prompt
    1:38:6 ‹contxt› the analysis has no field `contxt`: analyze doesn't return it [unknown-field]
        did you mean `context`?
    ");
    assert_snapshot!(of_part(Synthesize, "é `draft.metadata`, `draft.confidence_level` and *`analysis.confidence`*."), @r"
    1:28:16 ‹confidence_level› the draft has no field `confidence_level`: process doesn't return it [unknown-field]
        process could return it: declare it under [fields] in process's prompt
    1:61:10 ‹confidence› the analysis has no field `confidence`: analyze doesn't return it [unknown-field]
        analyze could return it: declare it under [fields] in analyze's prompt
    ");
    assert_snapshot!(of_part(Synthesize, "- `<draft-…>`: a JSON object: `content`, `contex` and `notes`. It has `x`."), @r"
    1:43:6 ‹contex› the draft has no field `contex`: process doesn't return it [unknown-field]
        did you mean `content`?
    1:56:5 ‹notes› the draft has no field `notes`: process doesn't return it [unknown-field]
        process could return it: declare it under [fields] in process's prompt
    ");
    assert_snapshot!(of_part(Process, "The `<analysis>` block has `intent`, `key_entites`"), @r"
    1:39:11 ‹key_entites› the analysis has no field `key_entites`: analyze doesn't return it [unknown-field]
        did you mean `key_entities`?
    ");
    assert_snapshot!(of_part(Process, "**<analysis-…>** holds `urgency`"), @r"
    1:25:7 ‹urgency› the analysis has no field `urgency`: analyze doesn't return it [unknown-field]
        analyze could return it: declare it under [fields] in analyze's prompt
    ");
}

#[test]
fn a_step_reads_no_block_that_isnt_written_yet() {
    assert_snapshot!(of_part(Analyze, "- `<analysis-…>`: an object: `intent`\n- `<draft-…>`: text"), @r"
    1:4:12 ‹<analysis-…>› analyze reads no analysis: there is none yet [unknown-field]
        drop it: only what comes after analyze reads the analysis
    2:4:9 ‹<draft-…>› analyze reads no draft: there is none yet [unknown-field]
        drop it: only what comes after process reads the draft
    ");
    assert_snapshot!(of_part(Process, "Repeat `draft.content` and `draft.metadata`."), @r"
    1:15:7 ‹content› process reads no draft: there is none yet [unknown-field]
        drop it: only what comes after process reads the draft
    ");
}

#[test]
fn fields_that_a_prompt_declares_can_be_read_by_later_ones() {
    let analyze =
        "+++\n[fields]\nurgency = 'string'\n+++\nReturn intent, key_entities, complexity, context, urgency.";
    let process = BUILT_IN.process.replace("`complexity`, ", "`complexity`, `urgency`, ");
    let texts = PerStep { analyze, process: process.as_str(), ..BUILT_IN };
    assert_eq!(diagnostics(&texts), []);
    let unread = analyze.replace("'string'", "'sting'");
    assert_eq!(diagnostics(&PerStep { analyze: &unread, ..texts }), [], "what it is to be is told elsewhere");
}

#[test]
fn what_only_looks_like_a_field_is_passed_over() {
    for text in [
        "Write `analysis.md` and `./analysis.intents`, see `example.com/draft.pdf` and `draft.js`.",
        "Read the analysis.Then go on; `my_analysis.urgency`, `re-analysis.urgency`, `analysis.run()`",
        "Our tool is called draft.js, its site analysis.dev; my analysis.conclusion is wrong.",
        "A lone ` before analysis.urgency, and *analysis.urgency*",
        "```\nanalysis.urgency\n```",
        "`<analysis-…>`: what it is. Put nothing from it in `summary`.",
        "`<analysis-…>`: what you need for `content`, `metadata`.",
        "`<analysis-…>`: `a b`, `urgency`",
        "Tags such as `<analysis-…>` are in `urgency`.",
        "`<analysis-…>`: may be `null`",
        "{% if analysis is defined %}{{ analysis.urgency }}{% endif %}",
        "```python\nx = analysis.urgency\n```",
    ] {
        assert_eq!(of_part(Process, text), "", "{text}");
    }
}
