//! Sentences that ask for something round the JSON, and those that don't.

use insta::assert_snapshot;

use super::*;

#[track_caller]
fn is_about(text: &str, rule: &str) {
    let found = of_part(Process, text);
    assert!(found.contains(rule) && found.lines().count() == 2, "{text}: {found}");
}

#[test]
fn whoever_asks_for_a_fence_is_told_so() {
    assert_snapshot!(of_part(Process, "Text. Wrap the\nJSON in a ```json block. More."), @r"
    1:7:8 ‹Wrap the› the prompt asks for a code fence round the JSON [asks-for-fence]
        ask for the JSON object alone, from its first { to its last }
    ");
    for text in [
        "Return the JSON in a code block.",
        "- Put your reply in a fenced code block",
        "Reply in a markdown code block.",
        "Your output must be wrapped in triple backticks.",
        "Return the object inside a ```json code block and nothing else.",
        "Use a code fence for the JSON!",
        "The response must be enclosed in a code fence.",
        "Format your answer as a JSON code block.",
        "Output the JSON between ```json and ``` marks.",
        "Reply with one JSON object and nothing else. Put it in a ```json code fence.",
        "Return a JSON object.\n\nWrap it in triple backticks.",
        "Your reply is one JSON object. It must be wrapped in a code block.",
        "WRAP THE JSON IN A CODE FENCE.",
    ] {
        is_about(text, "[asks-for-fence]");
    }
}

#[test]
fn whoever_asks_for_none_or_for_one_inside_of_a_field_isnt() {
    for text in [
        "No code fence around the JSON.",
        "Don't wrap the JSON in a code block.",
        "Don’t put the reply into a code fence.",
        "Return the JSON without a ```json fence.",
        "Return the bare JSON object instead of a code block.",
        "Code fences around the JSON are not allowed.",
        "A code block around the JSON breaks the chain.",
        "Use a code block for code in your answer.",
        "Lay it out to be read: a list for parallel points; code in fences with its language.",
        "- `content`: the answer. Return code in a code block, JSON too.",
        "If the user asks for JSON, write it in a code fence.",
        "Put the JSON that was asked for in a code fence inside `content`.",
        "The user may say \"return the JSON in a code block\".",
        "Where the answer has commands, put them in a code block.",
        "The JSON object has three fields. Mind the fences.",
        "Reply with one JSON object. Don't put it in a code fence.",
        "Reply with one JSON object. Put code in a code fence.",
        "Reply with one JSON object. Put it in one line, without a code fence.",
        "If JSON is asked for, write it. Put it in a code fence.",
        "Your answer may hold code. Put it in a code fence.",
        "The user wants JSON in the reply. Put it in a code fence.",
        "Write the JSON object in `content`. Put it in a code fence.",
        "Put it in a code fence.",
        "Reply:\n```json\n{\"content\": \"x\", \"metadata\": [], \"confidence\": 1}\n```",
        "Return exactly:\n\n```\n{\"content\": \"x\", \"metadata\": [], \"confidence\": 1}\n```",
    ] {
        assert_eq!(of_part(Process, text), "", "{text}");
    }
}

#[test]
fn whoever_asks_for_words_round_the_json_is_told_so() {
    assert_snapshot!(of_part(Process, "é. First explain your\nreasoning, then output the JSON."), @r"
    1:4:18 ‹First explain your› the prompt asks for words before or after the JSON [asks-for-prose]
        ask for the JSON object and nothing else; a field under [fields] can hold the words
    ");
    for text in [
        "First, describe the request, then give the JSON object.",
        "Explain first and then return the JSON.",
        "First write a short explanation, then the JSON object.",
        "First, a brief summary; then output the JSON.",
        "Start with two sentences on your approach, then give the JSON object.",
        "Before the JSON, explain your choice.",
        "Before you return the JSON, summarize the request.",
        "After the JSON, add a short note.",
        "Add a sentence after the JSON object.",
        "Return the JSON object followed by an explanation.",
        "The JSON is preceded by a short summary.",
        "Think step by step before you answer.",
        "Think step-by-step, then write the JSON.",
        "Reason out loud before answering.",
    ] {
        is_about(text, "[asks-for-prose]");
    }
}

#[test]
fn whoever_asks_for_none_or_means_something_else_isnt() {
    for text in [
        "No words before or after the JSON.",
        "Don't explain anything before the JSON.",
        "Write nothing after the JSON object, no note, no summary.",
        "Before you write the JSON, read the request twice.",
        "First read the request, then write the JSON.",
        "Think step by step, silently, before you answer.",
        "In `content`, first explain the idea, then give the JSON.",
        "- `content`: first explain the idea, then give the JSON.",
        "If the user wants it, first explain the idea, then give the JSON.",
        "Explain each step by step in the language of the user.",
        "First describe the problem, then the solution.",
        "First write no explanation, then the JSON object.",
        "First write a short summary, then the object that it is about.",
        "First write the text, then the JSON object round it.",
        "First read some notes, then the JSON object.",
        "In `content`, first write a short explanation, then the JSON object.",
        "If the user wants it, first write a short explanation, then the JSON object.",
        "Begin with the text, then write JSON.",
        "Only the JSON counts; “first explain, then give the JSON” is another style.",
    ] {
        assert_eq!(of_part(Process, text), "", "{text}");
    }
}
