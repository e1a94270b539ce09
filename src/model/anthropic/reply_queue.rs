//! Puts a reply's events into the order that [`ReplyEvent`] promises, whatever the upstream left
//! out, and holds them until they are asked for. It knows nothing of how they were sent.

use std::collections::VecDeque;

use super::wire::{MessageHead, unsaid_reason};
use super::wire_usage::WireUsage;
use crate::model::{CallError, ReplyEvent, StopReason, Usage};

/// What has come of a reply and hasn't been handed out yet.
#[derive(Debug, Default)]
pub struct ReplyQueue {
    request_id: Option<String>,
    /// What has been counted; of the output, only the final figure.
    usage: Usage,
    stopped_by: Option<StopReason>,
    started: bool,
    end: Option<End>,
    items: VecDeque<Result<ReplyEvent, CallError>>,
}

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Finished,
    Failed,
}

impl ReplyQueue {
    /// For the reply to the request that has that id upstream.
    #[must_use]
    pub fn new(request_id: Option<String>) -> Self {
        Self { request_id, ..Self::default() }
    }

    /// The reply has begun. A second beginning only adds to what is known of the usage.
    pub(super) fn start(&mut self, head: &MessageHead<'_>) {
        let final_output = self.usage.output;
        self.count(head.usage());
        if !std::mem::replace(&mut self.started, true) {
            let (request_id, usage) = (self.request_id.clone(), self.usage);
            let (id, model) = (head.id(), head.model());
            self.items.push_back(Ok(ReplyEvent::Started { id, model, request_id, usage }));
        }
        // What is said of the output before there is any is a placeholder.
        self.usage.output = final_output;
    }

    /// Text of the reply; none at all is still a sign of activity. What nobody has asked for yet is one text with
    /// what follows it.
    pub(super) fn text(&mut self, text: &str) {
        match self.items.back_mut() {
            _ if text.is_empty() => self.activity(),
            Some(Ok(ReplyEvent::Text(before))) => before.push_str(text),
            _ => self.push(ReplyEvent::Text(text.to_owned())),
        }
    }

    /// Content that isn't text.
    pub(super) fn activity(&mut self) {
        self.push(ReplyEvent::Activity);
    }

    /// Figures that replace the earlier ones.
    pub(super) fn count(&mut self, usage: WireUsage<'_>) {
        usage.update(&mut self.usage);
    }

    /// Figures that come while the reply goes on: told at once, because the reply may never end.
    pub(super) fn count_on(&mut self, usage: WireUsage<'_>) {
        let before = self.usage;
        self.count(usage);
        let usage = self.usage;
        if usage != before {
            self.push(ReplyEvent::Counted { usage });
        }
    }

    /// Why the reply stops. The last reason holds, and is handed out once nothing can follow it.
    pub(super) fn stop(&mut self, reason: Option<StopReason>) {
        self.stopped_by = reason.or(self.stopped_by.take());
    }

    /// The reply is complete.
    pub(super) fn finish(&mut self) {
        self.stopped_by.get_or_insert_with(unsaid_reason);
        self.push_stopped();
        self.push(ReplyEvent::Finished);
        self.end = Some(End::Finished);
    }

    /// The reply has broken off. If all but the closing event had come, the final figures are
    /// handed out before the error: they were counted, so they are billed.
    pub(super) fn fail(&mut self, error: impl Into<CallError>) {
        self.push_stopped();
        let mut error = error.into();
        error.request_id = error.request_id.or_else(|| self.request_id.clone());
        self.items.push_back(Err(error));
        self.end = Some(End::Failed);
    }

    /// Whether anything of a reply has come.
    pub(super) fn has_begun(&self) -> bool {
        self.started
    }

    /// How the reply ended, if it has; nothing may be put in any more then.
    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    /// The next thing to hand out; `None` until more has been put in.
    ///
    /// # Errors
    /// What the reply has failed with, after which there is nothing more.
    pub fn pop(&mut self) -> Option<Result<ReplyEvent, CallError>> {
        self.items.pop_front()
    }

    fn push_stopped(&mut self) {
        if let Some(reason) = self.stopped_by.take() {
            let usage = self.usage;
            self.push(ReplyEvent::Stopped { reason, usage });
        }
    }

    fn push(&mut self, event: ReplyEvent) {
        if !self.started {
            // Some imitations of the API begin without `message_start`.
            self.start(&MessageHead::default());
        }
        self.items.push_back(Ok(event));
    }
}
