//! A step, or a part of one, on one line while the run is under way.
//!
//! What doesn't fit is left out, the least important first: the model's name, the cost, the tokens. The
//! step, its time and what it is doing stay.

use std::time::Duration;

use console::{measure_text_width, truncate_str};

use super::board::{Activity, StepStatus, StepView};
use super::note::retrying;
use super::parts::{Part, joined};
use super::step_line::{mark, part_head};
use super::step_parts::{ending, figures, final_figures, head};
use super::worker_view::WorkerView;
use crate::report::amounts::count;
use crate::report::known_spend::KnownSpend;
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/// How long each of the spinner's pictures is shown.
pub(super) const SPINNER_PACE: Duration = Duration::from_millis(100);
/// Columns of a reason that say something, even if it goes on.
const REASON: usize = 16;

/// A step on one line, no wider than `width`.
pub(super) fn live_line(view: &StepView, now: Duration, width: usize, look: Look) -> String {
    let line = match view.status {
        StepStatus::Waiting => look.dim(&format!("· {}", view.step)),
        StepStatus::Running => Line {
            lead: format!("{} ", look.busy(spinner(now))),
            head: head(view.step.as_str(), view.elapsed(now)),
            figures: figures_so_far(view, look),
            ending: vec![Part::painted(activity(view, now), Look::dim)],
            detail: detail(view),
        }
        .fitted(width, look),
        StepStatus::Reused
        | StepStatus::Ok
        | StepStatus::Warned
        | StepStatus::Failed
        | StepStatus::Interrupted => Line {
            lead: format!("{} ", mark(view.status, look)),
            head: head(view.step.as_str(), view.elapsed(now)),
            figures: final_figures(view, look),
            ending: ending(view),
            detail: Detail::default(),
        }
        .fitted(width, look),
    };
    truncate_str(&line, width, "…").into_owned()
}

/// A part of a step on one line, no wider than `width`.
pub(super) fn live_part_line(part: &WorkerView, now: Duration, width: usize, look: Look) -> String {
    let view = &part.view;
    let (sign, figures, mut told, detail) = match view.status {
        StepStatus::Waiting | StepStatus::Running => {
            let told = vec![Part::painted(activity(view, now), Look::dim)];
            // The model stands on the step's line.
            let detail = if view.activity == Activity::Asking { Detail::default() } else { detail(view) };
            (look.busy(spinner(now)), figures_so_far(view, look), told, detail)
        }
        StepStatus::Reused
        | StepStatus::Ok
        | StepStatus::Warned
        | StepStatus::Failed
        | StepStatus::Interrupted => {
            let text = part.failure.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let worth = text.len().min(REASON);
            (mark(view.status, look), final_figures(view, look), ending(view), Detail { text, worth })
        }
    };
    told.insert(0, part.title(width));
    let lead = format!("  {sign} ");
    let line = Line { lead, head: part_head(part, now), figures, ending: told, detail };
    truncate_str(&line.fitted(width, look), width, "…").into_owned()
}

/// Says that there are more parts than lines.
pub(super) fn more_parts_line(hidden: usize, width: usize, look: Look) -> String {
    let more = count(u32::try_from(hidden).unwrap_or(u32::MAX), "more part");
    truncate_str(&look.dim(&format!("    {more}")), width, "…").into_owned()
}

/// A line before it is known what fits.
struct Line {
    lead: String,
    head: Part,
    /// The more important first.
    figures: Vec<Part>,
    ending: Vec<Part>,
    detail: Detail,
}

/// What the last part of a line goes on with.
#[derive(Default)]
struct Detail {
    text: String,
    /// Columns of it that are worth more than the figures; what is beyond may be cut off.
    worth: usize,
}

impl Line {
    /// With as many of the figures as leave room for everything else.
    fn fitted(&self, width: usize, look: Look) -> String {
        let with_detail = |kept| {
            let line = self.with_figures(kept, look);
            let room = width.checked_sub(measure_text_width(&line))?;
            self.detail.within(room).map(|detail| line + &look.dim(&detail))
        };
        (0..=self.figures.len()).rev().find_map(with_detail).unwrap_or_else(|| self.with_figures(0, look))
    }

    fn with_figures(&self, kept: usize, look: Look) -> String {
        let mut parts = vec![self.head.clone()];
        parts.extend(self.figures.iter().take(kept).cloned());
        parts.extend(self.ending.iter().cloned());
        joined(&self.lead, &parts, look)
    }
}

impl Detail {
    /// As much of it as there is room for; `None` if the figures should make room.
    fn within(&self, room: usize) -> Option<String> {
        if measure_text_width(&self.text) <= room {
            Some(self.text.clone())
        } else if self.worth == 0 {
            Some(String::new())
        } else {
            (self.worth <= room).then(|| truncate_str(&self.text, room, "…").into_owned())
        }
    }
}

/// What its attempts have used; nothing as long as none has ended.
fn figures_so_far(view: &StepView, look: Look) -> Vec<Part> {
    if view.attempts.iter().all(|attempt| attempt.ended.is_none()) {
        return Vec::new();
    }
    figures(&KnownSpend::from(&view.spend), look)
}

/// What a running step is doing.
fn activity(view: &StepView, now: Duration) -> String {
    if view.is_divided() {
        let written = view.parts_written();
        return format!("{written} of {} parts done", view.parts.max(view.workers.len()));
    }
    let number = match view.attempts.len() {
        0 | 1 => String::new(),
        attempts => format!("attempt {attempts}, "),
    };
    match &view.activity {
        Activity::Asking => format!("{number}asking"),
        Activity::Repairing { .. } => format!("{number}repairing"),
        Activity::Writing => format!("{number}writing"),
        Activity::Pausing { until, .. } => retrying(until.saturating_sub(now)),
    }
}

/// Whom or why.
fn detail(view: &StepView) -> Detail {
    if view.is_divided() {
        return Detail::default();
    }
    match &view.activity {
        Activity::Asking => Detail { text: format!(" {}", one_line(&view.model)), worth: 0 },
        Activity::Writing => Detail::default(),
        Activity::Repairing { findings: reason } | Activity::Pausing { reason, .. } => {
            Detail { text: format!(": {reason}"), worth: REASON }
        }
    }
}

fn spinner(now: Duration) -> &'static str {
    let turn = now.as_millis() / SPINNER_PACE.as_millis();
    let picture = usize::try_from(turn % SPINNER.len() as u128).unwrap_or(0);
    SPINNER.get(picture).copied().unwrap_or_default()
}
