//! Makes the reply to a valid request. How it travels, on a connection of its own or within a batch, makes
//! no difference to what it says and costs.

use super::api_error::ApiError;
use super::compose::compose;
use super::injected::Injected;
use super::models::{self, Thinking};
use super::reply::{Content, Reply, Stop};
use super::request::Request;
use super::routes::Shared;
use super::subject::Subject;
use super::{spoil, tokens};

/// The tokens of a thinking block, while there are so many.
const THINKING_TOKENS: u64 = 24;

/// A valid request, and what its reply is made with.
pub(super) struct Making<'a> {
    pub(super) shared: &'a Shared,
    pub(super) request: Request<'a>,
    pub(super) injected: Option<Injected>,
    /// The request's number in the log, which the reply's id holds.
    pub(super) sequence: u64,
}

impl Making<'_> {
    /// The reply.
    ///
    /// # Errors
    /// If the prompt is longer than the model's context.
    pub(super) fn reply(&self) -> Result<Reply, ApiError> {
        let request = self.request;
        let known = models::find(request.model());
        let size = prompt_tokens(request);
        if let Some(model) = known.filter(|model| size > model.context) {
            let limit = model.context;
            return Err(ApiError::invalid(format!(
                "prompt is too long: {size} tokens, the limit is {limit}"
            )));
        }
        let model = known.map_or(request.model(), |model| model.id);
        let prompt = self.shared.cache.count(
            model,
            known.map(|model| model.cache_min),
            &request.segments(),
            tokens::count(&request.output_schema_text()),
        );
        let step = request.step();
        let composed = compose(
            step,
            request.reply_schema().as_ref(),
            &Subject::of(request),
            self.shared.config.draft_tokens,
        );
        let said = spoil::say(composed, step, self.injected);
        let thinks = request.thinks(known.is_some_and(|model| Thinking::by_default(model.thinking)));
        let mut reply = Reply {
            id: format!("msg_sim_{:06}", self.sequence),
            model: model.to_owned(),
            thinking_tokens: if thinks { THINKING_TOKENS.min(request.max_tokens()) } else { 0 },
            content: content(said.text, request),
            stop: said.stop,
            prompt,
            tells_usage: said.tells_usage,
            delta_size: said.delta_size,
        };
        if matches!(reply.content, Content::ToolCall { .. }) && reply.stop.reason == "end_turn" {
            reply.stop = Stop::because("tool_use");
        }
        let left = request.max_tokens() - reply.thinking_tokens;
        if said.limited && reply.content.cut(left) {
            reply.stop = Stop::because("max_tokens");
        }
        Ok(reply)
    }
}

/// All tokens of the prompt, whatever the cache makes of them.
pub(super) fn prompt_tokens(request: Request<'_>) -> u64 {
    let segments = request.segments();
    let blocks: u64 = segments.iter().map(|segment| tokens::count(&segment.text)).sum();
    blocks + tokens::count(&request.output_schema_text())
}

fn content(text: Option<String>, request: Request<'_>) -> Content {
    match (text, request.forced_tool()) {
        (None, _) => Content::Nothing,
        (Some(input), Some(name)) => Content::ToolCall { name: name.to_owned(), input },
        (Some(text), None) => Content::Text(text),
    }
}
