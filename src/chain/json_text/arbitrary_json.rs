//! JSON objects in all the ways they can be written, for property tests of what reads them.
//!
//! An object's text is known from how it was made; nothing here may parse JSON.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The field whose text is looked for.
pub(in crate::chain) const FIELD: &str = "final_text";

/// Where the control characters that may stand raw in strings are kept until an object is written
/// out: in a private plane, so that those between tokens are told from them.
const MARK: u32 = 0xF_0000;

/// An object that may hold [`FIELD`].
#[derive(Debug, Clone)]
pub(in crate::chain) struct Object {
    marked: String,
    /// What the field's string decodes to; `None` if the field is missing or isn't a string.
    pub(in crate::chain) text: Option<String>,
}

impl Object {
    /// The object in strict JSON.
    pub(in crate::chain) fn strict(&self) -> String {
        unmark(&self.marked, |control| format!("\\u{control:04x}"))
    }

    /// The object as models write it: some control characters stand raw in its strings.
    pub(in crate::chain) fn loose(&self) -> String {
        unmark(&self.marked, raw)
    }
}

fn mark(control: char) -> String {
    raw(MARK + u32::from(control))
}

fn unmark(marked: &str, write: impl Fn(u32) -> String) -> String {
    let unmark = |char: char| match u32::from(char).checked_sub(MARK) {
        Some(control) if control < 0x20 => write(control),
        _ => char.to_string(),
    };
    marked.chars().map(unmark).collect()
}

fn raw(code: u32) -> String {
    char::from_u32(code).unwrap().to_string()
}

/// A string, character by character, each with the JSON it is written as.
#[derive(Debug, Clone)]
struct Spelled(Vec<(char, String)>);

impl Spelled {
    fn text(&self) -> String {
        self.0.iter().map(|(char, _)| char).collect()
    }

    fn json(&self) -> String {
        let inside: String = self.0.iter().map(|(_, json)| json.as_str()).collect();
        format!("\"{inside}\"")
    }
}

/// An object, its top-level keys all different.
pub(in crate::chain) fn object() -> impl Strategy<Value = Object> {
    let not_text = value().prop_filter("text", |json| !json.starts_with('"'));
    let field = prop_oneof![
        6 => spelled().prop_map(|text| (text.json(), Some(text.text()))),
        1 => not_text.prop_map(|json| (json, None)),
    ];
    let field = proptest::option::weighted(0.9, (spelling_of(FIELD), field));
    (members(), field, any::<Index>(), space()).prop_map(|(mut members, field, at, space)| {
        let mut seen = vec![FIELD.to_owned()];
        members.retain(|(key, _)| {
            let is_new = !seen.contains(&key.text());
            seen.push(key.text());
            is_new
        });
        let mut text = None;
        if let Some((key, (json, decoded))) = field {
            text = decoded;
            members.insert(at.index(members.len() + 1), (key, json));
        }
        Object { marked: join_members(&members, &space), text }
    })
}

/// An object whose strict JSON has been broken, perhaps, in one place.
pub(in crate::chain) fn broken_object() -> impl Strategy<Value = String> {
    let change = prop_oneof![
        Just(String::new()),
        select(vec![
            "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", "\\u", "\\ud83d", "é", "x", "\n"
        ])
        .prop_map(str::to_owned),
    ];
    (object(), any::<Index>(), 0..2_usize, change).prop_map(|(object, at, removed, inserted)| {
        let chars: Vec<char> = object.strict().chars().collect();
        let (before, after) = chars.split_at(at.index(chars.len()));
        before.iter().copied().chain(inserted.chars()).chain(after.iter().copied().skip(removed)).collect()
    })
}

/// Text made of little else than JSON's own characters.
pub(in crate::chain) fn json_like() -> impl Strategy<Value = String> {
    r#"([{}\[\]",:\\ \n\x01é😀0-9a-fnrtu.+-]|"final_text"|\\u[dD][89a-f][0-9a-f]{2}|true|null){0,60}"#
}

/// What may precede an object: braces that begin none, quotes, fences.
pub(in crate::chain) fn prose() -> impl Strategy<Value = String> {
    let pieces = vec![
        "Here it is: ",
        "\n",
        "{x}",
        "{ 'a'",
        "{{ {a",
        "{\u{a0}\"",
        "[1, \"",
        "}",
        "\"",
        "\\",
        "é😀",
        "```",
        "```json\n",
    ];
    // Such a brace stands right before the one that begins the object.
    let brace = prop_oneof![4 => Just(""), 1 => Just("{"), 1 => Just("{ \n{")];
    (vec(select(pieces), 0..6), brace).prop_map(|(pieces, brace)| pieces.concat() + brace)
}

/// Sizes of chunks, to be used in turn.
pub(in crate::chain) fn chunk_sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1..12_usize, 1..12)
}

/// The characters of a string, each with the JSON it is written as.
pub(in crate::chain) fn spelled_chars() -> impl Strategy<Value = Vec<(char, String)>> {
    spelled()
        .prop_map(|Spelled(chars)| chars.into_iter().map(|(char, json)| (char, unmark(&json, raw))).collect())
}

fn spelled() -> impl Strategy<Value = Spelled> {
    vec((character(), Spelling::any()), 0..24).prop_map(|chars| {
        Spelled(chars.into_iter().map(|(char, spelling)| (char, spelling.of(char))).collect())
    })
}

fn character() -> impl Strategy<Value = char> {
    let special =
        vec!['"', '\\', '/', '\u{8}', '\u{c}', '\n', '\r', '\t', '\0', '\u{1f}', '\u{7f}', '{', '}', '`'];
    let wide = vec!['é', '中', '\u{2028}', '\u{feff}', '\u{fffd}', '\u{d7ff}', '\u{e000}', '\u{ffff}'];
    let astral = vec!['😀', '\u{10000}', '\u{10ffff}'];
    let any =
        any::<char>().prop_filter("not a mark", |char| !(MARK..MARK + 0x20).contains(&u32::from(*char)));
    let ascii = proptest::char::range(' ', '~');
    prop_oneof![4 => ascii, 2 => select(special), 1 => select(wide), 1 => select(astral), 1 => any]
}

/// A way to write a character.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Raw,
    Short,
    LowerHex,
    UpperHex,
}

impl Spelling {
    fn any() -> impl Strategy<Value = Self> {
        select(vec![Self::Raw, Self::Raw, Self::Short, Self::LowerHex, Self::UpperHex])
    }

    /// `char` written this way, or the next that is possible.
    fn of(self, char: char) -> String {
        let short = match char {
            '"' | '\\' | '/' => Some(char),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        match (self, short) {
            (Self::Raw, _) if char < ' ' => mark(char),
            (Self::Raw, _) if !matches!(char, '"' | '\\') => char.to_string(),
            (Self::Raw | Self::Short, Some(letter)) => format!("\\{letter}"),
            (Self::UpperHex, _) => units(char, |unit| format!("\\u{unit:04X}")),
            _ => units(char, |unit| format!("\\u{unit:04x}")),
        }
    }
}

fn units(char: char, write: impl Fn(u16) -> String) -> String {
    char.encode_utf16(&mut [0; 2]).iter().map(|unit| write(*unit)).collect()
}

fn spelling_of(text: &'static str) -> impl Strategy<Value = Spelled> {
    vec(Spelling::any(), text.len()).prop_map(|spellings| {
        Spelled(text.chars().zip(spellings).map(|(char, spelling)| (char, spelling.of(char))).collect())
    })
}

fn key() -> impl Strategy<Value = Spelled> {
    prop_oneof![
        2 => spelling_of(FIELD),
        1 => spelling_of("final_tex"),
        1 => spelling_of("final_text_"),
        1 => spelling_of("Final_text"),
        1 => spelling_of(""),
        4 => spelled(),
    ]
}

/// Keys, with values that white space may surround.
fn members() -> impl Strategy<Value = Vec<(Spelled, String)>> {
    vec((key(), value()), 0..5)
}

fn join_members(members: &[(Spelled, String)], space: &str) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("{space}{}{space}:{space}{value}{space}", key.json()))
        .collect();
    format!("{{{space}{}}}", members.join(","))
}

fn value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        select(vec!["true", "false", "null"]).prop_map(str::to_owned),
        r"-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
        spelled().prop_map(|text| text.json()),
    ];
    scalar.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            (vec(inner.clone(), 0..4), space()).prop_map(|(values, space)| format!(
                "[{space}{}{space}]",
                values.join(&format!("{space},{space}"))
            )),
            (vec((key(), inner), 0..4), space()).prop_map(|(members, space)| join_members(&members, &space)),
        ]
    })
}

fn space() -> impl Strategy<Value = String> {
    "[ \t\n\r]{0,3}"
}
