//! The prompts that come with the program say what the program reads.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::chain::own_fields;

/// The JSON objects that stand on lines of their own, examples and skeletons alike.
fn objects(prompt: &str) -> Vec<Value> {
    let lines = prompt.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn every_object_in_a_prompt_has_just_the_fields_of_its_step_in_the_order_of_the_schema() {
    let prompts = PromptSet::load(&PromptFiles::default(), PerStep::default());
    let rendered = prompts.render(&BTreeMap::new(), 1).texts.whole().unwrap();
    for ((step, text), fields) in rendered.iter().zip(own_fields().into_array()) {
        let objects = objects(text);
        assert!(objects.len() >= 3, "{step}: a skeleton and two examples");
        for object in objects {
            let names: Vec<&String> = object.as_object().unwrap().keys().collect();
            assert_eq!(names, fields.iter().collect::<Vec<_>>(), "{step}");
        }
        for field in fields {
            assert!(text.contains(&format!("- `{field}`: ")), "{step} explains {field}");
        }
    }
}
