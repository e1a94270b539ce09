//! Sentences that ask for a code fence round the JSON. They are told by their words, and rather missed than
//! accused: a fence inside of a field, or one that is forbidden, is fine.

use super::sentence::{Sentence, Sentences, is_within_field};
use super::step_prompt::StepPrompt;
use super::words::{has_any, is_any, negates, phrases, positions, words};
use crate::diagnostic::Diagnostic;
use crate::rule::Rule;

const FENCES: [&str; 5] = ["fence", "fences", "fenced", "codeblock", "codeblocks"];
const FENCE_PHRASES: [[&str; 2]; 6] = [
    ["code", "block"],
    ["code", "blocks"],
    ["markdown", "block"],
    ["json", "block"],
    ["triple", "backtick"],
    ["triple", "backticks"],
];
const VERBS: [&str; 26] = [
    "wrap",
    "wraps",
    "wrapped",
    "put",
    "return",
    "returned",
    "reply",
    "enclose",
    "enclosed",
    "use",
    "format",
    "formatted",
    "place",
    "placed",
    "surround",
    "surrounded",
    "output",
    "respond",
    "answer",
    "give",
    "provide",
    "write",
    "deliver",
    "emit",
    "send",
    "be",
];
const JSON: [&str; 2] = ["json", "object"];
const REPLY: [&str; 4] = ["output", "response", "reply", "answer"];
/// What shows that it is about something in the reply rather than the whole of it.
const PARTS: [&str; 15] = [
    "snippet", "snippets", "sample", "samples", "command", "commands", "source", "user", "user's", "users",
    "if", "where", "when", "any", "each",
];
/// What turns a fence that has been named down.
const TURNED_DOWN: [&str; 6] = ["not", "never", "forbidden", "prohibited", "break", "breaks"];
/// To put the reply into a fence, and to be put there.
const PUT: [&str; 5] = ["put", "wrap", "enclose", "place", "surround"];
const PUT_THERE: [&str; 5] = ["put", "wrapped", "enclosed", "placed", "surrounded"];
/// What may lead up to those.
const LEADS: [&str; 14] = [
    "please", "then", "always", "and", "also", "must", "should", "has", "needs", "to", "be", "is", "it",
    "finally",
];
/// What may stand between `it` and the fence.
const INTO: [&str; 16] = [
    "in", "inside", "within", "into", "between", "by", "with", "a", "an", "the", "one", "single", "proper",
    "markdown", "fenced", "code",
];
/// How many words after the fence may turn it down.
const REACH: usize = 4;

pub(super) fn check(prompt: &StepPrompt<'_>, sentences: &Sentences) -> Vec<Diagnostic> {
    let before = std::iter::once(None).chain(sentences.iter().map(Some));
    let asking = sentences.iter().zip(before).filter(|(sentence, before)| asks(prompt, sentence, *before));
    asking
        .take(super::MOST_OF_A_RULE)
        .map(|(sentence, _)| {
            let message = "the prompt asks for a code fence round the JSON";
            prompt
                .diagnostic(sentence.range, Rule::AsksForFence, message)
                .hint("ask for the JSON object alone, from its first { to its last }")
        })
        .collect()
}

fn asks(prompt: &StepPrompt<'_>, sentence: &Sentence<'_>, previous: Option<Sentence<'_>>) -> bool {
    let may = ["```", "ence", "lock", "ENCE", "LOCK", "tick"];
    if sentence.is_about_field || !may.iter().any(|part| sentence.text.contains(part)) {
        return false;
    }
    let words = words(sentence.text);
    let Some(fence) = fence(sentence.text, &words) else { return false };
    let (before, from) = words.split_at_checked(fence).unwrap_or((&words, &[]));
    let after = from.iter().skip(1).take(REACH);
    if before.iter().any(|word| negates(word))
        || after.into_iter().any(|word| is_any(word, &TURNED_DOWN) || word.ends_with("n't"))
        || is_within_field(prompt, &words)
    {
        return false;
    }
    speaks_of_reply(&words, before, from)
        || puts_it(before) && previous.is_some_and(|previous| tells_of_json(prompt, &previous))
}

/// Whether the words before the fence are no more than `put it in a` or `it must be wrapped in`.
fn puts_it(before: &[&str]) -> bool {
    let leads = before.iter().take_while(|word| is_any(word, &LEADS)).count();
    let (leading, rest) = before.split_at_checked(leads).unwrap_or((&[], before));
    let into = match rest {
        [put, it, into @ ..] if is_any(put, &PUT) && is_any(it, &["it"]) => into,
        [put, into @ ..] if is_any(put, &PUT_THERE) && has_any(leading, &["it"]) => into,
        _ => return false,
    };
    !into.is_empty() && into.iter().all(|word| is_any(word, &INTO))
}

/// Whether the sentence says that the reply is JSON, so that `it` in the next one is that.
fn tells_of_json(prompt: &StepPrompt<'_>, sentence: &Sentence<'_>) -> bool {
    let words = words(sentence.text);
    let says = has_any(&words, &VERBS) || has_any(&words, &REPLY);
    !sentence.is_about_field
        && has_any(&words, &JSON)
        && says
        && !has_any(&words, &PARTS)
        && !is_within_field(prompt, &words)
}

/// The word at which the fence stands.
fn fence(text: &str, words: &[&str]) -> Option<usize> {
    let word = positions(words, &FENCES).next();
    let phrase = FENCE_PHRASES.iter().filter_map(|phrase| phrases(words, phrase).next()).min();
    let marks = text.find("```").map(|at| super::words::words(text.get(..at).unwrap_or_default()).len());
    [word, phrase, marks].into_iter().flatten().min()
}

/// Whether the sentence tells to do something with the reply as JSON, or with the whole of it.
fn speaks_of_reply(words: &[&str], before: &[&str], from: &[&str]) -> bool {
    let verbs = || positions(words, &VERBS);
    if has_any(words, &["user", "user's", "users"]) {
        return false;
    }
    // The word in the name of a fence, as in a JSON block, says nothing of the reply by itself.
    let name_len = 2;
    let rest = from.get(name_len.min(from.len())..).unwrap_or_default();
    if has_any(before, &JSON) || has_any(rest, &JSON) {
        return verbs().next().is_some();
    }
    let speaks_of_parts =
        has_any(words, &PARTS) || words.iter().filter(|word| is_any(word, &["code"])).count() > 1;
    if speaks_of_parts {
        return false;
    }
    // Either `Reply in a fence`, or `put the reply in a fence`.
    let begins_with = before
        .first()
        .is_some_and(|first| is_any(first, &["return", "reply", "respond", "answer", "output"]));
    let reply = positions(before, &REPLY).next();
    begins_with || reply.is_some_and(|reply| verbs().any(|verb| verb != reply))
}
