//! The journal, and what may have become of it.

use promptchain::simulator::Step;

use super::place::{Place, lines, statuses};

const ARGS: [&str; 5] = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "2"];

fn resumed() -> Vec<&'static str> {
    [&ARGS[..], &["--resume"]].concat()
}

#[test]
fn what_is_done_is_printed_again_without_a_call_and_what_failed_is_tried_again() {
    let place = Place::new(&["synthesize:bad-request@2"]).with_questions(4);
    place.batch(&ARGS).exits(1);
    let failed: Vec<_> = place.results().iter().filter(|it| it["status"] == "failed").cloned().collect();
    assert_eq!(failed.len(), 1);
    let (first, calls) = (place.results(), place.calls().len());
    place.batch(&resumed()).exits(0).complains("4 done, 3 of them before");
    assert_eq!(place.calls().len(), calls + 1, "only the step that had failed");
    let second = place.results();
    assert_eq!(statuses(&second), ["ok"; 4]);
    for result in first.iter().filter(|result| result["status"] == "ok") {
        assert!(second.contains(result), "not the same: {result}");
    }
    // The line's own steps were paid for in the first batch, and are in its cost.
    let again = second.iter().find(|result| result["line"] == failed[0]["line"]).unwrap();
    let of_steps: f64 =
        again["steps"].as_array().unwrap().iter().map(|it| it["cost_usd"].as_f64().unwrap()).sum();
    assert!((again["cost_usd"].as_f64().unwrap() - of_steps).abs() < 1e-9, "{again}");
    place.batch(&resumed()).exits(0);
    assert_eq!(place.calls().len(), calls + 1);
}

#[test]
fn a_line_that_a_crash_has_cut_off_is_passed_over() {
    let place = Place::new(&[]).with_questions(3);
    place.batch(&ARGS).exits(0);
    let journal = place.read("out.jsonl.journal");
    place.write("out.jsonl.journal", &journal[..journal.len() - 20]);
    let results = place.read("out.jsonl");
    // A result is written once the journal has it.
    place.write("out.jsonl", &results[..results.trim_end().rfind('\n').unwrap() + 110]);
    place.batch(&resumed()).exits(2).complains("its line 3 isn't as a batch has written it");
    place.write("out.jsonl", &results[..=results.trim_end().rfind('\n').unwrap()]);
    place.batch(&resumed()).exits(0);
    assert_eq!(place.results().len(), 3);
    assert_eq!(place.calls_of(Step::Analyze), 3);
    assert_eq!(place.calls_of(Step::Synthesize), 4, "its result was lost, its finished steps were not");
}

#[test]
fn a_journal_that_is_damaged_or_of_something_else_is_refused_before_a_call() {
    let place = Place::new(&[]).with_questions(3);
    place.batch(&ARGS).exits(0);
    let (calls, journal) = (place.calls().len(), place.read("out.jsonl.journal"));
    let refused = |journal: &str, why: &str| {
        place.write("out.jsonl.journal", journal);
        let ran = place.batch(&resumed()).exits(3).says_nothing().complains(why);
        ran.complains("move it and the results' file away: every line is then run, and paid for, again");
    };
    refused(&journal.replacen("\"happened\"", "\"happend\"", 1), "is damaged in line 2");
    refused("{\"kind\":\"something\"}\n", "isn't a journal of promptchain batch");
    refused("not JSON\n", "isn't a journal of promptchain batch");
    refused(&journal.replacen("\"version\":1", "\"version\":2", 1), "is of version 2");
    place.write("out.jsonl.journal", &journal);
    let input = place.read("in.jsonl");
    place.write("in.jsonl", &input.replacen("What is 2?", "What is two?", 1));
    place.batch(&resumed()).exits(3).complains("line 2 isn't the one that the journal");
    assert_eq!(place.calls().len(), calls);
    place.write("in.jsonl", &format!("{input}\"one more\"\n"));
    place.batch(&resumed()).exits(0);
    assert_eq!(place.calls().len(), calls + 3, "a line that was added");
}

#[test]
fn what_is_there_already_is_not_written_over() {
    let place = Place::new(&[]).with_questions(2);
    place.batch(&ARGS).exits(0);
    let results = place.read("out.jsonl");
    place.batch(&ARGS).exits(2).complains("is there already").complains("--resume");
    place
        .batch(&[&ARGS[..], &["--no-journal"]].concat())
        .exits(2)
        .complains("out.jsonl holds something that the journal doesn't have");
    assert_eq!(place.read("out.jsonl"), results);
    place.batch(&["none.jsonl"]).exits(2).complains("none.jsonl");
    place.batch(&["."]).exits(2).complains("is a folder");
    place.batch(&["in.jsonl", "--journal", "none/x"]).exits(2).complains("--no-journal");
}

#[test]
fn two_batches_never_write_one_journal() {
    let place = Place::new(&["process:hang-before-head"]).with_questions(4);
    let batch = place.begin(&ARGS);
    place.upstream.wait_for(|calls| calls.iter().any(|call| call.step == Some(Step::Process)));
    place.batch(&resumed()).exits(2).complains("another batch is writing the journal");
    batch.signal("TERM");
    batch.finish().exits(143);
}

#[test]
fn what_has_changed_since_is_said_and_what_is_done_stays() {
    let place = Place::new(&[]).with_questions(2);
    place.batch(&ARGS).exits(0);
    let ran = place.batch(&[&resumed()[..], &["--process-model", "claude-sonnet-5-5"]].concat()).exits(0);
    ran.complains("the model of process was claude-haiku-4-5-20251001 when the journal was begun");
    assert_eq!(lines(&place.results()).len(), 2);
    assert_eq!(place.calls().len(), 6);
}

#[test]
fn what_resume_finds_without_its_journal_is_not_written_over() {
    let place = Place::new(&[]).with_questions(2);
    place.batch(&ARGS).exits(0);
    let results = place.read("out.jsonl");
    std::fs::remove_file(place.path("out.jsonl.journal")).unwrap();
    let fresh = place.path("out.jsonl.journal");
    for args in [&resumed()[..], &ARGS, &resumed()] {
        let ran = place.batch(args).exits(2).complains("holds something that the journal doesn't have");
        ran.complains("every line is run, and paid for, again");
        assert_eq!(place.read("out.jsonl"), results);
        assert!(!fresh.exists(), "what is refused leaves no journal, which would have the next one go on");
    }
    let input = place.read("in.jsonl");
    for args in [
        &["in.jsonl", "-o", "in.jsonl", "--resume"][..],
        &["in.jsonl", "-o", "./in.jsonl", "--no-journal"],
        &["in.jsonl", "--journal", "in.jsonl", "--resume"],
        &["in.jsonl", "-o", "new.jsonl", "--journal", "new.jsonl"],
    ] {
        place.batch(args).exits(2).complains("would be both");
    }
    assert_eq!(place.read("in.jsonl"), input);
    place.write("notes.md", "Mine.");
    place.batch(&["in.jsonl", "--journal", "j"]).exits(0);
    place.batch(&["in.jsonl", "--journal", "j", "-o", "notes.md", "--resume"]).exits(2);
    assert_eq!(place.read("notes.md"), "Mine.");
}

#[test]
fn lines_that_were_taken_away_are_missed() {
    let place = Place::new(&[]).with_questions(3);
    place.batch(&ARGS).exits(0);
    let input = place.read("in.jsonl");
    place.write("in.jsonl", input.lines().next().unwrap());
    place.batch(&resumed()).exits(0).complains("warning: the journal has 2 lines more than the input");
}

#[test]
fn a_file_that_is_no_journal_is_left_as_it_is() {
    let place = Place::new(&[]).with_questions(1);
    for notes in ["precious notes", "{\"a\":1}", "{\"kind\":\"promptchain-state\"", "\n"] {
        place.write("notes", notes);
        place.batch(&["in.jsonl", "--journal", "notes", "--resume"]).exits(3).complains("isn't a journal");
        assert_eq!(place.read("notes"), notes);
    }
    place.batch(&["in.jsonl", "--journal", "/dev/null"]).exits(2).complains("isn't a file");
    assert_eq!(place.calls().len(), 0);
    // The beginning of one, as a crash may leave it.
    place.write("torn", "{\"kind\":\"promptch");
    place.batch(&["in.jsonl", "--journal", "torn", "--resume"]).exits(0);
}

#[test]
fn results_that_another_journal_has_are_not_written_over() {
    let place = Place::new(&[]).with_questions(2);
    place.batch(&ARGS).exits(0);
    let results = place.read("out.jsonl");
    place.batch(&["in.jsonl", "-o", "other.jsonl", "--journal", "j"]).exits(0);
    place.batch(&["in.jsonl", "-o", "out.jsonl", "--journal", "j", "--resume"]).exits(2);
    assert_eq!(place.read("out.jsonl"), results);
}

#[test]
fn calls_in_flight_at_a_kill_count_at_their_worst_against_a_cap() {
    let place = Place::new(&["analyze:hang-mid-reply"]).with_questions(4);
    let capped = [&resumed()[..], &["--max-cost", "0.045"]].concat();
    let mut kills = 0;
    loop {
        let before = place.calls().len();
        let mut batch = place.begin(&capped);
        let mut ended = None;
        while ended.is_none() && place.calls().len() < before + 2 {
            std::thread::yield_now();
            ended = batch.has_ended();
        }
        if ended.is_some() {
            batch.finish().exits(9);
            break;
        }
        batch.signal("KILL");
        batch.finish();
        kills += 1;
        assert!(kills < 10, "nothing is ever counted");
    }
    assert!((1..=3).contains(&kills), "{kills}");
}

#[test]
fn what_somebody_has_made_of_the_results_is_not_written_over() {
    let place = Place::new(&["synthesize:bad-request@2"]).with_questions(3);
    let input = place.read("in.jsonl");
    place.write("in.jsonl", &format!("{input}not a line\n{{\"id\":\"e\",\"prompt\":3}}\n"));
    place.batch(&ARGS).exits(1);
    let (results, journal, calls) =
        (place.read("out.jsonl"), place.read("out.jsonl.journal"), place.calls().len());
    let lines: Vec<&str> = results.lines().collect();
    let edited = lines.iter().find(|line| line.contains("\"text\":\"")).unwrap();
    for mine in [
        format!("{results}{{\"line\":9,\"mine\":true}}\n"),
        format!("{results}my own notes\n"),
        format!("{results}my own notes"),
        format!("{results}{{\"line\":9,\"mine\":true}}"),
        format!("{results}{{\"line\":1,\"id\":\"q1\"}}"),
        format!("my own notes\n{results}"),
        results.replacen(edited, &edited.replacen("\"text\":\"", "\"text\":\"Mine. ", 1), 1),
        // By an editor that leaves out the last line's end.
        results.trim_end().replacen("\"cost_usd\":", "\"price\":", 1),
        format!("{results}{}", edited.replacen("\"text\":\"", "\"text\":\"Mine. ", 1)),
    ] {
        assert_ne!(mine, results);
        place.write("out.jsonl", &mine);
        let ran = place.batch(&resumed()).exits(2).says_nothing();
        ran.complains("out.jsonl holds something that the journal doesn't have").complains("at no cost");
        assert_eq!(place.read("out.jsonl"), mine);
        assert_eq!(place.read("out.jsonl.journal"), journal);
    }
    assert_eq!(place.calls().len(), calls);
    // Nothing of this is anybody's: order, lines taken away, an end that a crash has cut off.
    let mut shuffled = lines.clone();
    shuffled.reverse();
    let cuts = (0..results.len()).step_by(results.len() / 9).map(|cut| results.as_bytes()[..cut].to_vec());
    let others = [format!("{}\n\n", shuffled.join("\n")), format!("{}\0\0", lines[1])];
    for left in others.map(String::into_bytes).into_iter().chain(cuts) {
        std::fs::write(place.path("out.jsonl"), left).unwrap();
        // The two lines that can't be run fail again.
        place.batch(&resumed()).exits(1);
        assert_eq!(place.results().len(), 5);
    }
    assert_eq!(place.calls().len(), calls + 1, "what had failed was tried again, once");
}

#[test]
fn a_folder_that_was_moved_is_gone_on_in() {
    let place = Place::new(&[]).with_questions(2);
    place.batch(&ARGS).exits(0);
    let (results, calls) = (place.read("out.jsonl"), place.calls().len());
    std::fs::rename(place.path("out.jsonl"), place.path("moved.jsonl")).unwrap();
    let journal = ["--journal", "out.jsonl.journal", "--resume", "--order", "input"];
    place.batch(&[&["in.jsonl", "-o", "moved.jsonl"], &journal[..]].concat()).exits(0);
    assert_eq!(place.read("moved.jsonl").len(), results.len());
    assert_eq!(place.calls().len(), calls);
}

#[test]
fn what_is_refused_leaves_neither_a_journal_nor_results() {
    let place = Place::new(&[]).with_questions(1);
    std::fs::create_dir(place.path("empty")).unwrap();
    for args in [
        &["in.jsonl", "-o", "out.jsonl", "--replay", "none"][..],
        &["in.jsonl", "-o", "none/out.jsonl", "--journal", "j"],
        &["in.jsonl", "-o", "empty", "--journal", "j"],
    ] {
        place.batch(args).says_nothing();
        for name in ["out.jsonl", "out.jsonl.journal", "j"] {
            assert!(!place.path(name).exists(), "{args:?} leaves {name}");
        }
    }
    assert_eq!(place.calls().len(), 0);
}
