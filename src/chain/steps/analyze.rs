//! The first step: what is asked for, what it is about, how hard it is.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::super::config::{ChainConfig, GateRules};
use super::{Fields, Finding, Step, StepName, StepOutput, object, schema};
use crate::model::ReplySchema;

/// The field for the answer's parts, which is only there where it is asked for.
pub(crate) const SUBTASKS: &str = "subtasks";

/// As many parts as there may be workers. Each costs a call with the whole prompt.
pub(crate) const MOST_PARTS: usize = 8;

/// The longest title of a part, in characters. It becomes a heading.
const LONGEST_TITLE: usize = 120;

/// Characters of a word that isn't one of ours that are quoted.
const LONGEST_WORD_QUOTED: usize = 40;

/// What the first step found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// What the user wants, in a sentence.
    pub intent: String,
    /// What the request is about, most important first.
    pub key_entities: Vec<String>,
    /// How hard it is; `None` if the model didn't say.
    pub complexity: Option<Complexity>,
    /// Whatever else the next step should know.
    pub context: Map<String, Value>,
    /// The independent parts of the answer, where it was asked for them and there are some.
    pub subtasks: Vec<Subtask>,
    /// Fields beyond these, declared by the prompt or added by the model.
    pub extra: Map<String, Value>,
}

/// A part of the answer that can be written without the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtask {
    /// What stands above it.
    pub title: String,
    /// What it is to say.
    pub instruction: String,
}

/// How hard a request is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Complexity {
    /// One fact or one small task.
    Simple,
    /// Several points, one subject.
    Moderate,
    /// Several subjects, or a long piece of work.
    Complex,
    /// A word that isn't one of the three, which the gate finds fault with.
    Other(String),
}

impl Complexity {
    /// The word in the JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Simple => "simple",
            Self::Moderate => "moderate",
            Self::Complex => "complex",
            Self::Other(word) => word,
        }
    }
}

impl Complexity {
    /// Whether it is known to be at least that.
    #[must_use]
    pub fn is_at_least(&self, least: &Self) -> bool {
        !matches!(self, Self::Other(_)) && self >= least
    }
}

impl From<String> for Complexity {
    fn from(word: String) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "simple" => Self::Simple,
            "moderate" => Self::Moderate,
            "complex" => Self::Complex,
            _ => Self::Other(word),
        }
    }
}

impl Analysis {
    /// Whether the answer has several parts that can each be written.
    pub(crate) fn is_divisible(&self) -> bool {
        (2..=MOST_PARTS).contains(&self.subtasks.len())
            && !self.subtasks.iter().any(Subtask::is_blank)
            && !have_titles_in_common(&self.subtasks)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut json = object(
            [
                ("intent", json!(self.intent)),
                ("key_entities", json!(self.key_entities)),
                ("complexity", json!(self.complexity.as_ref().map(Complexity::as_str))),
                ("context", json!(self.context)),
            ],
            &self.extra,
        );
        if let (Value::Object(json), false) = (&mut json, self.subtasks.is_empty()) {
            json.insert(SUBTASKS.to_owned(), self.subtasks.iter().map(Subtask::to_json).collect());
        }
        json
    }
}

impl Subtask {
    /// The title as a heading of one line, without marks of its own.
    fn new(title: &str, instruction: String) -> Self {
        let title = title.replace(char::is_control, " ");
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title: String = title.trim_start_matches(['#', ' ']).chars().take(LONGEST_TITLE).collect();
        // Read again, it is the same.
        Self { title: title.trim_end().to_owned(), instruction }
    }

    fn is_blank(&self) -> bool {
        !self.title.contains(char::is_alphanumeric) || self.instruction.trim().is_empty()
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"title": self.title, "instruction": self.instruction})
    }
}

impl From<Analysis> for StepOutput {
    fn from(analysis: Analysis) -> Self {
        Self::Analyze(analysis)
    }
}

pub(crate) struct Analyze;

impl Step for Analyze {
    const NAME: StepName = StepName::Analyze;
    const CORE_FIELD: &'static str = "intent";
    type Input<'a> = ();
    type Output = Analysis;

    fn properties() -> Map<String, Value> {
        let complexity = json!({"enum": ["simple", "moderate", "complex"]});
        Map::from_iter([
            ("intent".to_owned(), schema::string("What the user wants, in one sentence.")),
            ("key_entities".to_owned(), schema::strings("What the request is about, most important first.")),
            ("complexity".to_owned(), complexity),
            ("context".to_owned(), schema::entries("What else the next step should know.")),
        ])
    }

    fn own_schema() -> Arc<ReplySchema> {
        static SCHEMA: LazyLock<Arc<ReplySchema>> = LazyLock::new(schema::own::<Analyze>);
        Arc::clone(&SCHEMA)
    }

    fn further_properties(config: &ChainConfig) -> Map<String, Value> {
        let parts = || {
            schema::objects(
                &["title", "instruction"],
                "The independent parts of the answer, in order; empty if it has none.",
            )
        };
        let is_divided = config.workers.max > 1;
        is_divided.then(|| (SUBTASKS.to_owned(), parts())).into_iter().collect()
    }

    fn documents((): &()) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn decode(fields: &mut Fields) -> Option<Analysis> {
        let intent = fields.string("intent");
        let key_entities = fields.strings("key_entities").unwrap_or_default();
        let complexity = fields.string("complexity").map(Complexity::from);
        let context = fields.entries("context").unwrap_or_default();
        let subtasks = fields.optional_texts(SUBTASKS, ["title", "instruction"]);
        let subtasks =
            subtasks.into_iter().map(|[title, instruction]| Subtask::new(&title, instruction)).collect();
        Some(Analysis { intent: intent?, key_entities, complexity, context, subtasks, extra: Map::new() })
    }

    fn gate(analysis: &Analysis, _rules: &GateRules) -> Vec<Finding> {
        let mut findings = Vec::new();
        if analysis.intent.trim().is_empty() {
            findings.push(Finding::error("blank-intent", "`intent` is blank"));
        }
        if let Some(Complexity::Other(word)) = &analysis.complexity {
            // A finding may be logged, and the word is the model's: no more of it than a word is long.
            let word: String = word.chars().take(LONGEST_WORD_QUOTED).collect();
            let message = format!("`complexity` must be simple, moderate or complex, not {word:?}");
            findings.push(Finding::error("unknown-complexity", message));
        }
        if analysis.key_entities.iter().all(|entity| entity.trim().is_empty()) {
            findings.push(Finding::warning("no-key-entities", "`key_entities` names nothing"));
        }
        findings.extend(faulty_parts(&analysis.subtasks));
        findings
    }

    fn degrade(_text: Option<&str>, request: &str) -> Option<Analysis> {
        Some(Analysis {
            intent: request.to_owned(),
            key_entities: Vec::new(),
            complexity: None,
            context: Map::new(),
            subtasks: Vec::new(),
            extra: Map::new(),
        })
    }

    fn extra(analysis: &mut Analysis) -> &mut Map<String, Value> {
        &mut analysis.extra
    }
}

fn faulty_parts(parts: &[Subtask]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if parts.len() > MOST_PARTS {
        let message = format!("`{SUBTASKS}` must have at most {MOST_PARTS} elements, not {}", parts.len());
        findings.push(Finding::error("too-many-parts", message));
    }
    if parts.iter().any(Subtask::is_blank) {
        let message = format!("no title and no instruction in `{SUBTASKS}` may be blank");
        findings.push(Finding::error("blank-part", message));
    }
    if have_titles_in_common(parts) {
        findings
            .push(Finding::error("repeated-title", format!("no two titles in `{SUBTASKS}` may be the same")));
    }
    findings
}

fn have_titles_in_common(parts: &[Subtask]) -> bool {
    let titles: HashSet<String> = parts.iter().map(|part| part.title.to_lowercase()).collect();
    titles.len() < parts.len()
}
