//! What a line may be, and what becomes of it.

use promptchain::simulator::Step;

use super::place::{Place, lines, parsed, statuses};
use crate::support::promptchain;

#[test]
fn a_line_is_a_prompt_or_messages_perhaps_with_an_id_and_variables() {
    let place = Place::new(&[]);
    place.write(
        "in.jsonl",
        r#""What is ownership?"
{"id":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is borrowing?"}]}

{"id":7,"prompt":"What are traits?","vars":{"tone":"dry"}}"#,
    );
    std::fs::create_dir(place.path("prompts")).unwrap();
    let prompt =
        "+++\nvars = { tone = \"warm\" }\n+++\nIn a {{ tone }} tone: `final_text` and `formatting`, as JSON.";
    place.write("prompts/chain_synthesize.md", prompt);
    let args = ["in.jsonl", "--order", "input", "--prompts", "prompts"];
    let results = parsed(&place.batch(&args).exits(0).stdout);
    assert_eq!(lines(&results), [1, 2, 4], "a blank line has no result");
    assert_eq!(
        results.iter().map(|it| it["id"].clone()).collect::<Vec<_>>(),
        ["null", "\"m\"", "7"].map(|id| serde_json::from_str::<serde_json::Value>(id).unwrap())
    );
    let synthesize = |words: &str| {
        let calls = place.calls();
        let call = calls.iter().find(|call| {
            call.step == Some(Step::Synthesize) && call.body["messages"].to_string().contains(words)
        });
        call.unwrap().body["system"].to_string()
    };
    assert!(synthesize("ownership").contains("In a warm tone"));
    assert!(synthesize("borrowing").contains("Be brief."));
    assert!(synthesize("traits").contains("In a dry tone"));
}

#[test]
fn a_line_that_cannot_be_run_has_failed_and_the_rest_goes_on() {
    let place = Place::new(&["process:refusal@2"]);
    place.write("in.jsonl", "{\"id\":\"x\"\n{\"id\":\"a\",\"prompt\":\" \"}\n\"one\"\n\"two\"\n{\"prompt\":\"three\",\"vars\":{\"mood\":\"dry\"}}\n");
    let ran = place
        .batch(&["in.jsonl", "-o", "out.jsonl", "--order", "input", "--concurrency", "1"])
        .exits(1)
        .says_nothing();
    ran.complains("1 done, 4 failed").complains("error: 4 lines failed").complains("--resume");
    let results = place.results();
    assert_eq!(lines(&results), [1, 2, 3, 4, 5]);
    assert_eq!(statuses(&results), ["failed", "failed", "ok", "failed", "failed"]);
    let message = |line: usize| results[line - 1]["error"]["message"].as_str().unwrap();
    assert_eq!(message(1), "it isn't JSON (column 9)");
    assert_eq!((results[1]["id"].as_str(), message(2)), (Some("a"), "the prompt is empty"));
    assert_eq!(
        (results[3]["error"]["code"].as_str(), results[3]["error"]["step"].as_str()),
        (Some("refusal"), Some("process"))
    );
    assert!(message(5).contains("no prompt declares or uses a variable `mood`"), "{}", message(5));
}

#[test]
fn results_are_of_the_published_form() {
    let place = Place::new(&["analyze:bad-request@3"]).with_questions(3);
    let results = parsed(&place.batch(&["in.jsonl", "--concurrency", "1"]).exits(1).stdout);
    let schema = promptchain(&["schema", "batch"]).run().exits(0).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for result in &results {
        let problems: Vec<String> =
            validator.iter_errors(result).map(|problem| problem.to_string()).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }
    assert_eq!(results.len(), 3);
}

#[test]
fn lines_may_come_through_a_pipe_and_their_results_go_into_one() {
    let place = Place::new(&[]);
    let ran = place.batch_of(&["-", "--concurrency", "2"], "\"one\"\n\"two\"\n").exits(0);
    let mut seen = lines(&parsed(&ran.stdout));
    seen.sort_unstable();
    assert_eq!(seen, [1, 2]);
    assert!(!place.path("-.journal").exists());
    place.batch_of(&["-", "--resume"], "\"one\"\n").exits(2).complains("--journal");
}

#[test]
fn there_are_never_more_runs_at_a_time_than_asked_for() {
    let place = Place::new(&[]).with_questions(24);
    place.batch(&["in.jsonl", "-o", "out.jsonl", "--concurrency", "3"]).exits(0);
    let calls = place.calls();
    let spans: Vec<_> = calls.iter().map(|call| (call.started_at, call.ended_at.unwrap())).collect();
    let at_a_time = |instant| spans.iter().filter(|(from, to)| *from <= instant && instant < *to).count();
    let most = spans.iter().map(|(from, _)| at_a_time(*from)).max().unwrap();
    assert!((2..=3).contains(&most), "{most}");
}
