//! Where words that a call has sent stand in what others wrote: validators quote what they refuse, and what is
//! told of an error may be read by more people than the prompt.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use serde_json::Value;

/// What stands in their place.
const PLACEHOLDER: &str = "[prompt]";

/// The fewest letters and digits in a row that count as quoted, whatever stands between them: fewer are any
/// sentence's.
const RUN: usize = 12;

/// A base for hashes of runs: odd, and without a pattern.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// The base to the power of [`RUN`].
const WEIGHT: u64 = {
    let (mut weight, mut power) = (1_u64, 0);
    while power < RUN {
        weight = weight.wrapping_mul(BASE);
        power += 1;
    }
    weight
};

/// `text` without what it quotes of the system prompt and the turns of `body`, a request as it was sent; also if
/// it is cut, in other case, on one line, or escaped as JSON and others do it.
pub(super) fn without_prompt(text: &str, body: &[u8]) -> String {
    let letters: Vec<Letter> = letters(text).collect();
    let mut runs = runs(&letters);
    if runs.is_empty() {
        return text.to_owned();
    }
    let Ok(sent) = serde_json::from_slice::<Value>(body) else { return text.to_owned() };
    let mut quoted = vec![false; letters.len()];
    for member in ["system", "messages"] {
        let Some(texts) = sent.get(member) else { continue };
        each_text(texts, &mut |sent| mark(sent, &mut runs, &mut quoted));
    }
    replaced(text, &letters, &quoted)
}

/// A letter or a digit in lower case, and where it stands.
struct Letter {
    char: char,
    place: Range<usize>,
}

/// Calls `take` with every text below `value`.
fn each_text(value: &Value, take: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, take)),
        // The other members are the API's own words.
        Value::Object(members) => {
            ["content", "text"]
                .iter()
                .filter_map(|name| members.get(*name))
                .for_each(|it| each_text(it, take));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The letters and digits of `text`, escaped ones too; not the `n` of a line break's escape.
fn letters(text: &str) -> impl Iterator<Item = Letter> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let char = rest.chars().next()?;
            let (char, length) = if char == '\\' { escaped(rest) } else { (Some(char), char.len_utf8()) };
            let place = at..at + length;
            at = place.end;
            if let Some(char) = char.filter(|char| char.is_alphanumeric()) {
                return Some(Letter { char: lower(char), place });
            }
        }
    })
}

/// What the escape at the beginning of `text` stands for, if it is a letter, and how long it is.
fn escaped(text: &str) -> (Option<char>, usize) {
    let after = text.get(1..).unwrap_or_default();
    if after.starts_with(['n', 't', 'r', 'b', 'f']) {
        return (None, 2);
    }
    let digits = after.strip_prefix('u').and_then(|rest| rest.get(..4));
    match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        Some(code) => (char::from_u32(code), 6),
        None => (None, 1),
    }
}

fn lower(char: char) -> char {
    char.to_lowercase().next().unwrap_or(char)
}

/// The hash of each run, and where runs with it begin.
fn runs(letters: &[Letter]) -> HashMap<u64, Vec<usize>> {
    let mut runs = HashMap::<u64, Vec<usize>>::new();
    let mut hash = Rolling::default();
    for (nth, letter) in letters.iter().enumerate() {
        if let Some(hash) = hash.add(letter.char) {
            runs.entry(hash).or_default().push(nth + 1 - RUN);
        }
    }
    runs
}

/// Marks what of the runs stands in `sent`, and takes them out: once is enough, and of a text that is one letter all
/// through, every run is at every place.
fn mark(sent: &str, runs: &mut HashMap<u64, Vec<usize>>, quoted: &mut [bool]) {
    let mut hash = Rolling::default();
    for letter in letters(sent) {
        let found = hash.add(letter.char).and_then(|hash| runs.remove(&hash));
        for start in found.into_iter().flatten() {
            quoted.iter_mut().skip(start).take(RUN).for_each(|is_quoted| *is_quoted = true);
        }
    }
}

/// The hash of the last letters, kept up with each.
#[derive(Default)]
struct Rolling {
    last: VecDeque<char>,
    hash: u64,
}

impl Rolling {
    /// The hash of the last [`RUN`], once there are so many.
    fn add(&mut self, char: char) -> Option<u64> {
        self.hash = self.hash.wrapping_mul(BASE).wrapping_add(u64::from(char).wrapping_add(1));
        self.last.push_back(char);
        if self.last.len() > RUN
            && let Some(first) = self.last.pop_front()
        {
            let gone = u64::from(first).wrapping_add(1).wrapping_mul(WEIGHT);
            self.hash = self.hash.wrapping_sub(gone);
        }
        (self.last.len() == RUN).then_some(self.hash)
    }
}

/// `text` with a placeholder for each series of quoted letters, and what stands between them.
fn replaced(text: &str, letters: &[Letter], quoted: &[bool]) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut told = 0;
    let mut series: Option<Range<usize>> = None;
    for (letter, is_quoted) in letters.iter().zip(quoted) {
        match (&mut series, is_quoted) {
            (Some(series), true) => series.end = letter.place.end,
            (None, true) => series = Some(letter.place.clone()),
            (_, false) => told = leave_out(text, told, series.take(), &mut replaced),
        }
    }
    told = leave_out(text, told, series, &mut replaced);
    replaced.push_str(text.get(told..).unwrap_or_default());
    replaced
}

/// Writes what comes before `series`, and a placeholder for it. Returns up to where `text` is told.
fn leave_out(text: &str, told: usize, series: Option<Range<usize>>, into: &mut String) -> usize {
    let Some(series) = series else { return told };
    into.push_str(text.get(told..series.start).unwrap_or_default());
    into.push_str(PLACEHOLDER);
    series.end
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PROMPT: &str = "Is \"Zürich\"\nin\tSwitzerland? 我们想知道这座城市在哪个国家 😀 C:\\new";

    fn check(text: &str, expected: &str) {
        let body = json!({
            "model": "claude-haiku-4-5-20251001",
            "system": [{"type": "text", "text": "You answer questions about cities"}],
            "messages": [
                {"role": "user", "content": PROMPT},
                {"role": "assistant", "content": [{"type": "text", "text": "I don't know that one."}]},
            ],
        });
        assert_eq!(without_prompt(text, body.to_string().as_bytes()), expected, "{text}");
    }

    #[test]
    fn what_was_sent_is_left_out_however_it_is_quoted() {
        check(&format!("bad input '{PROMPT}'!"), "bad input '[prompt]'!");
        check(&format!("bad input {PROMPT:?}!"), "bad input \"[prompt]\"!");
        check(&format!("bad input {}!", json!(PROMPT)), "bad input \"[prompt]\"!");
        check(&format!("bad {}!", json!(json!(PROMPT).to_string())), "bad \"\\\"[prompt]\\\"\"!");
        check("BAD IS \"ZÜRICH\" IN SWITZERLAND?", "BAD [prompt]?");
        check("is in Zürich in Switzerland?", "is in [prompt]?");
        check(
            "\\u6211\\u4eec\\u60f3\\u77e5\\u9053\\u8fd9\\u5ea7\\u57ce\\u5e02\\u5728\\u54ea\\u4e2a!",
            "[prompt]!",
        );
        check("input: 'Is \"Zürich\" in Switz…", "input: '[prompt]…");
        check("I don't know that one; or: You answer questions", "[prompt]; or: [prompt]");
    }

    #[test]
    fn what_only_looks_alike_is_told() {
        for text in [
            "",
            "credit balance is too low",
            "model: claude-haiku-4-5-20251001 not found",
            "messages.0.content: field required",
            "Is \"Zürich\" there?",
            "\\u \\u00 \\ud83d \\",
            "ü\\ü\\n",
        ] {
            check(text, text);
        }
        assert_eq!(without_prompt(PROMPT, b"no JSON"), PROMPT);
    }

    #[test]
    fn a_text_of_one_letter_takes_no_ages() {
        // Where each place in the one were compared with each in the other, this would not come to an end.
        let [sent, said] = [1_000_000, 20_000].map(|times| "a".repeat(times));
        let body = json!({"messages": [{"role": "user", "content": sent}]}).to_string();
        assert_eq!(without_prompt(&said, body.as_bytes()), PLACEHOLDER);
    }
}
