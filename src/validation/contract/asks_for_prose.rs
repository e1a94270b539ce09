//! Sentences that ask for words before or after the JSON. They are told by their words, and rather missed
//! than accused.

use super::sentence::{Sentence, Sentences, is_within_field};
use super::step_prompt::StepPrompt;
use super::words::{has_any, is_any, negates, phrases, positions, words};
use crate::diagnostic::Diagnostic;
use crate::rule::Rule;

/// To write something in words of one's own.
const SAY: [&str; 14] = [
    "explain",
    "describe",
    "summarize",
    "summarise",
    "discuss",
    "outline",
    "reason",
    "justify",
    "comment",
    "elaborate",
    "introduce",
    "argue",
    "reflect",
    "append",
];
/// To write what is named.
const WRITE: [&str; 11] =
    ["add", "include", "write", "give", "provide", "put", "start", "begin", "state", "insert", "list"];
/// What is written in words of one's own.
const PROSE: [&str; 22] = [
    "explanation",
    "explanations",
    "summary",
    "sentence",
    "sentences",
    "note",
    "notes",
    "reasoning",
    "introduction",
    "comment",
    "comments",
    "commentary",
    "paragraph",
    "paragraphs",
    "words",
    "text",
    "prose",
    "rationale",
    "justification",
    "thoughts",
    "discussion",
    "remarks",
];
const JSON: [&str; 2] = ["json", "object"];
const REPLY: [&str; 13] = [
    "json",
    "object",
    "output",
    "response",
    "reply",
    "answer",
    "answering",
    "replying",
    "responding",
    "writing",
    "outputting",
    "returning",
    "producing",
];
/// To hand over the JSON.
const GIVE: [&str; 12] = [
    "give", "output", "return", "write", "provide", "produce", "reply", "respond", "emit", "print", "send",
    "present",
];
/// What may stand between `before` and the JSON.
const LINKS: [&str; 21] = [
    "the",
    "your",
    "a",
    "this",
    "final",
    "actual",
    "you",
    "return",
    "returning",
    "output",
    "outputting",
    "write",
    "writing",
    "give",
    "giving",
    "produce",
    "producing",
    "provide",
    "providing",
    "replying",
    "with",
];
/// What may stand before words that aren't there yet.
const SOME: [&str; 12] =
    ["a", "an", "one", "two", "three", "some", "few", "short", "brief", "your", "with", "quick"];
/// What keeps thoughts where they are.
const SILENT: [&str; 5] = ["silently", "internally", "yourself", "head", "privately"];

pub(super) fn check(prompt: &StepPrompt<'_>, sentences: &Sentences) -> Vec<Diagnostic> {
    let asking = sentences.iter().filter(|sentence| asks(prompt, sentence)).take(super::MOST_OF_A_RULE);
    asking
        .map(|sentence| {
            let message = "the prompt asks for words before or after the JSON";
            prompt
                .diagnostic(sentence.range, Rule::AsksForProse, message)
                .hint("ask for the JSON object and nothing else; a field under [fields] can hold the words")
        })
        .collect()
}

fn asks(prompt: &StepPrompt<'_>, sentence: &Sentence<'_>) -> bool {
    if sentence.is_about_field {
        return false;
    }
    let words = words(sentence.text);
    let marks = ["first", "before", "after", "by", "start", "begin"];
    if !has_any(&words, &marks) && !has_any(&words, &["step"]) {
        return false;
    }
    let found = [
        first_then(&words),
        words_then_json(&words),
        beside_json(&words),
        followed_by(&words),
        thinks_aloud(&words),
    ];
    let Some(end) = found.into_iter().flatten().min() else { return false };
    let excused = words.iter().take(end + 1).any(|word| negates(word))
        || has_any(&words, &SILENT)
        || has_any(&words, &["user", "user's", "users"])
        || is_within_field(prompt, &words);
    !excused
}

/// `first explain …, then give the JSON`: the last word of it.
fn first_then(words: &[&str]) -> Option<usize> {
    let first = positions(words, &["first"]).next()?;
    let say = positions(words, &SAY).find(|say| say.abs_diff(first) <= 2)?;
    let then = positions(words, &["then", "before", "afterwards"]).find(|then| *then > say)?;
    let give = positions(words, &GIVE).find(|give| *give > then)?;
    positions(words, &JSON).find(|json| *json > give)
}

/// `first write a short explanation, then the JSON`: the last word of it.
fn words_then_json(words: &[&str]) -> Option<usize> {
    let prose = positions(words, &PROSE).find_map(|prose| {
        let before = words.get(..prose)?;
        let some = before.iter().rev().take_while(|word| is_any(word, &SOME)).count();
        let before = before.get(..prose - some).filter(|_| some > 0)?;
        let comes_first = match before {
            [.., first] if is_any(first, &["first", "start", "begin"]) => true,
            [.., first, write] => is_any(first, &["first"]) && is_any(write, &WRITE),
            _ => false,
        };
        comes_first.then_some(prose)
    })?;
    let then = positions(words, &["then"]).find(|then| (prose + 1..prose + 8).contains(then))?;
    let rest = words.get(then + 1..)?;
    let links = rest.iter().take_while(|word| is_any(word, &LINKS) || is_any(word, &["one", "only"])).count();
    rest.get(links).filter(|word| is_any(word, &["json"])).map(|_| then + 1 + links)
}

/// `before the JSON, explain …` or `add a note after the JSON`: the last word of it.
fn beside_json(words: &[&str]) -> Option<usize> {
    let beside = positions(words, &["before", "after"]).find_map(|at| {
        let rest = words.get(at + 1..)?;
        let links = rest.iter().take_while(|word| is_any(word, &LINKS)).count();
        rest.get(links).filter(|word| is_any(word, &JSON)).map(|_| at..at + 2 + links)
    })?;
    let outside = |at: &usize| !beside.contains(at);
    let prose = positions(words, &PROSE).find(outside);
    let write =
        positions(words, &WRITE).find(outside).filter(|write| prose.is_some_and(|prose| *write < prose));
    let asked = positions(words, &SAY).find(outside).or(prose.filter(|_| write.is_some()))?;
    Some(asked.max(beside.end - 1))
}

/// `the JSON, followed by an explanation`: the last word of it.
fn followed_by(words: &[&str]) -> Option<usize> {
    let json = positions(words, &REPLY).next()?;
    let by = phrases(words, &["followed", "by"])
        .chain(phrases(words, &["preceded", "by"]))
        .find(|by| *by > json)?;
    positions(words, &PROSE).find(|prose| (by + 2..by + 6).contains(prose))
}

/// `think step by step before you answer`: the last word of it.
fn thinks_aloud(words: &[&str]) -> Option<usize> {
    let phrase = phrases(words, &["step", "by", "step"]).chain(phrases(words, &["out", "loud"])).next()?;
    positions(words, &["think", "reason", "work"]).find(|think| *think < phrase)?;
    let then = positions(words, &["before", "then"]).find(|then| *then > phrase)?;
    positions(words, &REPLY).chain(positions(words, &["reply", "answer"])).find(|reply| *reply > then)
}
