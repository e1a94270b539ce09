//! A model that writes what a terminal would obey: on a terminal it is shown, into a pipe it goes as it is.

use serde_json::{Value, json};

use crate::support::{Answering, Asked, Terminal, closing, delta, opening, promptchain};

/// Clears the screen, writes the clipboard, links, sets the title, asks the terminal to type, in seven bits
/// and in eight, and turns text round.
const TEXT: &str = "a\u{1b}[2Jb\u{1b}]52;c;cm0=\u{7}c\u{1b}]8;;http://x.test\u{1b}\\d\u{1b}]0;t\u{9c}\
     e\u{1b}P$qm\u{1b}\\f\u{9b}2Jg\u{9d}0;t\u{9c}h\u{1b}ci\r\u{8}j\u{202e}k\u{2066}l\tm\nn";

/// The same as a person is to see it.
const SHOWN: &str = "a␛[2Jb␛]52;c;cm0=␇c␛]8;;http://x.test␛\\d␛]0;t\\u{9c}\
     e␛P$qm␛\\f\\u{9b}2Jg\\u{9d}0;t\\u{9c}h␛ci␍␈j\\u{202e}k\\u{2066}l\tm\nn";

/// An upstream that writes that wherever a model can write something, a character at a time.
fn hostile_upstream() -> Answering {
    Answering::with(|asked| {
        let text = reply(asked).to_string();
        let deltas: String = text.chars().map(|c| delta(c.encode_utf8(&mut [0; 4]))).collect();
        let head = "200 OK\r\nContent-Type: text/event-stream".to_owned();
        (head, [opening(), deltas, closing()].concat())
    })
}

fn reply(asked: &Asked) -> Value {
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    let properties = &body["output_config"]["format"]["schema"]["properties"];
    let context = json!([{"key": TEXT, "value": TEXT}]);
    if properties.get("final_text").is_some() {
        json!({"final_text": TEXT, "formatting": TEXT})
    } else if properties.get("confidence").is_some() {
        // Too low, which is told.
        json!({"content": TEXT, "confidence": 0.1, "metadata": context})
    } else {
        // A complexity that isn't one, which is told too.
        json!({"intent": TEXT, "key_entities": [TEXT], "complexity": TEXT, "context": context})
    }
}

#[test]
fn into_a_pipe_the_text_goes_as_it_is_and_what_is_said_beside_it_steers_nothing() {
    let upstream = hostile_upstream();
    for args in [&["run", "hello"][..], &["run", "-v", "hello"]] {
        let mut command = promptchain(args);
        command.env("ANTHROPIC_BASE_URL", &upstream.url());
        let ran = command.run().exits(0);
        assert_eq!(ran.stdout, format!("{TEXT}\n"));
        assert!(ran.stderr.contains("[2J"), "the gate quotes what was wrong: {}", ran.stderr);
        assert!(!ran.stderr.contains(obeyed), "{:?}", ran.stderr);
    }
}

#[test]
fn on_a_terminal_nothing_that_the_model_writes_is_obeyed() {
    let upstream = hostile_upstream();
    let folder = tempfile::TempDir::new().unwrap();
    let on_terminal = |args: &[&str]| {
        let base_url = upstream.url();
        let (code, screen) =
            Terminal::start_with(folder.path(), args, &[("ANTHROPIC_BASE_URL", &base_url)]).end();
        assert_eq!(code, 0, "{screen}");
        // What the terminal itself echoes at its end is an empty line.
        screen.replace("\r\n", "\n").trim_end().to_owned()
    };
    assert_eq!(on_terminal(&["-q", "run", "hello"]), SHOWN);
    for args in [&["-q", "run", "--json", "hello"][..], &["-q", "run", "--jsonl", "hello"]] {
        let screen = on_terminal(args);
        assert!(screen.contains("\\u001b[2J") && !screen.contains(obeyed), "{screen:?}");
    }
    let until_the_draft = on_terminal(&["-q", "run", "--until", "process", "hello"]);
    assert_eq!(until_the_draft, SHOWN);

    // The live lines move the cursor themselves, and colour what they say.
    for args in [&["run", "hello"][..], &["run", "-v", "hello"]] {
        let screen = on_terminal(args);
        assert!(screen.contains(SHOWN), "{screen:?}");
        for obeyed in ["\u{1b}[2J", "\u{1b}]", "\u{1b}P", "\u{1b}c", "\u{9b}", "\u{9d}", "\u{8}", "\u{202e}"]
        {
            assert!(!screen.contains(obeyed), "{obeyed:?} in {screen:?}");
        }
    }
}

/// Whether a terminal would do something else than show it.
fn obeyed(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202e}' | '\u{2066}')
}
