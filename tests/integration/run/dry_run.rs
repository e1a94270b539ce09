//! What a run would send is shown, and nothing is sent for a reply.

use promptchain::simulator::LogEntry;
use serde_json::Value;

use crate::support::{Upstream, promptchain};

pub(super) const QUESTION: &str = "Compare Rust and Go. First the performance; second the hiring market.";
pub(super) const COUNTS: &str = "/v1/messages/count_tokens";

pub(super) fn dry_run(upstream: &Upstream, args: &[&str]) -> Value {
    upstream.run(&[&["--dry-run", "--json"], args].concat()).exits(0).json()
}

/// The calls for a reply.
pub(super) fn replies(upstream: &Upstream) -> Vec<LogEntry> {
    upstream.calls().into_iter().filter(|call| call.path != COUNTS).collect()
}

pub(super) fn requests(report: &Value) -> &[Value] {
    report["requests"].as_array().unwrap()
}

/// The words of one member of all requests.
pub(super) fn each<'a>(report: &'a Value, member: &str) -> Vec<&'a Value> {
    requests(report).iter().map(|request| &request[member]).collect()
}

fn low(value: &Value) -> f64 {
    value["low"].as_f64().unwrap()
}

fn high(value: &Value) -> f64 {
    value["high"].as_f64().unwrap()
}

#[test]
fn nothing_is_sent_and_no_key_is_needed() {
    let ran = promptchain(&["run", "--dry-run", QUESTION]).run().exits(0);
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.contains("Nothing was sent."), "{}", ran.stdout);
    let upstream = Upstream::good();
    dry_run(&upstream, &[QUESTION]);
    upstream.run(&["--dry-run", QUESTION]).exits(0);
    assert!(upstream.calls().is_empty());
    // A run of the same would have needed one.
    promptchain(&["run", QUESTION]).run().exits(3);
}

#[test]
fn the_first_request_is_byte_for_byte_what_a_run_sends() {
    for args in [
        &[QUESTION][..],
        &["--profile", "accurate", QUESTION],
        &["--workers", "4", "--set", "analyze.temperature=1.5", QUESTION],
    ] {
        let upstream = Upstream::good();
        let report = dry_run(&upstream, args);
        upstream.run(args).exits(0);
        let sent = replies(&upstream);
        assert_eq!(requests(&report)[0]["body"].to_string(), sent[0].body.to_string());
        assert_eq!(each(&report, "exact"), [&Value::Bool(true), &false.into(), &false.into()]);
        for request in &requests(&report)[1..] {
            assert!(request["body"].to_string().contains("<intent: written by analyze>"), "{request}");
        }
    }
}

#[test]
fn the_text_shows_each_request_under_a_line_with_its_figures() {
    let text = promptchain(&["run", "--dry-run", "--offline", "Hello"]).run().exits(0).stdout;
    let headings: Vec<&str> = text.lines().filter(|line| line.contains(" tokens in, at most ")).collect();
    let [analyze, process, synthesize, total] = headings[..] else { panic!("{text}") };
    assert!(analyze.starts_with("analyze: claude-haiku-4-5-20251001, exact, about "), "{analyze}");
    assert!(
        process.starts_with("process: claude-haiku-4-5-20251001, with placeholders, about "),
        "{process}"
    );
    assert!(synthesize.starts_with("synthesize: "), "{synthesize}");
    assert!(total.starts_with("total: 3 requests, about "), "{total}");
    assert!(headings.iter().all(|line| line.contains(" out, $0.0")), "{headings:?}");
    let bodies: Vec<Value> = text
        .split("\n}\n")
        .filter_map(|piece| serde_json::from_str(&format!("{}\n}}", &piece[piece.find("\n{\n")?..])).ok())
        .collect();
    let report = promptchain(&["run", "--dry-run", "--offline", "--json", "Hello"]).run().exits(0).json();
    assert_eq!(bodies.len() + 1, 4, "{text}");
    assert_eq!(bodies.iter().collect::<Vec<_>>(), each(&report, "body"));
    for words in ["estimated: one for every four ASCII characters", "Retries and repairs are not in it"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn what_a_run_has_finished_makes_later_requests_exact() {
    let upstream = Upstream::good();
    let folder = tempfile::TempDir::new().unwrap();
    let run = |args: &[&str]| {
        let mut command = upstream.command(args, &[]);
        command.in_place(folder.path());
        command.run()
    };
    let whole = run(&["--json", "--save", "state.json", QUESTION]).exits(0).json();
    let report =
        run(&["--dry-run", "--json", "--state", "state.json", "--from", "synthesize"]).exits(0).json();
    assert_eq!(each(&report, "step"), ["synthesize"]);
    assert_eq!(each(&report, "exact"), [true]);
    assert_eq!(requests(&report)[0]["body"].to_string(), replies(&upstream)[2].body.to_string());
    assert_eq!(replies(&upstream).len(), 3);
    let until =
        run(&["--dry-run", "--json", "--state", "state.json", "--from", "process", "--until", "process"])
            .exits(0)
            .json();
    assert_eq!(each(&until, "step"), ["process"]);
    assert_eq!(each(&until, "exact"), [true]);
    assert!(whole["cost_usd"].as_f64() > until["cost_usd"]["low"].as_f64());
    // What a run would warn of it warns of, also where only the document is read.
    let changed = ["--dry-run", "--json", "--state", "state.json", "--from", "process"];
    let changed = [&changed[..], &["--analyze-model", "claude-sonnet-5-5"]].concat();
    let warnings = run(&changed).exits(0).json()["warnings"].to_string();
    assert!(warnings.contains("analyze isn't run again: its model was"), "{warnings}");
}

#[test]
fn a_runs_cost_lies_within_the_range_also_where_it_is_divided() {
    let questions = "What is ownership? What is borrowing? What are lifetimes? What are traits?";
    for args in [&[QUESTION][..], &["--profile", "balanced", QUESTION], &["--workers", "4", questions]] {
        for count in [&[][..], &["--count"]] {
            let upstream = Upstream::good();
            let report = dry_run(&upstream, &[count, args].concat());
            let result = upstream.run(&[&["--json"], args].concat()).exits(0).json();
            let (range, cost) = (&report["cost_usd"], result["cost_usd"].as_f64().unwrap());
            assert!(low(range) <= cost && cost <= high(range), "{range} {cost}");
            let calls = u64::try_from(replies(&upstream).len()).unwrap();
            let most: u64 = each(&report, "max_calls").iter().map(|calls| calls.as_u64().unwrap()).sum();
            assert!(calls <= most, "{calls} {most}");
        }
    }
}

#[test]
fn an_unknown_price_is_null_and_never_zero() {
    let upstream = Upstream::good();
    let args = ["--process-model", "llama3.2", QUESTION];
    let report = dry_run(&upstream, &args);
    assert_eq!((&each(&report, "cost_usd")[1], &report["cost_usd"]), (&&Value::Null, &Value::Null));
    assert!(high(each(&report, "cost_usd")[0]) > 0.0);
    let text = upstream.run(&[&["--dry-run"], &args[..]].concat()).exits(0).stdout;
    assert!(text.contains("cost unknown") && text.contains("No price is known of llama3.2."), "{text}");
    let capped = [&["--dry-run", "--max-cost", "1"], &args[..]].concat();
    upstream.run(&capped).exits(3).says_nothing();
}

#[test]
fn it_says_whether_a_run_stays_within_its_cap() {
    let upstream = Upstream::good();
    let uncapped = dry_run(&upstream, &[QUESTION]);
    assert_eq!((&uncapped["max_cost_usd"], &uncapped["within_max_cost"]), (&Value::Null, &Value::Null));
    let within = |cap: &str| dry_run(&upstream, &["--max-cost", cap, QUESTION])["within_max_cost"].clone();
    assert_eq!((within("1"), within("0.02")), (true.into(), false.into()));
    let text = upstream.run(&["--dry-run", "--max-cost", "0.02", QUESTION]).exits(0).stdout;
    assert!(text.contains("The high figure is above the cap of $0.020000"), "{text}");
    let refused = |args: &[&str]| {
        let args = [args, &["--json", "--max-cost", "0.001", QUESTION]].concat();
        upstream.run(&args).exits(9).says_nothing().error_json()
    };
    assert_eq!(refused(&["--dry-run"])["message"], refused(&[])["message"]);
    assert!(replies(&upstream).is_empty());
}

#[test]
fn an_input_over_the_context_is_the_runs_own_error() {
    let upstream = Upstream::good();
    let refused = |args: &[&str]| {
        let mut command = upstream.command(&[args, &["--json", "-f", "-"]].concat(), &[]);
        command.stdin("語".repeat(200_000));
        command.run().exits(2).says_nothing().error_json()
    };
    let error = refused(&["--dry-run"]);
    assert_eq!(error["code"], "context_length_exceeded");
    assert_eq!(error["message"], refused(&[])["message"]);
    assert!(upstream.calls().is_empty());
}

#[test]
fn the_document_is_of_the_published_form_and_may_go_to_a_file() {
    let schema = promptchain(&["schema", "dry-run"]).run().exits(0).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let args = ["run", "--offline", "--dry-run", "--json", "--workers", "3", "-o", "out.json", QUESTION];
    let ran = promptchain(&args).run().exits(0).says_nothing();
    let file = std::fs::read_to_string(ran.folder.join("out.json")).unwrap();
    let report: Value = serde_json::from_str(&file).unwrap();
    let problems: Vec<String> = validator.iter_errors(&report).map(|problem| problem.to_string()).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(each(&report, "max_calls"), [1, 8, 1]);
    let refused = ["run", "--dry-run", "--max-cost", "0.001", "-o", "out.json", QUESTION];
    let ran = promptchain(&refused).run().exits(9);
    assert!(std::fs::read_dir(&ran.folder).unwrap().next().is_none(), "no file, and nothing left of it");
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    for (args, why) in [
        (&["--dry-run", "--jsonl"][..], "cannot be used with"),
        (&["--dry-run", "--output", "jsonl"], "no events to print"),
        (&["--dry-run", "--save", "state.json"], "cannot be used with"),
        (&["--count"], "--count needs --dry-run"),
    ] {
        let args = [&["run", "--offline"], args, &[QUESTION]].concat();
        promptchain(&args).run().exits(2).says_nothing().complains(why);
    }
}

#[test]
fn it_warns_of_what_a_run_warns_of() {
    let args = ["--offline", "--set", "analyze.temperature=1.5", "Hello"];
    let warnings = |first: &[&str]| {
        let ran = promptchain(&[&["run"], first, &args[..]].concat()).run().exits(0);
        let warnings: Vec<String> =
            ran.stderr.lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned).collect();
        warnings
    };
    let told = warnings(&["--dry-run"]);
    assert!(!told.is_empty());
    assert_eq!(told, warnings(&[]));
    assert!(warnings(&["--dry-run", "-q"]).is_empty());
}
