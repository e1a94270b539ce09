//! `run --save` and `run -o`, killed.

use std::fs;
use std::path::PathBuf;

use promptchain::simulator::Step;
use serde_json::Value;
use tempfile::TempDir;

use super::{Effort, Life, Moment};
use crate::support::{Command, Upstream};

const QUESTION: &str = "What is ownership?";
const STATE: &str = "state.json";
const OUT: &str = "out.md";
/// What stands there before.
const OLD: &str = "An older answer.\n";

/// A run in a folder of its own, with its answer and its state in files.
pub(super) struct Place {
    folder: TempDir,
    pub(super) upstream: Upstream,
}

impl Place {
    pub(super) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), upstream: Upstream::good() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn command(&self, more: &[&str]) -> Command {
        let mut command = self.upstream.command(&["--save", STATE, "-o", OUT], &[]);
        command.args(more).in_place(self.folder.path());
        command
    }

    /// A run from the beginning.
    pub(super) fn whole_run(&self) -> Command {
        self.command(&[QUESTION])
    }

    /// The steps that the state has; none if there is no state.
    fn finished(&self) -> Vec<Step> {
        let Ok(text) = fs::read_to_string(self.path(STATE)) else { return Vec::new() };
        let state: Value = serde_json::from_str(&text).expect("a whole state");
        let steps = state["steps"].as_array().unwrap().iter();
        steps.map(|step| step["step"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// Looks at the files of a run that has died, and goes on from them: what they have isn't paid for again.
    /// `between` says whether it died between a file's getting a name and its getting its own.
    #[track_caller]
    pub(super) fn look_and_go_on(&self, answer: &str, between: bool) {
        let out = fs::read_to_string(self.path(OUT)).unwrap_or_default();
        assert!([OLD, answer, ""].contains(&out.as_str()), "half an answer: {out:?}");
        assert!(!out.is_empty() || !self.path(OUT).exists(), "an empty answer");
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let others: Vec<String> = names.filter(|name| ![STATE, OUT].contains(&name.as_str())).collect();
        assert!(others.len() <= usize::from(between), "left behind: {others:?}");
        let (finished, before) = (self.finished(), self.upstream.calls().len());
        let ran = match finished.len() {
            0 => self.whole_run().run().exits(0),
            1 | 2 => self.command(&["--state", STATE]).run().exits(0),
            // Its state has the answer.
            _ => self.command(&["--state", STATE]).run().exits(3).complains("all steps are finished already"),
        };
        let again: Vec<Step> = self.upstream.calls()[before..].iter().filter_map(|call| call.step).collect();
        assert_eq!(again.len() + finished.len(), 3, "{finished:?}, then {again:?}: {}", ran.stderr);
        assert!(again.iter().all(|step| !finished.contains(step)), "{finished:?}, then {again:?}");
        if finished.len() < 3 {
            assert_eq!(fs::read_to_string(self.path(OUT)).unwrap(), answer);
        }
        assert_eq!(self.finished().len(), 3);
    }

    /// The answer of a run that nobody kills.
    pub(super) fn answer() -> String {
        let place = Self::new();
        place.whole_run().run().exits(0);
        fs::read_to_string(place.path(OUT)).unwrap()
    }
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_whole_files_and_goes_on_from_them() {
    let effort = Effort::asked_for();
    let mut rng = effort.rng("run");
    let (answer, undisturbed) = (Place::answer(), Place::new());
    let started = undisturbed.whole_run().start();
    let life = Life::of(started, &undisturbed.upstream, &undisturbed.path(STATE));
    let mut left = effort.percent(40);
    while left > 0 {
        let place = Place::new();
        if rng.bool() {
            fs::write(place.path(OUT), OLD).unwrap();
        }
        let moment = Moment::draw(&mut rng, life);
        let mut run = place.whole_run().start();
        let was_killed = moment.kill(&mut run, &place.upstream, &place.path(STATE));
        let ran = run.finish();
        assert!(was_killed || ran.code == Some(0), "{moment:?}: {}", ran.stderr);
        left -= usize::from(was_killed);
        // Nobody can tell what a process was about when it was killed from outside.
        place.look_and_go_on(&answer, true);
    }
    effort.tell(&format!("run: killed {} times", effort.percent(40)));
}
