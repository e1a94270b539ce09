//! Journals that end anywhere: cut off by hand, and by a limit on the size of files, which ends the process in
//! the middle of a write.

use std::fs;

use super::{Effort, Ledger};
use crate::batch::place::Place;
use crate::support::has_program;

const ARGS: [&str; 6] = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "2", "--resume"];
const JOURNAL: &str = "out.jsonl.journal";

/// Every place in something so long; or some of them, with those around the ends of its lines.
fn places(text: &[u8], name: &str, some: usize) -> Vec<usize> {
    let effort = Effort::asked_for();
    if effort.is_whole() {
        return (0..=text.len()).collect();
    }
    let mut rng = effort.rng(name);
    let ends: Vec<usize> = (0..text.len()).filter(|at| text[*at] == b'\n').collect();
    let mut near = vec![1, ends[0], ends[0] + 1, text.len() - 1];
    near.extend((0..some).map(|_| ends[rng.usize(..ends.len())] + rng.usize(..2)));
    near.extend((0..some).map(|_| rng.usize(..=text.len())));
    near
}

#[test]
fn a_journal_that_is_cut_at_any_byte_is_gone_on_from_and_costs_what_it_no_longer_has() {
    let place = Place::new(&[]).with_questions(1);
    place.batch(&ARGS).exits(0);
    let (journal, results) = (fs::read(place.path(JOURNAL)).unwrap(), place.results());
    let written = place.read("out.jsonl");
    let steps_kept = |cut: usize| {
        let lines = String::from_utf8_lossy(&journal[..cut]);
        let end = lines.rfind('\n').map_or(0, |at| at + 1);
        let whole = &lines[..end];
        if whole.contains("\"happened\":\"done\"") {
            3
        } else {
            whole.matches("\"happened\":\"step\"").count()
        }
    };
    for cut in places(&journal, "cut", 4) {
        fs::write(place.path(JOURNAL), &journal[..cut]).unwrap();
        fs::write(place.path("out.jsonl"), &written).unwrap();
        let before = place.calls().len();
        if steps_kept(cut) < 3 {
            // Nothing is left by which the result could be known: it isn't written over.
            place.batch(&ARGS).exits(2).complains("holds something that the journal doesn't have");
            assert_eq!(fs::read(place.path(JOURNAL)).unwrap(), &journal[..cut], "it is left as it was");
            fs::remove_file(place.path("out.jsonl")).unwrap();
        }
        place.batch(&ARGS).exits(0);
        assert_eq!(place.calls().len() - before, 3 - steps_kept(cut), "cut at {cut}");
        assert_eq!(place.results().len(), 1);
        assert_eq!(place.results()[0]["text"], results[0]["text"], "cut at {cut}");
    }
}

#[test]
fn a_batch_whose_write_ends_at_any_byte_goes_on() {
    if !has_program("prlimit", "apt-get install util-linux") {
        return;
    }
    let whole = Place::new(&[]).with_questions(2);
    whole.batch(&ARGS).exits(0);
    let journal = fs::read(whole.path(JOURNAL)).unwrap();
    let mut all = places(&journal, "limit", 2);
    // A process for each: of all bytes a few hundred, spread evenly.
    let step = all.len().div_ceil(300);
    // Times are in it, so that no two are of the same length.
    all = all.into_iter().step_by(step).filter(|at| *at + 200 < journal.len()).collect();
    for bytes in all {
        let (place, mut ledger) = (Place::new(&[]).with_questions(2), Ledger::new(2));
        let limit = format!("--fsize={bytes}");
        let ran = place.command(&ARGS).under(&["prlimit", "--core=0", &limit, "--"]).run();
        assert!(matches!(ran.code, Some(2 | 74)), "{bytes}: {:?} {}", ran.code, ran.stderr);
        ledger.look(&place, JOURNAL);
        place.batch(&ARGS).exits(0);
        ledger.conclude(&place, JOURNAL);
    }
}

#[test]
fn results_that_a_full_disk_has_cut_anywhere_are_known_again() {
    let place = Place::new(&[]).with_questions(1);
    place.batch(&ARGS).exits(0);
    let (results, calls) = (place.read("out.jsonl"), place.calls().len());
    for cut in places(results.as_bytes(), "results", 8) {
        fs::write(place.path("out.jsonl"), &results.as_bytes()[..cut]).unwrap();
        place.batch(&ARGS).exits(0);
        assert_eq!(place.read("out.jsonl"), results);
    }
    place.write("out.jsonl", "{\"lime");
    place.batch(&ARGS).exits(2).complains("holds something that the journal doesn't have");
    assert_eq!(place.calls().len(), calls);
}
