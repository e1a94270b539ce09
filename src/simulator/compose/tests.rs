//! What replies say, and that the same request gets the same.

use super::*;
use crate::simulator::request::Request;

const QUESTION: &str = "How do solar panels work? Compare monocrystalline cells and thin-film cells.";

fn subject(text: &str) -> Subject {
    Subject::of(Request { body: &json!({"messages": [{"role": "user", "content": text}]}) })
}

fn composed(step: Option<Step>, schema: Option<&Value>, text: &str) -> Value {
    match compose(step, schema, &subject(text), None) {
        Composed::Json(value) => value,
        Composed::Text(text) => panic!("expected JSON, got {text}"),
    }
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn analyze_names_phrases_that_stand_in_the_request() {
    let analysis = composed(Some(Step::Analyze), None, QUESTION);
    assert_eq!(analysis["intent"], "How do solar panels work?");
    assert_eq!(analysis["complexity"], "simple");
    let entities = analysis["key_entities"].as_array().unwrap();
    assert!(entities.iter().any(|entity| entity == "monocrystalline cells"), "{entities:?}");
    assert!(entities.iter().all(|entity| QUESTION.contains(entity.as_str().unwrap())));
    assert_eq!(analysis["context"][0], json!({"key": "language", "value": "en"}));
}

#[test]
fn process_takes_up_the_requests_own_sentences() {
    let draft = composed(Some(Step::Process), None, QUESTION);
    let content = draft["content"].as_str().unwrap();
    assert!(content.contains("Compare monocrystalline cells and thin-film cells."), "{content}");
    assert!((0.70..=0.95).contains(&draft["confidence"].as_f64().unwrap()));
}

#[test]
fn synthesize_reworks_the_draft_and_says_that_it_is_simulated() {
    let prompt = "<request-3f2a91c07b1e>Compare tea.</request-3f2a91c07b1e>\
                  <analysis-3f2a91c07b1e>{\"intent\":\"compare teas\"}</analysis-3f2a91c07b1e>\
                  <draft-3f2a91c07b1e>{\"content\":\"Two teas.\\n- green\\n- black\"}</draft-3f2a91c07b1e>";
    let answer = composed(Some(Step::Synthesize), None, prompt);
    let text = answer["final_text"].as_str().unwrap();
    assert!(text.starts_with("# Compare teas\n\nTwo teas.\n1. green\n2. black\n"), "{text}");
    assert!(text.lines().last().unwrap().contains("simulated reply"), "{text}");
    assert_eq!(answer["formatting"], "markdown");
}

#[test]
fn synthesize_numbers_the_points_of_each_part_anew() {
    let prompt = "<draft-3f2a91c07b1e>{\"content\":\"## Tea\\n- green\\n- black\\n## Milk\\n- cold\"}</draft-3f2a91c07b1e>";
    let answer = composed(Some(Step::Synthesize), None, prompt);
    let text = answer["final_text"].as_str().unwrap();
    assert!(text.contains("## Tea\n1. green\n2. black\n## Milk\n1. cold\n"), "{text}");
}

#[test]
fn the_order_and_the_extra_fields_of_the_schema_are_kept() {
    let schema = json!({"type": "object", "properties": {
        "audience": {"type": "string"},
        "urgent": {"type": "boolean"},
        "key_entities": {"type": "array", "items": {"type": "string"}},
        "score": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "intent": {"type": "string"},
    }});
    let analysis = composed(Some(Step::Analyze), Some(&schema), QUESTION);
    assert_eq!(names(&analysis), ["audience", "urgent", "key_entities", "score", "tags", "intent"]);
    assert!(
        analysis["audience"].is_string() && analysis["urgent"].is_boolean() && analysis["score"].is_f64()
    );
    assert!(!analysis["tags"].as_array().unwrap().is_empty());
}

#[test]
fn an_open_object_gets_its_entries_as_members() {
    let schema = json!({"properties": {"intent": {}, "context": {"type": "object"}}});
    assert_eq!(composed(Some(Step::Analyze), Some(&schema), QUESTION)["context"]["language"], "en");
}

/// A schema that asks for parts.
fn with_subtasks() -> Value {
    json!({"type": "object", "properties": {
        "intent": {"type": "string"},
        "subtasks": {"type": "array", "items": {"type": "object", "properties": {
            "title": {"type": "string"}, "instruction": {"type": "string"},
        }}},
    }})
}

const QUESTIONS: &str = "What are solar panels? What are wind turbines? What are tidal plants?";

#[test]
fn a_complex_request_has_parts_and_a_simple_one_none() {
    let system = "Return JSON, with at most 3 parts.";
    let reply = |text: &str| {
        let turns = json!([{"role": "user", "content": text}]);
        let subject = Subject::of(Request { body: &json!({"system": system, "messages": turns}) });
        match compose(Some(Step::Analyze), Some(&with_subtasks()), &subject, None) {
            Composed::Json(reply) => reply["subtasks"].clone(),
            Composed::Text(text) => panic!("expected JSON, got {text}"),
        }
    };
    assert_eq!(
        reply(QUESTIONS),
        json!([
            {"title": "Solar panels", "instruction": "What are solar panels?"},
            {"title": "Wind turbines", "instruction": "What are wind turbines?"},
            {"title": "Tidal plants", "instruction": "What are tidal plants?"},
        ])
    );
    assert_eq!(reply("What are solar panels?"), json!([]));
}

#[test]
fn without_a_schema_parts_are_made_where_the_prompt_names_them() {
    let analysis = |system: &str| {
        let turns = json!([{"role": "user", "content": QUESTIONS}]);
        let subject = Subject::of(Request { body: &json!({"system": system, "messages": turns}) });
        match compose(Some(Step::Analyze), None, &subject, None) {
            Composed::Json(reply) => reply,
            Composed::Text(text) => panic!("expected JSON, got {text}"),
        }
    };
    assert_eq!(analysis("Return `intent` and `subtasks`.")["subtasks"].as_array().unwrap().len(), 3);
    assert_eq!(analysis("Return `intent`.").get("subtasks"), None);
}

#[test]
fn the_draft_has_the_size_that_is_asked_for_and_its_parts_share_it() {
    let tokens_of = |prompt: &str| {
        let size = NonZeroU32::new(1000);
        let schema = json!({"properties": {"content": {}, "confidence": {}}});
        let messages = json!([{"role": "user", "content": prompt}]);
        let system = format!("Match this: {schema}");
        let subject = Subject::of(Request { body: &json!({"system": system, "messages": messages}) });
        let Composed::Json(reply) = compose(Some(Step::Process), Some(&schema), &subject, size) else {
            panic!("expected JSON")
        };
        tokens::count(reply["content"].as_str().unwrap())
    };
    let whole = tokens_of(QUESTION);
    assert!((990..=1000).contains(&whole), "{whole}");
    let part = tokens_of(
        "<outline-3f2a91c07b1e>[{}, {}, {}, {}]</outline-3f2a91c07b1e>\
         <part-3f2a91c07b1e>{\"part\": 1, \"title\": \"Tea\", \"instruction\": \"Praise it.\"}</part-3f2a91c07b1e>",
    );
    assert!((240..=250).contains(&part), "{part}");
}

#[test]
fn any_other_schema_gets_a_value_that_matches_it() {
    let schema = json!({"type": "object", "additionalProperties": false,
        "required": ["kind", "when", "count", "note", "inner", "fixed"],
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "when": {"type": "string", "format": "date"},
            "count": {"type": "integer"},
            "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "inner": {"$ref": "#/$defs/inner"},
            "fixed": {"const": 7},
        },
        "$defs": {"inner": {"type": "object", "properties": {"ok": {"type": ["null", "boolean"]}}}},
    });
    let value = composed(None, Some(&schema), QUESTION);
    assert!(jsonschema::is_valid(&schema, &value), "{value}");
}

#[test]
fn without_step_and_schema_the_reply_is_plain_text() {
    let Composed::Text(text) = compose(None, None, &subject(QUESTION), None) else { panic!("JSON") };
    assert!(text.contains("solar panels") && text.contains("simulated reply"), "{text}");
}

#[test]
fn a_request_without_telling_words_is_answered_too() {
    for text in ["?", "is it", "42"] {
        for step in Step::ALL {
            let reply = composed(Some(step), None, text);
            assert!(!reply[step.main_field()].as_str().unwrap().trim().is_empty(), "{step} {text}");
        }
    }
}

fn with_system(system: &str) -> Subject {
    let turns = json!([{"role": "user", "content": QUESTION}]);
    Subject::of(Request { body: &json!({"system": system, "messages": turns}) })
}

fn final_text_for(system: &str) -> Value {
    let Composed::Json(reply) = compose(Some(Step::Synthesize), None, &with_system(system), None) else {
        panic!("expected JSON")
    };
    serde_json::from_str(reply["final_text"].as_str().unwrap()).unwrap()
}

#[test]
fn a_final_text_that_must_be_json_is() {
    let id = "0123456789ab";
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}, "words": {"type": "array", "items": {"type": "string"}}}});
    let document = final_text_for(&format!("One document.\n<schema-{id}>\n{schema}\n</schema-{id}>"));
    assert!(document["n"].is_i64() && document["words"].is_array(), "{document}");
    let object = final_text_for("The content of `final_text` must be one JSON object, and nothing else.");
    assert!(object.is_object(), "{object}");
}

#[test]
fn a_schema_that_grows_without_end_is_answered_all_the_same() {
    let properties: Map<_, _> = (0..50).map(|n| (format!("p{n}"), json!({"$ref": "#"}))).collect();
    let schema = json!({"type": "object", "properties": properties});
    let reply = composed(None, Some(&schema), QUESTION);
    assert!(reply.is_object());
}
