//! Whatever a template holds, it is looked at without a fault of the program's own, and soon.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Pieces that mean something to one rule or another.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        ":",
        ",",
        "\\",
        "`",
        "```",
        "```json\n",
        "\n",
        "\n\n",
        " ",
        "- ",
        "> ",
        "1. ",
        "# ",
        "{{ step }}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{",
        "}}",
        "{% raw %}",
        "{% endraw %}",
        "{% if a %}",
        "é",
        "…",
        "語",
        "{\"content\": \"",
        "\"confidence\": 0.5",
        "\"metadata\"",
        "\"intent\":",
        "\"complexity\": \"simple\"",
        "final_text",
        "content: ",
        "'metadata': ",
        "‘",
        "string",
        "|",
        "{\"key\":",
        "analysis.",
        "draft.",
        "intent",
        "`<analysis-…>`",
        "<draft-",
        ">",
        " and ",
        ". ",
        "first explain ",
        "then give ",
        "the JSON ",
        "before ",
        "after ",
        "wrap ",
        "in a code fence",
        "“",
        "”",
        "1",
        "null",
        "+++\n",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,3}".prop_map(String::from)]
}

proptest! {
    #[test]
    fn every_place_is_within_the_text(pieces in vec(piece(), 0..60)) {
        let text = pieces.concat();
        for step in StepName::ALL {
            // Showing checks the places.
            found(step, &text);
            of_part(step, &text);
        }
    }
}

#[test]
fn large_templates_are_no_trouble() {
    // Lines as long as the template engine counts columns.
    const LINE_LEN: usize = 1 << 15;
    let pieces = [
        "{",
        "{\"",
        "{\"content\":",
        "{\"content\":[\n",
        "{\"content\": 1,}\n",
        "`",
        "``` ",
        "```\n{\"content\":\n",
        "\"",
        "a.b! ",
        "`{\"content\": }` ",
        "analysis.",
        "analysis.x ",
        "`<analysis>`: `a`, ",
        "{{ a }}",
        "{# ",
        "{% raw %}",
        "first ",
        "\n",
        "> ",
        "{\"content\":\n\n",
        "…",
        "before the JSON explain ",
        "{content: ",
        "{'content': ",
        "'content':",
        "{“content”: x, confidence: \n",
        "`draft.x` ",
        "It is JSON. Put it in a fence. ",
        "{\"content\": \"x\", \"a\": 1}\n",
    ];
    for piece in pieces {
        let line = format!("{}\n", piece.repeat(LINE_LEN / piece.len()));
        let text = line.repeat(if piece == "{" { 32 } else { 2 });
        let texts = PerStep { process: text.as_str(), ..BUILT_IN };
        assert!(diagnostics(&texts).len() <= 8 * MOST_OF_A_RULE, "{piece}");
    }
    let deep = format!("{}1{}", "{\"content\":".repeat(5_000), "}".repeat(5_000));
    assert!(found(Process, &deep).contains("nested too deeply"));
}
