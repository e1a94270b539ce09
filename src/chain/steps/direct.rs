//! One call in the place of the three steps: it answers the conversation as it is, in plain text.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};

use super::super::config::GateRules;
use super::{Answer, Fields, Finding, Step, StepName, Synthesize, schema};
use crate::model::ReplySchema;

pub(crate) struct Direct;

impl Step for Direct {
    const NAME: StepName = StepName::Synthesize;
    const CORE_FIELD: &'static str = Synthesize::CORE_FIELD;
    const IS_TEXT: bool = true;
    type Input<'a> = ();
    type Output = Answer;

    fn properties() -> Map<String, Value> {
        Map::new()
    }

    fn own_schema() -> Arc<ReplySchema> {
        static SCHEMA: LazyLock<Arc<ReplySchema>> = LazyLock::new(schema::own::<Direct>);
        Arc::clone(&SCHEMA)
    }

    fn documents((): &()) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn decode(fields: &mut Fields) -> Option<Answer> {
        Synthesize::decode(fields)
    }

    fn gate(answer: &Answer, rules: &GateRules) -> Vec<Finding> {
        Synthesize::gate(answer, rules)
    }

    fn degrade(text: Option<&str>, request: &str) -> Option<Answer> {
        Synthesize::degrade(text, request)
    }

    fn extra(answer: &mut Answer) -> &mut Map<String, Value> {
        Synthesize::extra(answer)
    }

    fn final_text(answer: &mut Answer) -> Option<&mut String> {
        Synthesize::final_text(answer)
    }
}
