//! Rules as text, and the calls that they strike.

use super::*;

fn rule(text: &str) -> FaultRule {
    text.parse().unwrap()
}

#[test]
fn a_rule_is_read_and_written_alike() {
    for text in [
        "overloaded",
        "process:rate-limit=2@1",
        "synthesize:reset-mid-reply@1-2",
        "analyze:hang-before-head@3-",
        "process/2:server-error",
        "process/8:low-confidence=0.1@1",
        "rate-limit=0.25",
        "pings-only=1",
        "slow-drip=0",
        "batch-create:reset-before-head@1",
        "batch-poll:rate-limit=2@1-3",
        "process:expired@2",
    ] {
        assert_eq!(rule(text).to_string(), text);
    }
    assert_eq!(
        rule("process:rate-limit=2@1"),
        FaultRule {
            step: Some(Step::Process),
            part: None,
            endpoint: None,
            fault: Fault::RateLimit,
            parameter: Some(2.0),
            calls: CallRange { first: 1, last: Some(1) },
        }
    );
}

#[test]
fn a_fault_of_one_step_implies_that_step() {
    assert_eq!(rule("low-confidence@1").to_string(), "process:low-confidence@1");
}

#[test]
fn a_list_is_separated_by_commas() {
    let rules = FaultRule::parse_list(" overloaded@1, ,process:server-error ").unwrap();
    let texts: Vec<String> = rules.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["overloaded@1", "process:server-error"]);
    assert_eq!(FaultRule::parse_list(""), Ok(vec![]));
}

#[test]
fn a_rule_that_cannot_be_read_is_refused_with_a_suggestion() {
    for (text, message) in [
        ("overloded", "there is no fault `overloded`; did you mean `overloaded`?"),
        ("zzz", "there is no fault `zzz`"),
        ("", "there is no fault ``"),
        ("proces:overloaded", "there is no step `proces`; did you mean `process`?"),
        ("process/0:overloaded", "`process/0`: expected a part of process, such as process/2"),
        ("process/x:overloaded", "`process/x`: expected a part of process, such as process/2"),
        ("analyze/1:overloaded", "`analyze/1`: expected a part of process, such as process/2"),
        ("overloaded@0", "`@0`: expected calls such as @1, @2-3 or @2-, counted from 1"),
        ("overloaded@3-2", "`@3-2`: expected calls such as @1, @2-3 or @2-, counted from 1"),
        ("overloaded@", "`@`: expected calls such as @1, @2-3 or @2-, counted from 1"),
        ("rate-limit=soon", "rate-limit=soon: expected a number from 0 to a billion"),
        ("rate-limit=-1", "rate-limit=-1: expected a number from 0 to a billion"),
        ("rate-limit=NaN", "rate-limit=NaN: expected a number from 0 to a billion"),
        ("pings-only=0", "pings-only=0: expected a number from 1 to a billion"),
        ("pings-only=0.5", "pings-only=0.5: expected a number from 1 to a billion"),
        ("not-json=3", "not-json takes no parameter, but has `=3`"),
        ("analyze:low-confidence", "low-confidence can only strike process, not analyze"),
        ("batch-pol:server-error", "there is no step `batch-pol`; did you mean `batch-poll`?"),
        ("batch-poll/1:server-error", "`batch-poll/1`: expected a part of process, such as process/2"),
        ("batch-poll:not-json", "not-json can only strike a call for a reply, not batch-poll"),
        (
            "batch-create:low-confidence",
            "low-confidence can only strike a call for a reply, not batch-create",
        ),
    ] {
        assert_eq!(text.parse::<FaultRule>().unwrap_err().to_string(), message, "{text}");
    }
}

#[test]
fn a_rule_strikes_the_calls_it_counts() {
    let second_of_process = CallNumber { part: None, step: Some((Step::Process, 2)), all: 3 };
    for (text, strikes) in [
        ("overloaded", true),
        ("overloaded@3", true),
        ("overloaded@2", false),
        ("process:overloaded@2", true),
        ("process:overloaded@3-", false),
        ("process:overloaded@1-2", true),
        ("analyze:overloaded", false),
        ("process/1:overloaded", false),
    ] {
        assert_eq!(rule(text).injected(second_of_process).is_some(), strikes, "{text}");
    }
    let first_of_part_2 = CallNumber { part: Some((2, 1)), ..second_of_process };
    for (text, strikes) in [
        ("process/2:overloaded", true),
        ("process/2:overloaded@1", true),
        ("process/2:overloaded@2", false),
        ("process/1:overloaded", false),
        ("process:overloaded@2", true),
    ] {
        assert_eq!(rule(text).injected(first_of_part_2).is_some(), strikes, "{text}");
    }
    assert!(rule("batch-poll:overloaded").injected(second_of_process).is_none());
    assert!(rule("batch-poll:overloaded@2").injected_at(BatchEndpoint::Poll, 2).is_some());
    assert!(rule("batch-poll:overloaded@2").injected_at(BatchEndpoint::Poll, 1).is_none());
    assert!(rule("batch-poll:overloaded").injected_at(BatchEndpoint::List, 1).is_none());
    assert!(rule("overloaded").injected_at(BatchEndpoint::Poll, 1).is_none());
    let unrecognised = CallNumber { part: None, step: None, all: 1 };
    assert!(rule("overloaded").injected(unrecognised).is_some());
    assert!(rule("analyze:overloaded").injected(unrecognised).is_none());
}
