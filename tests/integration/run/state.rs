//! A run's state is kept, and what is finished isn't paid for again.

use promptchain::simulator::{End, Step};
use serde_json::Value;

use crate::support::{Ran, Upstream, promptchain};

const QUESTION: &str = "Compare Rust and Go. First the performance; second the hiring market.";

/// A folder of its own, and runs in it.
struct Place {
    folder: tempfile::TempDir,
    upstream: Upstream,
}

impl Place {
    fn new(faults: &[&str]) -> Self {
        Self { folder: tempfile::TempDir::new().unwrap(), upstream: Upstream::with_faults(faults) }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    fn run_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = self.upstream.command(args, environment);
        command.in_place(self.folder.path());
        command.run()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path("state.json")).unwrap()).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The steps of the calls so far.
    fn calls(&self) -> Vec<Step> {
        self.upstream.calls().iter().filter_map(|call| call.step).collect()
    }
}

fn steps(state: &Value) -> Vec<&str> {
    state["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect()
}

fn statuses(result: &Value) -> Vec<&str> {
    result["steps"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect()
}

#[test]
fn the_last_step_is_run_again_alone_and_gets_what_the_others_returned() {
    let place = Place::new(&[]);
    let whole = place.run(&["--json", "--save", "state.json", QUESTION]).exits(0).json();
    place.write(
        "prompts/chain_synthesize.md",
        "You write it anew, with `final_text` and `formatting`, as JSON.",
    );
    let args = ["--json", "--state", "state.json", "--from", "synthesize", "--prompts", "prompts"];
    let again = place.run(&args).exits(0);
    assert_eq!(again.stderr, "", "nothing that was skipped has changed");
    let again = again.json();
    assert_eq!(place.calls(), [Step::Analyze, Step::Process, Step::Synthesize, Step::Synthesize]);
    assert_eq!(statuses(&again), ["reused", "reused", "ok"]);
    assert_eq!((&again["analysis"], &again["draft"]), (&whole["analysis"], &whole["draft"]));
    assert_eq!(again["usage"], again["steps"][2]["usage"], "what this run used");
    assert_eq!(again["steps"][0]["cost_usd"], 0.0);
    let calls = place.upstream.calls();
    let material = |call: usize| calls[call].body["messages"][0]["content"].as_str().unwrap();
    assert_eq!(material(2), material(3));
    assert!(calls[3].body["system"][0]["text"].as_str().unwrap().starts_with("You write it anew"));
}

#[test]
fn what_is_finished_is_kept_although_a_later_step_fails_and_is_gone_on_from() {
    let place = Place::new(&["synthesize:bad-request@1"]);
    let failed = place.run(&["--save", "state.json", QUESTION]).exits(4).says_nothing();
    failed.complains("--state state.json goes on from here");
    let state = place.state();
    assert_eq!((steps(&state), state["status"].as_str()), (vec!["analyze", "process"], Some("failed")));
    let ran = place.run(&["--state", "state.json", "--save", "state.json"]).exits(0);
    assert!(ran.stdout.len() > 20, "{}", ran.stdout);
    assert_eq!(place.calls().iter().filter(|step| **step == Step::Synthesize).count(), 2);
    assert_eq!(place.calls().len(), 4);
    let after = place.state();
    assert_eq!(steps(&after), ["analyze", "process", "synthesize"]);
    assert_eq!((&after["steps"][0], &after["steps"][1]), (&state["steps"][0], &state["steps"][1]));
    place
        .run(&["--state", "state.json"])
        .exits(3)
        .complains("all steps are finished already")
        .complains("--from synthesize");
}

#[test]
fn what_had_been_finished_by_then_survives_a_kill() {
    let place = Place::new(&["synthesize:hang-before-head"]);
    let mut command = place.upstream.command(&["--save", "state.json", QUESTION], &[]);
    command.in_place(place.folder.path());
    let started = command.start();
    place.upstream.wait_for(|calls| calls.iter().any(|call| call.step == Some(Step::Synthesize)));
    started.signal("KILL");
    place.upstream.wait_for(|calls| calls.iter().all(|call| call.end.is_some()));
    assert!(matches!(place.upstream.calls()[2].end, Some(End::ClientLeft { .. })));
    let state = place.state();
    assert_eq!((steps(&state), state["status"].as_str()), (vec!["analyze", "process"], Some("interrupted")));
}

#[test]
fn a_run_may_end_early_and_prints_what_its_last_step_returned() {
    let place = Place::new(&[]);
    let analysis = place.run(&["--until", "analyze", QUESTION]).exits(0);
    assert!(analysis.json()["intent"].is_string());
    let draft = place.run(&["--until", "process", "--save", "state.json", QUESTION]).exits(0);
    assert_eq!(place.calls(), [Step::Analyze, Step::Analyze, Step::Process]);
    let state = place.state();
    assert_eq!(draft.stdout.trim_end(), state["steps"][1]["output"]["content"].as_str().unwrap().trim_end());
    assert_eq!((steps(&state), state["status"].as_str()), (vec!["analyze", "process"], Some("ok")));
    let result = place.run(&["--json", "--until", "process", QUESTION]).exits(0).json();
    assert_eq!(statuses(&result), ["ok", "ok", "not_started"]);
    assert_eq!(
        (&result["status"], &result["text"], &result["finish_reason"]),
        (&"ok".into(), &Value::Null, &Value::Null)
    );
    let end = place.run(&["--jsonl", "--state", "state.json"]).exits(0).stdout;
    let events: Vec<Value> = end.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let reused: Vec<&Value> = events.iter().filter(|event| event["event"] == "step_reused").collect();
    assert_eq!(
        reused.iter().map(|event| event["step"].as_str().unwrap()).collect::<Vec<_>>(),
        ["analyze", "process"]
    );
}

#[test]
fn what_has_changed_about_a_step_that_is_skipped_is_said() {
    let place = Place::new(&[]);
    place.run(&["--save", "state.json", QUESTION]).exits(0);
    place.write(
        "prompts/chain_analyze.md",
        "Another `intent`, `key_entities`, `complexity`, `context`, as JSON.",
    );
    let args = ["--state", "state.json", "--from", "synthesize", "--prompts", "prompts"];
    let ran = place.run(&[&args[..], &["--process-model", "claude-sonnet-5-5"]].concat()).exits(0);
    ran.complains("warning: analyze isn't run again, although its prompt has changed since")
        .complains("warning: process isn't run again: its model was claude-haiku-4-5-20251001, and is claude-sonnet-5-5 now");
    let mut offline = promptchain(&["run", "--offline", "--from", "synthesize", "--state"]);
    offline.arg(place.path("state.json").as_os_str());
    offline.run().exits(0).complains("were run by a model");
}

#[test]
fn a_state_that_does_not_fit_is_refused_before_anything_is_sent() {
    let place = Place::new(&["process:bad-request"]);
    place.run(&["--save", "state.json", QUESTION]).exits(4);
    let sent = place.calls().len();
    place
        .run(&["--state", "state.json", "--from", "synthesize"])
        .exits(3)
        .complains("process isn't finished, which synthesize needs")
        .complains("--from process");
    place.run(&["--state", "none.json"]).exits(3).complains("none.json can't be read");
    place.write("damaged.json", "{\"kind\":");
    place.run(&["--state", "damaged.json"]).exits(3).complains("isn't a state that `run --save` has written");
    place.write("later.json", &place.state().to_string().replacen("\"version\":1", "\"version\":2", 1));
    place.run(&["--state", "later.json"]).exits(3).complains("is of version 2; this program reads version 1");
    place.run(&["--from", "process", QUESTION]).exits(2).complains("--from needs --state");
    place.run(&["--state", "state.json", QUESTION]).exits(2);
    place
        .run(&["--state", "state.json", "--from", "process", "--until", "analyze"])
        .exits(2)
        .complains("nothing would be run");
    place.run(&["--save", ".", QUESTION]).exits(2).complains("isn't a regular file");
    let error = place.run(&["--json", "--state", "damaged.json"]).exits(3).error_json();
    assert_eq!(error["code"], "state_file");
    assert_eq!(place.calls().len(), sent);
}

#[test]
fn a_state_is_its_owners_and_of_the_published_form() {
    let place = Place::new(&["process/2:server-error=0"]);
    place.write("state.json", "old");
    let environment =
        [("CHAIN_PROCESS_WORKERS", "4"), ("CHAIN_WORKERS_FROM", "simple"), ("RETRY_MAX_ATTEMPTS", "1")];
    let questions = "What is ownership? What is borrowing? What are lifetimes?";
    place.run_with(&["--save", "state.json", questions], &environment).exits(0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.path("state.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let schema = promptchain(&["schema", "state"]).run().exits(0).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let state = place.state();
    let problems: Vec<String> = validator.iter_errors(&state).map(|problem| problem.to_string()).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    let workers = state["steps"][1]["workers"].as_array().unwrap();
    assert_eq!(workers.len(), 3);
    assert_eq!(workers[1]["error"]["code"], "upstream_error");
    // They stay although the step is taken over.
    place
        .run_with(&["--state", "state.json", "--from", "synthesize", "--save", "state.json"], &environment)
        .exits(0);
    assert_eq!(place.state()["steps"][1], state["steps"][1]);
}

#[test]
fn a_state_takes_no_place_of_another_file() {
    let place = Place::new(&[]);
    place.write("q.md", QUESTION);
    place.run(&["--save", "both", "-o", "both", QUESTION]).exits(2).complains("would be both");
    place.run(&["--save", "q.md", "-f", "q.md"]).exits(2).complains("would be both");
    assert_eq!(std::fs::read_to_string(place.path("q.md")).unwrap(), QUESTION);
    assert_eq!(place.calls().len(), 0);
}

#[test]
fn a_run_that_finishes_nothing_leaves_the_state_that_it_came_from() {
    let place = Place::new(&[]);
    place.run(&["--save", "state.json", QUESTION]).exits(0);
    let before = place.state();
    place
        .run(&["--state", "state.json", "--save", "state.json", "--from", "analyze", "--max-cost", "0.00001"])
        .exits(9);
    assert_eq!(place.state(), before);
}

#[test]
fn a_reply_that_nests_as_deep_as_it_may_can_be_gone_on_from() {
    let place = Place::new(&[]);
    place.run(&["--save", "state.json", QUESTION]).exits(0);
    let mut state = place.state();
    let deep = (0..120).fold(Value::from("core"), |inner, _| serde_json::json!([inner]));
    state["steps"][0]["output"]["context"]["deep"] = deep;
    place.write("state.json", &state.to_string());
    place.run(&["--state", "state.json", "--from", "process", "--until", "process"]).exits(0);
    state["steps"][0]["output"]["key_entities"] = Value::from(-1);
    place.write("state.json", &state.to_string());
    place
        .run(&["--state", "state.json", "--from", "process"])
        .exits(3)
        .complains("isn't as that step returns it");
}
