//! States as they are written and read again.

use super::*;
use crate::chain::Summary;
use crate::report::StateReport;
use crate::report::transcripts::{self, Transcript};
use crate::report::wire::StateParts;

/// What a run that came to that leaves behind.
pub(in crate::report) fn document(summary: &Summary) -> Value {
    serde_json::from_str(&written(summary, &PerStep::default())).unwrap()
}

fn written(summary: &Summary, kept: &PerStep<Option<Value>>) -> String {
    let prompts = PerStep::from_fn(|step| format!("hash of {step}"));
    let asked = summary.state.messages.len() - summary.state.outputs.iter().flat_map(|(_, it)| it).count();
    let parts = StateParts { asked, simulated: true, prompts: &prompts, kept };
    let report = StateReport::new(summary, &parts, transcripts::code_of).unwrap();
    serde_json::to_string(&report).unwrap()
}

fn state_of(transcript: &Transcript) -> String {
    written(&transcript.summary, &PerStep::default())
}

#[test]
fn what_was_written_is_read_again() {
    // Titles are cleaned as they are read, which those in the scripts of divided runs haven't been.
    let clean = transcripts::all().into_iter().filter(|it| !it.name.starts_with("divided"));
    for transcript in clean {
        let (summary, text) = (&transcript.summary, state_of(&transcript));
        let state = SavedState::parse(&text).unwrap();
        assert_eq!(
            state.conversation.messages(),
            &summary.state.messages[..state.conversation.messages().len()]
        );
        let mut replies = summary.state.messages[state.conversation.messages().len()..].iter();
        for (step, saved) in state.steps.iter() {
            let Some(saved) = saved else {
                assert_eq!(summary.state.outputs.get(step), &None, "{}", transcript.name);
                continue;
            };
            assert_eq!(Some(&saved.finished.output), summary.state.outputs.get(step).as_ref());
            assert_eq!(saved.finished.reply, replies.next().unwrap().content);
            assert_eq!(saved.prompt_sha256, format!("hash of {step}"));
            let (read, written) =
                (&saved.finished.metadata, summary.state.step_metadata.get(step).as_ref().unwrap());
            assert_eq!(
                (&read.model, read.attempts, read.verdict),
                (&written.model, written.attempts, written.verdict)
            );
            assert_eq!(read.spend.cost, summary.spend_of(step).cost);
        }
    }
}

#[test]
fn a_step_that_was_taken_over_stands_as_it_stood() {
    let transcript = transcripts::ok();
    let state = SavedState::parse(&state_of(&transcript)).unwrap();
    let mut kept = PerStep::default();
    let mut raw = state.steps.analyze.unwrap().raw;
    raw["workers"] = serde_json::json!(["as it was"]);
    kept.analyze = Some(raw.clone());
    let again: Value = serde_json::from_str(&written(&transcript.summary, &kept)).unwrap();
    assert_eq!(again["steps"][0], raw);
}

#[test]
fn what_is_damaged_is_refused_with_its_place() {
    let good: Value = serde_json::from_str(&state_of(&transcripts::ok())).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = good.clone();
        change(&mut document);
        SavedState::parse(&document.to_string()).map(|_| ()).unwrap_err().to_string()
    };
    let errors = [
        SavedState::parse("{\"kind\":").unwrap_err().to_string(),
        SavedState::parse("[]").unwrap_err().to_string(),
        changed(&|it| it["version"] = 2.into()),
        changed(&|it| it["version"] = "1".into()),
        changed(&|it| it["conversation"][0]["role"] = "tool".into()),
        changed(&|it| it["conversation"] = serde_json::json!([])),
        changed(&|it| it["steps"][0]["usage"] = 3.into()),
        changed(&|it| it["steps"][1]["output"] = serde_json::json!({})),
        changed(&|it| it["steps"][0]["step"] = "process".into()),
        changed(&|it| it["steps"][0]["step"] = "think".into()),
        changed(&|it| {
            let first = it["steps"][0].clone();
            it["steps"].as_array_mut().unwrap().push(first);
        }),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r###"
    isn't a state that `run --save` has written: it isn't JSON (line 1, column 8)
    isn't a state that `run --save` has written: `kind` isn't promptchain-state
    is of version 2; this program reads version 1
    isn't a state that `run --save` has written: it has no `version`
    isn't a state that `run --save` has written: a `role` is unknown
    can't be run: the conversation has no message
    isn't a state that `run --save` has written: `usage` is missing or of another type
    isn't a state that `run --save` has written: the output of process isn't as that step returns it
    isn't a state that `run --save` has written: the output of process isn't as that step returns it
    isn't a state that `run --save` has written: a `step` is unknown
    isn't a state that `run --save` has written: it has too many steps
    "###);
}
