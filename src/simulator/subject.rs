//! What a request is about: the caller's own words, and what earlier steps made of them.

use std::num::NonZeroU32;

use serde_json::{Value, json};

use super::blocks;
use super::division;
use super::language::{Language, words};
use super::part::Part;
use super::phrases;
use super::request::Request;
use super::sentences::{self, asks, list_items, quote};
use super::step::quotes;

/// The most bytes of a text that its reply is made of.
const MOST_READ: usize = 16 * 1024;

/// What a request is about.
#[derive(Debug)]
pub(super) struct Subject {
    /// The caller's own words.
    pub(super) text: String,
    pub(super) language: &'static Language,
    pub(super) phrases: Vec<String>,
    pub(super) sentences: Vec<String>,
    /// How many earlier turns came along.
    pub(super) earlier_turns: usize,
    /// What the step before made of it.
    analysis: Option<Value>,
    draft: Option<Value>,
    /// The part of the answer that this is about, where process is divided.
    pub(super) part: Option<Part>,
    /// The most parts that the answer may be divided into.
    pub(super) most_parts: usize,
    /// Whether the prompt names the field for them.
    pub(super) asks_for_parts: bool,
    /// The schema of the JSON document that the final text has to be, if it can't be any text.
    pub(super) document_schema: Option<Value>,
}

/// How much a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Complexity {
    Simple,
    Moderate,
    Complex,
}

impl Complexity {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Moderate => "moderate",
            Self::Complex => "complex",
        }
    }
}

impl Subject {
    pub(super) fn of(request: Request<'_>) -> Self {
        let turns = request.user_texts();
        let prompt = turns.join("\n");
        let blocks = blocks::find(&prompt);
        let last = |name: &str| blocks.iter().rev().find(|block| block.name == name).map(|block| block.text);
        let part = request.part();
        let words = part.as_ref().map(Part::words).filter(|words| !words.is_empty());
        let text = words.as_deref().or_else(|| last("request")).or_else(|| turns.last().map(String::as_str));
        let json = |name: &str| last(name).and_then(|text| serde_json::from_str(text).ok());
        let earlier_turns = blocks.iter().filter(|block| block.name == "turn").count();
        let system = request.system();
        let about = Self::about(text.unwrap_or_default());
        Self {
            // What the whole is about isn't what a part is about.
            analysis: json("analysis").filter(|_| part.is_none()),
            draft: json("draft"),
            earlier_turns,
            most_parts: division::most_parts(&system),
            asks_for_parts: quotes(&system, "subtasks"),
            document_schema: document_schema(&system),
            part,
            ..about
        }
    }

    pub(super) fn about(text: &str) -> Self {
        let beginning = beginning(text);
        let language = Language::of(beginning);
        Self {
            text: text.to_owned(),
            language,
            phrases: phrases::find(beginning, language),
            sentences: sentences::split(beginning),
            earlier_turns: 0,
            analysis: None,
            draft: None,
            part: None,
            most_parts: 0,
            asks_for_parts: false,
            document_schema: None,
        }
    }

    /// As much of the text as a reply is made of.
    pub(super) fn beginning(&self) -> &str {
        beginning(&self.text)
    }

    /// What the caller wants, in one short line: what the analysis says, else the first sentence
    /// that asks for something, else the first.
    pub(super) fn intent(&self) -> String {
        let analysed = self.analysis.as_ref().and_then(|analysis| analysis.get("intent")?.as_str());
        let intent =
            analysed.or_else(|| self.sentences.iter().find(|sentence| asks(sentence)).map(String::as_str));
        let intent = intent.or_else(|| self.sentences.first().map(String::as_str)).unwrap_or_default();
        let intent = quote(intent.trim_end_matches(['.', '!', ':', '…']).trim());
        if intent.is_empty() { "Answer a request without words".to_owned() } else { intent }
    }

    /// The content of the draft, if a step before made one.
    pub(super) fn draft_content(&self) -> Option<&str> {
        self.draft.as_ref()?.get("content")?.as_str().filter(|content| !content.trim().is_empty())
    }

    /// What falls to it of what all parts have together.
    pub(super) fn share_of(&self, all: NonZeroU32) -> u64 {
        let parts = self.part.as_ref().map_or(1, |part| part.of);
        u64::from(all.get()) / u64::try_from(parts).unwrap_or(1).max(1)
    }

    /// The first sentence with that phrase.
    pub(super) fn sentence_with(&self, phrase: &str) -> Option<String> {
        self.sentences.iter().find(|sentence| sentence.contains(phrase)).map(|sentence| quote(sentence))
    }

    pub(super) fn words(&self) -> usize {
        words(&self.text).count()
    }

    /// Long requests, several questions, lists and many joined clauses ask for more.
    pub(super) fn complexity(&self) -> Complexity {
        let questions = self.text.matches(['?', '？']).count();
        let joined = words(&self.text)
            .filter(|word| {
                matches!(
                    word.to_lowercase().as_str(),
                    "and" | "or" | "but" | "because" | "und" | "oder" | "et" | "y"
                )
            })
            .count();
        let points = usize::from(self.words() > 20)
            + usize::from(self.words() > 60)
            + usize::from(questions > 1)
            + usize::from(questions > 2)
            + usize::from(joined > 2)
            + list_items(self.beginning()).len().saturating_sub(1).min(2);
        match points {
            0 => Complexity::Simple,
            1 => Complexity::Moderate,
            _ => Complexity::Complex,
        }
    }

    /// A confidence from 0.70 to 0.95 that depends on the words alone.
    pub(super) fn confidence(&self) -> f64 {
        // FNV-1a, because it will be the same in every release of the standard library.
        let hash = self
            .text
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        f64::from(70 + hash % 26) / 100.0
    }
}

/// As much of a text as a reply is made of: what it takes to find its phrases grows faster than the text.
fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MOST_READ)).unwrap_or(text)
}

/// What a system prompt wants the final text to be: a document that matches a schema in a block of its own,
/// or any object.
fn document_schema(system: &str) -> Option<Value> {
    let blocks = blocks::find(system);
    let schema = blocks.iter().rev().find(|block| block.name == "schema");
    let any_object = || {
        let is_asked_for = system.contains("`final_text`") && system.contains("must be one JSON object");
        is_asked_for.then(|| json!({"properties": {"answer": {"type": "string"}}}))
    };
    schema.and_then(|schema| serde_json::from_str(schema.text).ok()).or_else(any_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_callers_words_are_taken_out_of_their_block() {
        let body = json!({"messages": [{"role": "user", "content":
            "<turn-3f2a91c07b1e role=\"user\">\nHi\n</turn-3f2a91c07b1e>\n\
             <request-3f2a91c07b1e>\nWhat is Rust?\n</request-3f2a91c07b1e>\n\
             <analysis-3f2a91c07b1e>\n{\"intent\": \"define Rust\"}\n</analysis-3f2a91c07b1e>\n\
             <draft-3f2a91c07b1e>\n{\"content\": \"A language.\"}\n</draft-3f2a91c07b1e>"}]});
        let subject = Subject::of(Request { body: &body });
        assert_eq!(subject.text, "What is Rust?");
        assert_eq!(subject.intent(), "define Rust");
        assert_eq!(subject.draft_content(), Some("A language."));
        assert_eq!(subject.earlier_turns, 1);
    }

    #[test]
    fn a_part_is_about_its_own_instruction() {
        let system = "Return `content` and `confidence`.";
        let body = json!({"system": system, "messages": [{"role": "user", "content":
            "<request-3f2a91c07b1e>What is tea? What is coffee?</request-3f2a91c07b1e>\n\
             <analysis-3f2a91c07b1e>{\"intent\": \"both\"}</analysis-3f2a91c07b1e>\n\
             <outline-3f2a91c07b1e>[{}, {}]</outline-3f2a91c07b1e>\n\
             <part-3f2a91c07b1e>{\"part\": 2, \"title\": \"Coffee\", \"instruction\": \"What is coffee?\"}\
             </part-3f2a91c07b1e>"}]});
        let subject = Subject::of(Request { body: &body });
        assert_eq!(subject.intent(), "What is coffee?");
        assert_eq!(subject.phrases, ["coffee"]);
    }

    #[test]
    fn a_repair_is_still_about_the_request() {
        let body = json!({"messages": [
            {"role": "user", "content": "<request-3f2a91c07b1e>\nWhat is Rust?\n</request-3f2a91c07b1e>"},
            {"role": "assistant", "content": "prose"},
            {"role": "user", "content": "That was not JSON."},
        ]});
        assert_eq!(Subject::of(Request { body: &body }).text, "What is Rust?");
    }

    #[test]
    fn without_blocks_the_last_user_turn_is_the_request() {
        let body =
            json!({"messages": [{"role": "user", "content": "One."}, {"role": "user", "content": "Two."}]});
        assert_eq!(Subject::of(Request { body: &body }).text, "Two.");
    }

    #[test]
    fn complexity_grows_with_length_and_questions() {
        for (text, complexity) in [
            ("What is Rust?", Complexity::Simple),
            ("What is Rust? And what is Go?", Complexity::Moderate),
            (&"word ".repeat(70), Complexity::Complex),
            ("What is Rust? What is Go? What is Zig?", Complexity::Complex),
            ("Compare:\n- tea\n- coffee", Complexity::Moderate),
            ("Compare:\n- tea\n- coffee\n- cocoa", Complexity::Complex),
        ] {
            assert_eq!(Subject::about(text).complexity(), complexity, "{text}");
        }
    }

    #[test]
    fn the_intent_is_the_first_sentence_that_asks_for_something() {
        for (text, intent) in [
            ("I run a bakery. Write a plan for it! Why?", "Write a plan for it"),
            ("I run a bakery. How do I grow?", "How do I grow?"),
            ("Solar panels.", "Solar panels"),
            ("", "Answer a request without words"),
        ] {
            assert_eq!(Subject::about(text).intent(), intent);
        }
    }

    #[test]
    fn confidence_stays_in_its_range() {
        for text in ["", "a", "What is Rust?", "光合作用"] {
            assert!((0.70..=0.95).contains(&Subject::about(text).confidence()), "{text}");
        }
    }
}
