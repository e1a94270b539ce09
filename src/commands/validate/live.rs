//! Asks the upstream whether it takes the key and knows the models. No tokens are used.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::timeout;

use super::super::upstream::{Upstream, misses_model};
use crate::cli::RecordingArgs;
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::model::anthropic::{AnthropicClient, ListedModel};
use crate::model::{CallError, CallErrorKind, ModelRequest, Role, SystemBlock, Turn};
use crate::rule::Rule;
use crate::settings::Sources;
use crate::step::StepName;
use crate::validation::Validation;

/// How long all questions to an upstream may take together.
const TIME: Duration = Duration::from_mins(1);

/// What the upstream has to say against the settings. One that must not see the prompts isn't asked.
pub(super) async fn check(validation: &Validation, sources: &Sources, today: Date) -> Vec<Diagnostic> {
    let settings = &validation.settings;
    if validation.diagnostics.iter().any(|diagnostic| diagnostic.rule == Rule::ForeignFile) {
        return Vec::new();
    }
    if let Err(problem) = settings.upstream.check_credential() {
        return vec![Diagnostic::from(&problem)];
    }
    let source = Source::Upstream(settings.upstream.base_url.to_string());
    let upstream = match Upstream::open(settings, false, &RecordingArgs::default()).await {
        Ok(upstream) => upstream,
        Err(error) => {
            let causes = error.causes.join(": ");
            let message = format!("{}: {causes}", error.message);
            return vec![Diagnostic::new(Rule::UpstreamUnreachable, source, message)];
        }
    };
    let inquiry = Inquiry { validation, sources, client: &upstream.client, source, today };
    timeout(TIME, inquiry.make()).await.unwrap_or_else(|_| {
        let message = format!("it hasn't answered all questions within {} s", TIME.as_secs());
        vec![inquiry.problem(Rule::UpstreamUnreachable, message)]
    })
}

/// Questions to one upstream.
struct Inquiry<'a> {
    validation: &'a Validation,
    sources: &'a Sources,
    client: &'a AnthropicClient,
    source: Source,
    today: Date,
}

impl Inquiry<'_> {
    async fn make(&self) -> Vec<Diagnostic> {
        let listed = match self.client.list_models().await {
            Ok(models) => models,
            // Not every server that speaks the Messages API has a list.
            Err(error) if matches!(error.status(), Some(404 | 405 | 501)) => Vec::new(),
            Err(error) if matches!(error.kind, CallErrorKind::Malformed(_)) => Vec::new(),
            Err(error) => return vec![self.failed(&error)],
        };
        let mut found = Vec::new();
        let mut asked = BTreeSet::new();
        for (step, settings) in self.validation.settings.steps.iter() {
            if !asked.insert(settings.model.as_str()) {
                continue;
            }
            let prompt = self.validation.texts.get(step).as_deref().unwrap_or("Answer.");
            let answer = self.client.count_tokens(&request(&settings.model, prompt)).await;
            found.extend(self.about_model(step, &settings.model, answer, &listed));
        }
        found
    }

    fn about_model(
        &self,
        step: StepName,
        model: &str,
        answer: Result<u64, CallError>,
        listed: &[ListedModel],
    ) -> Option<Diagnostic> {
        let entry = listed.iter().find(|listed| listed.id == model);
        let upstream = &self.source;
        let Err(error) = answer else { return entry.and_then(|entry| self.retiring(step, entry)) };
        match error.status() {
            // A server that can't count.
            Some(404 | 405 | 501) if entry.is_some() => None,
            Some(404) if misses_model(&error, model) => {
                let message = format!("{upstream} doesn't know the model {model}");
                Some(self.about(step, Rule::UpstreamModel, message).maybe_hint(nearest(model, listed)))
            }
            Some(404 | 405 | 501) => {
                let message = format!("{upstream} can't say whether it knows the model {model}");
                let problem = self.about(step, Rule::UpstreamModel, message);
                Some(Diagnostic { severity: Severity::Warning, ..problem })
            }
            Some(400) => {
                let message = format!("{upstream} refuses a request to {model}: {error}");
                Some(self.about(step, Rule::UpstreamModel, message))
            }
            _ => Some(self.failed(&error)),
        }
    }

    /// What the upstream says of a model's end is newer than what the catalog says.
    fn retiring(&self, step: StepName, model: &ListedModel) -> Option<Diagnostic> {
        let day = model.retires?;
        let known = self.validation.catalog.find(&model.id).and_then(|entry| entry.retires);
        (known != Some(day)).then(|| {
            let (rule, verb) = if day <= self.today {
                (Rule::RetiredModel, "was retired")
            } else {
                (Rule::RetiringModel, "retires")
            };
            let message = format!("{} {verb} on {day}, says {}", model.id, self.source);
            self.about(step, rule, message).hint("choose another model")
        })
    }

    fn failed(&self, error: &CallError) -> Diagnostic {
        match error.status() {
            Some(401 | 403) => self
                .problem(Rule::UpstreamCredentials, error.to_string())
                .hint("check ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN, and what the key may do"),
            Some(408 | 429 | 500..) => {
                self.problem(Rule::UpstreamUnreachable, error.to_string()).hint("try again later")
            }
            Some(status) => self
                .problem(Rule::UpstreamUnreachable, error.to_string())
                .hint(format!("it refuses the question with status {status}")),
            None => self
                .problem(Rule::UpstreamUnreachable, error.to_string())
                .hint("check the network and ANTHROPIC_BASE_URL"),
        }
    }

    /// About a step's model, where that was set.
    fn about(&self, step: StepName, rule: Rule, message: String) -> Diagnostic {
        let Validation { settings, front_matter, .. } = self.validation;
        let variable = format!("CHAIN_{}_MODEL", step.as_str().to_ascii_uppercase());
        let about = settings.diagnostic_about(self.sources, front_matter, rule, &variable);
        Diagnostic { message, ..about }
    }

    fn problem(&self, rule: Rule, message: String) -> Diagnostic {
        Diagnostic::new(rule, self.source.clone(), message)
    }
}

fn nearest(model: &str, listed: &[ListedModel]) -> Option<String> {
    crate::nearest::did_you_mean(model, listed.iter().map(|listed| listed.id.as_str()))
}

/// The smallest request with a step's prompt.
fn request(model: &str, prompt: &str) -> ModelRequest {
    ModelRequest {
        model: model.to_owned(),
        max_tokens: 1,
        temperature: None,
        system: vec![SystemBlock { text: prompt.into(), cache: false }],
        turns: vec![Turn { role: Role::User, text: "Hello".to_owned() }],
        schema: None,
        thinking: crate::model::Thinking::Unspecified,
        request_id: String::new(),
    }
}
