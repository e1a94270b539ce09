//! The rules of gates: the words by which findings are known to programs, and what each means.
//!
//! The names stand where the findings are made, and here for whoever reads them; a test holds one to the other.

/// A rule of gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateRule {
    /// Its name, as findings have it. Stable.
    pub name: &'static str,
    /// Whether a gate fails for it.
    pub fails: bool,
    /// What was found, in a sentence without its full stop.
    pub meaning: &'static str,
}

const fn fails(name: &'static str, meaning: &'static str) -> GateRule {
    GateRule { name, fails: true, meaning }
}

const fn warns(name: &'static str, meaning: &'static str) -> GateRule {
    GateRule { name, fails: false, meaning }
}

/// All of them, from what is wrong with a reply as a whole to what is wrong with its content.
pub const GATE_RULES: [GateRule; 24] = [
    fails("empty-reply", "There is nothing in the reply"),
    fails("refusal", "The model declined to answer"),
    fails("cut", "The reply was cut at the step's `max_tokens`, or at the end of the model's context"),
    warns("cut-by-caller", "The text was cut at the cap of the caller's own `max_tokens`"),
    fails("not-json", "There is no JSON object in the reply, or it is broken"),
    fails("missing-field", "A field of the step's, or one that its prompt declares, isn't there"),
    fails("wrong-type", "A field holds something of another type"),
    fails("blank-intent", "analyze: `intent` is blank"),
    fails("unknown-complexity", "analyze: `complexity` is none of the three words"),
    warns("no-key-entities", "analyze: `key_entities` names nothing"),
    fails("too-many-parts", "analyze: there are more than eight parts"),
    fails("blank-part", "analyze: a part lacks its title or its instruction"),
    fails("repeated-title", "analyze: two parts have the same title"),
    fails("blank-content", "process: `content` is blank"),
    fails("confidence-out-of-range", "process: `confidence` isn't from 0 to 1"),
    fails("low-confidence", "process: `confidence` is below `CHAIN_MIN_CONFIDENCE_THRESHOLD`"),
    warns("part-left-out", "process: a part of a divided step has failed, and the draft does without it"),
    fails("blank-final-text", "synthesize: `final_text` is blank"),
    fails("not-json-text", "synthesize: a caller's `response_format` asks for JSON, and the text isn't"),
    fails("too-many-values", "synthesize: the JSON has more values than are read"),
    fails("not-json-object", "synthesize: it asks for an object, and the JSON is something else"),
    fails("schema-mismatch", "synthesize: the JSON doesn't match the schema that it gives"),
    fails(
        "inconsistent-reply",
        "synthesize: the reply as a whole isn't what its beginning, already delivered, promised",
    ),
    warns(
        "repair-failed",
        "The call that was to put the reply right has failed, and the chain goes on with what there was",
    ),
];
