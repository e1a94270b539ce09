//! The faults that lie in what a reply says: its JSON, its text, its stop reason.

use serde_json::{Map, Value, json};

use super::compose::Composed;
use super::fault::Fault;
use super::injected::Injected;
use super::reply::{DeltaSize, Stop};
use super::{Step, tokens};

/// Bytes of text in the reply of [`Fault::HugeReply`].
const HUGE_REPLY: usize = 5_000_000;
/// Bytes of text in the event of [`Fault::HugeEvent`].
const HUGE_EVENT: usize = 2 * 1024 * 1024;
/// A character that no request has, which marks the place of an escape that isn't legal.
const ESCAPE_MARK: char = '\u{e000}';

/// What a reply says, once spoilt or left as it was.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// The text, of a block or of a tool's input; there is no block at all if `None`.
    pub(super) text: Option<String>,
    pub(super) stop: Stop,
    pub(super) tells_usage: bool,
    pub(super) delta_size: DeltaSize,
    /// Whether `max_tokens` holds for it.
    pub(super) limited: bool,
}

/// Says what was composed, with the fault, if there is one of this kind.
pub(super) fn say(composed: Composed, step: Option<Step>, injected: Option<Injected>) -> Said {
    let text = match (composed, injected) {
        (Composed::Json(Value::Object(mut fields)), Some(injected)) => {
            spoil_fields(&mut fields, step, injected);
            spoil_json(&Value::Object(fields).to_string(), injected.fault)
        }
        (Composed::Json(value), _) => value.to_string(),
        (Composed::Text(text), Some(injected)) => lengthen(text, injected.fault),
        (Composed::Text(text), None) => text,
    };
    let said = Said {
        text: Some(text),
        stop: Stop::because("end_turn"),
        tells_usage: true,
        delta_size: DeltaSize::Word,
        limited: true,
    };
    match injected {
        Some(injected) => spoil_ending(said, injected.fault),
        None => said,
    }
}

fn spoil_fields(fields: &mut Map<String, Value>, step: Option<Step>, injected: Injected) {
    let main_name = step.map_or("", Step::main_field);
    let main_name = if fields.contains_key(main_name) {
        main_name.to_owned()
    } else {
        fields.keys().next().cloned().unwrap_or_default()
    };
    let confidence = |default: f64| json!(injected.parameter.unwrap_or(default));
    match injected.fault {
        Fault::MissingField => {
            fields.shift_remove(&main_name);
        }
        Fault::ReorderedFields => {
            let reversed = std::mem::take(fields).into_iter().rev().collect();
            *fields = reversed;
        }
        Fault::WrongJsonType => set(fields, "confidence", json!("high")),
        Fault::ConfidenceOutOfRange => set(fields, "confidence", confidence(1.7)),
        Fault::LowConfidence => set(fields, "confidence", confidence(0.2)),
        Fault::BlankIntent | Fault::BlankContent | Fault::BlankText => set(fields, &main_name, json!(" \n ")),
        fault => {
            if let Some(Value::String(text)) = fields.get_mut(&main_name) {
                *text = lengthen(std::mem::take(text), fault);
                text.extend((fault == Fault::BadEscape).then_some(ESCAPE_MARK));
            }
        }
    }
}

/// Only what the schema asked for can be wrong in the reply.
fn set(fields: &mut Map<String, Value>, name: &str, value: Value) {
    if let Some(field) = fields.get_mut(name) {
        *field = value;
    }
}

fn spoil_json(json: &str, fault: Fault) -> String {
    match fault {
        Fault::NotJson => {
            "I looked at the request and would rather talk about it than fill in a form.".to_owned()
        }
        Fault::FencedJson => format!("```json\n{json}\n```"),
        Fault::ProseAroundJson => {
            format!("Here is what you asked for:\n\n{json}\n\nI can change any part of it.")
        }
        Fault::BadEscape => json.replace(ESCAPE_MARK, r"\q"),
        _ => json.to_owned(),
    }
}

/// `text`, repeated up to the size of a fault that is about size.
fn lengthen(text: String, fault: Fault) -> String {
    let size = match fault {
        Fault::HugeReply => HUGE_REPLY,
        Fault::HugeEvent => HUGE_EVENT,
        _ => return text,
    };
    let paragraph = format!("{text}\n\n");
    paragraph.repeat(size.div_ceil(paragraph.len()))
}

fn spoil_ending(mut said: Said, fault: Fault) -> Said {
    match fault {
        Fault::HugeReply => (said.delta_size, said.limited) = (DeltaSize::Long, false),
        Fault::HugeEvent => (said.delta_size, said.limited) = (DeltaSize::Whole, false),
        Fault::MissingUsage => said.tells_usage = false,
        Fault::EmptyReply => said.text = None,
        Fault::MaxTokens => {
            halve(&mut said);
            said.stop = Stop::because("max_tokens");
        }
        Fault::Refusal => {
            said.text = None;
            said.stop = refusal();
        }
        Fault::RefusalMidText => {
            halve(&mut said);
            said.stop = refusal();
        }
        _ => {}
    }
    said
}

fn halve(said: &mut Said) {
    if let Some(text) = &mut said.text {
        let half = tokens::first(text, tokens::count(text) / 2).len();
        text.truncate(half);
    }
}

fn refusal() -> Stop {
    let details = json!({
        "type": "refusal",
        "category": "general_harms",
        "explanation": "The simulator was told to refuse this request.",
    });
    Stop { reason: "refusal", details: Some(details) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fault: Fault, step: Step, json: &Value) -> Said {
        say(Composed::Json(json.clone()), Some(step), Some(Injected { fault, parameter: None }))
    }

    fn parsed(said: &Said) -> Value {
        serde_json::from_str(said.text.as_ref().unwrap()).unwrap()
    }

    fn draft() -> Value {
        json!({"content": "Some words.", "confidence": 0.8, "metadata": []})
    }

    #[test]
    fn field_faults_change_their_field_and_leave_the_rest() {
        for (fault, confidence) in [
            (Fault::WrongJsonType, json!("high")),
            (Fault::ConfidenceOutOfRange, json!(1.7)),
            (Fault::LowConfidence, json!(0.2)),
        ] {
            let spoilt = parsed(&said(fault, Step::Process, &draft()));
            assert_eq!(spoilt, json!({"content": "Some words.", "confidence": confidence, "metadata": []}));
        }
        let missing = parsed(&said(Fault::MissingField, Step::Process, &draft()));
        assert_eq!(missing, json!({"confidence": 0.8, "metadata": []}));
        let blank = parsed(&said(Fault::BlankContent, Step::Process, &draft()));
        assert_eq!(blank["content"].as_str().unwrap().trim(), "");
    }

    #[test]
    fn the_claimed_confidence_can_be_chosen() {
        let injected = Injected { fault: Fault::LowConfidence, parameter: Some(0.4) };
        let said = say(Composed::Json(draft()), Some(Step::Process), Some(injected));
        assert_eq!(parsed(&said)["confidence"], 0.4);
    }

    #[test]
    fn reordered_fields_are_the_same_fields() {
        let said =
            said(Fault::ReorderedFields, Step::Synthesize, &json!({"final_text": "x", "formatting": "md"}));
        assert_eq!(said.text.unwrap(), r#"{"formatting":"md","final_text":"x"}"#);
    }

    #[test]
    fn text_faults_hide_or_break_the_json() {
        let text = |fault| said(fault, Step::Process, &draft()).text.unwrap();
        let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        assert!(!is_json(&text(Fault::NotJson)) && !text(Fault::NotJson).contains('{'));
        assert_eq!(text(Fault::FencedJson), format!("```json\n{}\n```", draft()));
        assert!(text(Fault::ProseAroundJson).contains(&draft().to_string()));
        assert!(!is_json(&text(Fault::BadEscape)) && text(Fault::BadEscape).contains(r"Some words.\q"));
    }

    #[test]
    fn huge_replies_are_valid_and_not_limited() {
        for (fault, size) in [(Fault::HugeReply, HUGE_REPLY), (Fault::HugeEvent, HUGE_EVENT)] {
            let said = said(fault, Step::Process, &draft());
            assert!(parsed(&said)["content"].as_str().unwrap().len() >= size);
            assert!(!said.limited);
        }
    }

    #[test]
    fn endings_are_told_by_their_stop_reason() {
        for (fault, reason, has_text) in [
            (Fault::MaxTokens, "max_tokens", true),
            (Fault::Refusal, "refusal", false),
            (Fault::RefusalMidText, "refusal", true),
            (Fault::EmptyReply, "end_turn", false),
        ] {
            let said = said(fault, Step::Process, &draft());
            assert_eq!((said.stop.reason, said.text.is_some()), (reason, has_text), "{fault}");
            assert!(said.text.is_none_or(|text| serde_json::from_str::<Value>(&text).is_err()));
        }
    }
}
