//! The published JSON Schemas of what the program writes: made from the wire types, so that they can't
//! fall behind.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::wire::{
    BatchLine, ConfigReport, DryRunReport, ErrorDocument, EventLine, InspectionReport, RunReport,
    StateReport, TokenReport, ValidationDocument, WIRE_VERSION,
};

/// A kind of document that the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaKind {
    /// The result object of a run.
    Run,
    /// A line of the event stream.
    Events,
    /// The error object.
    Error,
    /// What a run leaves behind for another to go on from.
    State,
    /// The result of a line of a batch.
    Batch,
    /// What a run would send.
    DryRun,
    /// What was found in prompt files and settings.
    Validation,
    /// The settings in effect.
    Config,
    /// A token that was made.
    Token,
    /// What was found of a token.
    Inspection,
}

impl SchemaKind {
    /// `run`, `events`, `error`, `state`, `batch`, `dry-run`, `validation`, `config`, `token`, `inspection`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Events => "events",
            Self::Error => "error",
            Self::State => "state",
            Self::Batch => "batch",
            Self::DryRun => "dry-run",
            Self::Validation => "validation",
            Self::Config => "config",
            Self::Token => "token",
            Self::Inspection => "inspection",
        }
    }
}

/// The schema of that kind of document, in draft 2020-12.
#[must_use]
pub fn schema(kind: SchemaKind) -> Value {
    let mut body = match kind {
        SchemaKind::Run => schema_of::<RunReport<'static>>(),
        SchemaKind::Events => schema_of::<EventLine<'static>>(),
        SchemaKind::Error => schema_of::<ErrorDocument>(),
        SchemaKind::Batch => schema_of::<BatchLine<'static>>(),
        SchemaKind::State => schema_of::<StateReport<'static>>(),
        SchemaKind::DryRun => schema_of::<DryRunReport>(),
        SchemaKind::Validation => schema_of::<ValidationDocument<'static>>(),
        SchemaKind::Config => schema_of::<ConfigReport>(),
        SchemaKind::Token => schema_of::<TokenReport>(),
        SchemaKind::Inspection => schema_of::<InspectionReport>(),
    };
    let id = format!("urn:promptchain:{}:{WIRE_VERSION}", kind.as_str());
    body.insert("$id".to_owned(), Value::String(id));
    // What a reader wants to know first comes first.
    let head = ["$schema", "$id", "title", "description"];
    let mut schema: Map<String, Value> =
        head.into_iter().filter_map(|member| Some((member.to_owned(), body.shift_remove(member)?))).collect();
    schema.extend(body);
    Value::Object(schema)
}

/// The schema of a type as it is written: every member is required.
fn schema_of<T: JsonSchema>() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    match Value::from(settings.into_generator().into_root_schema_for::<T>()) {
        Value::Object(schema) => schema,
        // A schema may also be `true`, which no struct's is.
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::Replies;
    use crate::report::wire::{EventBody, RunFinishedLine};
    use crate::report::{dry_run_text, saved_state, settings_text, transcripts, validation};

    const ALL: [SchemaKind; 10] = [
        SchemaKind::Run,
        SchemaKind::Events,
        SchemaKind::Error,
        SchemaKind::State,
        SchemaKind::Batch,
        SchemaKind::DryRun,
        SchemaKind::Validation,
        SchemaKind::Config,
        SchemaKind::Token,
        SchemaKind::Inspection,
    ];

    /// Documents of that kind about tokens.
    fn of_tokens(kind: SchemaKind) -> Vec<Value> {
        let claims: Map<String, Value> = [("sub".to_owned(), "alice".into())].into_iter().collect();
        let warnings = || vec!["it is long".to_owned()];
        let made = |expires_at| {
            json(TokenReport::new("a.b.c".to_owned(), "HS256", claims.clone(), expires_at, warnings()))
        };
        let found = |failure, claims| json(InspectionReport::new(failure, claims, None, warnings()));
        match kind {
            SchemaKind::Token => vec![made(None), made(Some(jiff::Timestamp::UNIX_EPOCH))],
            SchemaKind::Inspection => vec![
                found(None, Some(claims.clone())),
                found(Some(("malformed", "It is no token.".to_owned())), None),
                json(InspectionReport::new(None, None, Some(claims), Vec::new())),
            ],
            _ => Vec::new(),
        }
    }

    /// Every document of that kind that the transcripts and the examples lead to.
    fn documents(kind: SchemaKind) -> Vec<Value> {
        match kind {
            SchemaKind::DryRun => return dry_run_text::tests::examples().into_iter().map(json).collect(),
            SchemaKind::Config => return vec![json(settings_text::example())],
            SchemaKind::Validation => {
                let reports = [validation::tests::everything(), validation::tests::nothing()];
                return reports.iter().map(|report| json(ValidationDocument::new(report))).collect();
            }
            SchemaKind::Token | SchemaKind::Inspection => return of_tokens(kind),
            SchemaKind::Run
            | SchemaKind::Events
            | SchemaKind::Error
            | SchemaKind::State
            | SchemaKind::Batch => {}
        }
        let mut documents = Vec::new();
        for transcript in transcripts::all() {
            let (summary, error) = (&transcript.summary, transcript.error());
            match kind {
                SchemaKind::Run => {
                    documents.push(json(RunReport::new(
                        summary,
                        Replies::Simulated,
                        error,
                        transcripts::code_of,
                    )));
                }
                SchemaKind::Batch => {
                    let run = RunReport::new(summary, Replies::Simulated, error, transcripts::code_of);
                    documents.push(json(BatchLine::new(7, &Value::Null, run, summary, &summary.spend())));
                }
                SchemaKind::Error => documents
                    .extend(error.map(|error| json(ErrorDocument::new(error, Some(&summary.spend()))))),
                SchemaKind::Config => {}
                SchemaKind::State => documents.push(json(saved_state::tests::document(summary))),
                SchemaKind::Events => {
                    let bodies = transcript.events.iter().filter_map(|(_, event)| {
                        EventBody::of(event, Replies::Upstream, transcripts::code_of)
                    });
                    documents.extend(bodies.map(|body| json(EventLine::new(Duration::from_millis(1), body))));
                    let end = EventBody::RunFinished(Box::new(RunFinishedLine::new(summary, error)));
                    documents.push(json(EventLine::new(transcript.over, end)));
                }
                _ => unreachable!(),
            }
        }
        documents
    }

    fn json(document: impl serde::Serialize) -> Value {
        serde_json::to_value(document).unwrap()
    }

    #[test]
    fn everything_written_is_valid_by_its_schema() {
        for kind in ALL {
            let validator = jsonschema::draft202012::new(&schema(kind)).unwrap();
            let documents = documents(kind);
            assert!(!documents.is_empty());
            for document in documents {
                let problems: Vec<String> =
                    validator.iter_errors(&document).map(|problem| problem.to_string()).collect();
                assert!(problems.is_empty(), "{kind:?}: {problems:#?} in {document:#}");
            }
        }
    }

    #[test]
    fn no_member_may_be_missing_or_of_another_type() {
        for kind in ALL {
            let validator = jsonschema::draft202012::new(&schema(kind)).unwrap();
            for document in documents(kind) {
                let members: Vec<String> = document.as_object().unwrap().keys().cloned().collect();
                for member in members {
                    let mut without = document.clone();
                    without.as_object_mut().unwrap().shift_remove(&member);
                    assert!(!validator.is_valid(&without), "{kind:?} without {member}");
                    let mut changed = document.clone();
                    changed[&member] = serde_json::json!([[]]);
                    assert!(!validator.is_valid(&changed), "{kind:?} with another {member}");
                }
            }
        }
    }

    #[test]
    fn every_schema_names_its_dialect_its_version_and_what_it_is() {
        for kind in ALL {
            let schema = schema(kind);
            let members: Vec<&str> = schema.as_object().unwrap().keys().map(String::as_str).take(4).collect();
            assert_eq!(members, ["$schema", "$id", "title", "description"]);
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
            assert_eq!(schema["$id"], format!("urn:promptchain:{}:1", kind.as_str()));
            assert_eq!(schema["properties"]["version"]["const"], 1);
        }
    }

    #[test]
    fn every_member_is_described() {
        for kind in ALL {
            let mut undescribed = Vec::new();
            collect_undescribed(&schema(kind), "", &mut undescribed);
            assert!(undescribed.is_empty(), "{kind:?}: {undescribed:?}");
        }
    }

    fn collect_undescribed(schema: &Value, place: &str, found: &mut Vec<String>) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                // The word that tells the events apart is described by its event.
                if property.get("description").is_none() && name != "event" {
                    found.push(format!("{place}/{name}"));
                }
            }
        }
        let children: Vec<(String, &Value)> = match schema {
            Value::Object(members) => members.iter().map(|(name, child)| (name.clone(), child)).collect(),
            Value::Array(elements) => {
                elements.iter().enumerate().map(|(index, child)| (index.to_string(), child)).collect()
            }
            _ => Vec::new(),
        };
        for (name, child) in children {
            collect_undescribed(child, &format!("{place}/{name}"), found);
        }
    }
}
