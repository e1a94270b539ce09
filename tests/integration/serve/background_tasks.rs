//! One message in a chat UI, and what that asks for by itself: what it all comes to in calls and money.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use serde_json::{Value, json};

use crate::support::{Metrics, Served, Upstream, chat_by, serve, token};

/// What a chat UI sends of itself when a message was answered, each laid out as Open WebUI does.
const TASKS: [&str; 3] = [
    "Suggest 3-5 relevant follow-up questions that the user might ask next, based on the chat history.",
    "Generate a concise, 3-5 word title with an emoji summarizing the chat history.",
    "Generate 1-3 broad tags for the main themes of the chat history, and some more specific ones.",
];

const QUESTION: &str = "What makes a good commit message?";

/// The body of a request of the UI's own.
fn task(what: &str, answer: &str) -> Value {
    let text = format!(
        "### Task:\n{what}\n### Guidelines:\n- Use the chat's primary language.\n- No extra text.\n### Output:\nJSON \
         format: {{ \"result\": \"...\" }}\n### Chat History:\n<chat_history>\nUSER: {QUESTION}\nASSISTANT: \
         {answer}\n</chat_history>"
    );
    json!({"model": "prompt-chaining", "stream": false, "messages": [{"role": "user", "content": text}]})
}

/// Sends a message and what follows of itself; returns the calls made, and the cost in US dollars.
#[track_caller]
fn one_message(upstream: &Upstream, served: &Served) -> (usize, f64) {
    let before = upstream.calls().len();
    let message = json!({
        "model": "prompt-chaining",
        "stream": true,
        "messages": [{"role": "user", "content": QUESTION}],
    });
    let answer = served.ask(&chat_by(token(), &message)).answer();
    for what in TASKS {
        let answered = served.ask(&chat_by(token(), &task(what, &answer)));
        assert_eq!(answered.status, 200, "{answered:?}");
        assert_eq!(answered.json()["choices"][0]["finish_reason"], "stop", "{answered:?}");
        assert!(!answered.answer().is_empty());
    }
    let cost = Metrics::of(served).sum("promptchain_cost_usd_total", "");
    (upstream.calls().len() - before, cost)
}

#[test]
fn one_message_makes_six_calls_instead_of_twelve_and_costs_less() {
    let upstream = Upstream::good();
    let (calls, cost) = one_message(&upstream, &upstream.serve(&[]));
    let bypassing = upstream.serve(&[("BACKGROUND_TASKS", "bypass")]);
    let (fewer, less) = one_message(&upstream, &bypassing);
    assert_eq!((calls, fewer), (12, 6));
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for (word, calls, cost) in [("chain", calls, cost), ("bypass", fewer, less)] {
        let row = format!("| `{word}` | {calls} | ${cost:.4} |");
        assert!(readme.contains(&row), "the README should say: {row}");
    }
    let metrics = Metrics::of(&bypassing);
    for name in ["title", "tags", "follow_ups"] {
        assert_eq!(metrics.sum("promptchain_background_tasks_total", &format!("\"{name}\"")), 1.0, "{name}");
    }
    let attempts = |step: &str| metrics.sum("promptchain_step_attempts_total", &format!("step=\"{step}\""));
    assert_eq!((attempts("synthesize"), attempts("background_task")), (1.0, 3.0));
    let of_tasks = bypassing.log().entries("Chat completion request completed");
    let of_tasks: Vec<_> = of_tasks.iter().filter_map(|line| line["background_task"].as_str()).collect();
    assert_eq!(of_tasks, ["follow_ups", "title", "tags"]);
}

#[test]
fn patterns_are_the_operators_if_they_say_so_and_wrong_ones_are_refused() {
    let upstream = Upstream::good();
    let patterns = r#"["other=^Summarize .{1,20} in a word", "title=(?i)headline"]"#;
    let served = upstream.serve(&[("BACKGROUND_TASKS", "bypass"), ("BACKGROUND_TASK_PATTERNS", patterns)]);
    let calls = |text: &str| {
        let before = upstream.calls().len();
        let body = json!({"model": "prompt-chaining", "messages": [{"role": "user", "content": text}]});
        served.ask(&chat_by(token(), &body)).answer();
        upstream.calls().len() - before
    };
    assert_eq!(calls("Summarize this, please, in a word"), 1);
    assert_eq!(calls("A Headline for this"), 1);
    assert_eq!(calls(task(TASKS[1], "x")["messages"][0]["content"].as_str().unwrap()), 3);
    for wrong in ["title", "name=x", "title=(", "title=", "other=x{1000}{1000}{1000}"] {
        let ran = serve(&[("BACKGROUND_TASK_PATTERNS", wrong)]).run().exits(3);
        assert!(ran.stderr.contains("BACKGROUND_TASK_PATTERNS"), "{wrong}: {}", ran.stderr);
    }
}
