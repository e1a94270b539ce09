//! The steps' models against what is known of them.

use jiff::civil::Date;

use super::Examined;
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::model::{Catalog, CatalogError, ModelEntry, RetiredModel};
use crate::nearest::did_you_mean;
use crate::rule::Rule;
use crate::settings::{Settings, Sources};
use crate::step::StepName;

/// Adds the models of the user's own file; what is wrong with it, if something is.
pub(super) fn extend(catalog: &mut Catalog, settings: &Settings, sources: &Sources) -> Option<Diagnostic> {
    let path = settings.models_file.as_deref()?;
    let error = catalog.extend_from_file(path).err()?;
    let problem = |source, message: String| Diagnostic::new(Rule::ModelsFile, source, message);
    Some(match &error {
        CatalogError::Syntax { place, message } => {
            let problem = problem(Source::File(path.to_owned()), message.clone());
            // The line isn't shown: if it is a file of another kind, it may hold a secret.
            Diagnostic { place: Some(*place), ..problem }
        }
        CatalogError::Value { .. } | CatalogError::BatchFactor(_) => {
            problem(Source::File(path.to_owned()), error.to_string())
        }
        CatalogError::File(_) => {
            let said = settings.diagnostic_about(sources, &[], Rule::ModelsFile, "CHAIN_MODELS_FILE");
            Diagnostic {
                message: format!("CHAIN_MODELS_FILE: can't use {}: {error}", path.display()),
                ..said
            }
        }
    })
}

pub(super) fn check(examined: &Examined<'_>) -> Vec<Diagnostic> {
    StepName::ALL.into_iter().flat_map(|step| StepModel::of(examined, step).check()).collect()
}

/// A step and its model.
struct StepModel<'a> {
    examined: &'a Examined<'a>,
    step: StepName,
    model: &'a str,
    entry: Option<&'a ModelEntry>,
}

impl<'a> StepModel<'a> {
    fn of(examined: &'a Examined<'a>, step: StepName) -> Self {
        let model = examined.settings.steps.get(step).model.as_str();
        Self { examined, step, model, entry: examined.catalog.find(model) }
    }

    fn check(&self) -> Vec<Diagnostic> {
        let found =
            [self.known(), self.price(), self.life(), self.max_tokens(), self.context(), self.temperature()];
        found.into_iter().flatten().collect()
    }

    /// About the step's variable for `key`, wherever that was set.
    fn about(&self, rule: Rule, key: &str, message: String) -> Diagnostic {
        let Examined { settings, subject, front_matter, .. } = self.examined;
        let variable = format!("CHAIN_{}_{key}", self.step.as_str().to_ascii_uppercase());
        let said = settings.diagnostic_about(subject.sources, front_matter, rule, &variable);
        Diagnostic { message, ..said }
    }

    /// Whether Anthropic's own API is going to be called, which knows no models but its own.
    fn calls_the_vendor(&self) -> bool {
        self.examined.settings.upstream.is_default() && !self.examined.subject.sources.without_credentials
    }

    fn known(&self) -> Option<Diagnostic> {
        // Offline too: Claude's models are the only ones whose names the simulator looks up.
        let is_vendors = self.examined.settings.upstream.is_default();
        if self.entry.is_some() || self.retired().is_some() || !is_vendors {
            return None;
        }
        let names = self.examined.catalog.models().flat_map(|entry| entry.aliases.iter().chain([&entry.id]));
        let hint = did_you_mean(self.model, names.map(String::as_str)).unwrap_or_else(|| {
            "its price and limits can be told in a file named by CHAIN_MODELS_FILE".to_owned()
        });
        let message = format!("the model {} isn't known: neither its price nor its limits are", self.model);
        Some(self.about(Rule::UnknownModel, "MODEL", message).hint(hint))
    }

    /// What is known of the model, if only that it is gone.
    fn retired(&self) -> Option<&'a RetiredModel> {
        self.examined.catalog.find_retired(self.model)
    }

    fn price(&self) -> Option<Diagnostic> {
        let price_is_known = self.entry.is_some_and(|entry| entry.prices.is_some());
        if price_is_known || self.examined.settings.max_cost_usd.is_none() {
            return None;
        }
        let message =
            format!("a run may cost no more than is set, and the price of {} isn't known", self.model);
        let hint = "add the model's price to a file named by CHAIN_MODELS_FILE, or drop the cap";
        Some(self.about(Rule::UnknownPrice, "MODEL", message).hint(hint))
    }

    /// Models are born, deprecated and retired.
    fn life(&self) -> Option<Diagnostic> {
        let hint = match self.retired() {
            Some(retired) => format!("choose another model, such as {}", retired.successor),
            None => "choose another model".to_owned(),
        };
        let problem = |rule, what: String| {
            self.about(rule, "MODEL", format!("{} {what}", self.model)).hint(hint.clone())
        };
        let was_retired = |day: Option<Date>| {
            let day = day.map(|day| format!(" on {day}")).unwrap_or_default();
            let problem = problem(Rule::RetiredModel, format!("was retired{day}"));
            // Others than its vendor may serve it for longer.
            let severity = if self.calls_the_vendor() { problem.severity } else { Severity::Warning };
            Some(Diagnostic { severity, ..problem })
        };
        let Some(entry) = self.entry else { return was_retired(self.retired()?.on) };
        match (entry.retires, entry.deprecated) {
            (Some(day), _) if day <= self.examined.subject.today => was_retired(Some(day)),
            (Some(day), _) => Some(problem(Rule::RetiringModel, format!("retires on {day}"))),
            (None, Some(day)) => {
                Some(problem(Rule::RetiringModel, format!("is deprecated since {day}, and will be retired")))
            }
            (None, None) => None,
        }
    }

    fn max_tokens(&self) -> Option<Diagnostic> {
        let (entry, max_tokens) = (self.entry?, self.examined.settings.steps.get(self.step).max_tokens);
        (max_tokens > entry.max_output).then(|| {
            let message = format!(
                "{}: max_tokens is {max_tokens}, but a reply of {} has at most {} tokens",
                self.step, self.model, entry.max_output
            );
            let hint = format!("at most {}", entry.max_output);
            self.about(Rule::MaxTokensOverLimit, "MAX_TOKENS", message).hint(hint)
        })
    }

    /// Whether prompt and reply fit, before the user has said a word.
    fn context(&self) -> Option<Diagnostic> {
        let (entry, text) = (self.entry?, self.examined.texts.get(self.step).as_ref()?);
        let max_tokens = u64::from(self.examined.settings.steps.get(self.step).max_tokens);
        let prompt = entry.tokens_in(text);
        (prompt.saturating_add(max_tokens) > entry.context).then(|| {
            let source = self.examined.prompts.prompts.get(self.step).as_ref().map(|it| it.source().clone());
            let message = format!(
                "the prompt has about {prompt} tokens, and a reply up to {max_tokens}: more than the {} that {} takes",
                entry.context, self.model
            );
            Diagnostic::new(Rule::PromptOverContext, source.unwrap_or(Source::Unsaid), message)
                .hint("shorten it, or choose a model with a larger context")
        })
    }

    fn temperature(&self) -> Option<Diagnostic> {
        let Examined { settings, catalog, .. } = self.examined;
        let version = &settings.upstream.version;
        let is_explicit = settings.steps.get(self.step).temperature_is_explicit;
        (is_explicit && !catalog.accepts_temperature(self.model, version)).then(|| {
            let message =
                format!("{} with API version {version} accepts no temperature: it is left out", self.model);
            self.about(Rule::TemperatureRefused, "TEMPERATURE", message)
        })
    }
}
