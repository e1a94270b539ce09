//! What is refused is quoted nowhere. Who gets to see what at all is told by the tests of `secrets`.

use serde_json::Value;

use crate::support::{Request, Response, Upstream, chat_by, question, token, token_for};

const SECRET: &str = "canary-b7c1e5a90f2d48636a1e0d9c5f7b";
const PROMPT: &str = "What did the zebrafinch-canary say?";

#[track_caller]
fn keeps_secrets(text: &str, token: &str) {
    for secret in ["canary", token, token.rsplit('.').next().unwrap()] {
        assert!(!text.contains(secret), "{secret} is in: {text}");
    }
}

/// The response as text, with its headers.
fn whole(response: &Response) -> String {
    format!("{:?}\n{}", response.headers, String::from_utf8_lossy(&response.body))
}

#[test]
fn a_refused_request_is_quoted_nowhere() {
    let token = token_for("tester", "another canary, with which nothing is signed");
    let served = Upstream::good().serve(&[("JWT_SECRET_KEY", SECRET), ("LOG_LEVEL", "DEBUG")]);
    let broken = format!("{{\"model\": \"{PROMPT}\", ");
    let requests = [
        chat_by(&token, &question(PROMPT, false)),
        Request::get("/v1/models").header("Authorization", &format!("Basic {token}")),
        Request::get("/v1/models").by("canary"),
        Request::get("/v1/models").by(&token).by(&token),
        Request::post("/v1/chat/completions")
            .by(&token_for("tester", SECRET))
            .json(&Value::String(broken.clone())),
    ];
    for request in requests {
        let response = served.ask(&request);
        assert!(response.status >= 400, "{response:?}");
        keeps_secrets(&whole(&response), &token);
    }
    let mut client = served.connect();
    client.send(format!("GET / HTTP/1.1\r\nAuthorization: Bearer {token}\r\nno colon\r\n\r\n"));
    keeps_secrets(&whole(&client.response()), &token);
    served.signal("TERM");
    keeps_secrets(&served.finish().exits(0).log.whole_text(), &token);
}

#[test]
fn a_secret_that_cannot_be_used_is_not_quoted() {
    for environment in [
        [("JWT_SECRET_KEY", "canary, too short")],
        [("JWT_SECRET_KEY_PREVIOUS", "canary, too short")],
        [("ANTHROPIC_API_KEY", "canary\nX-Evil: 1")],
        [("ANTHROPIC_BASE_URL", "http://user:canary@127.0.0.1:1")],
    ] {
        let ran = crate::support::serve(&environment).run().exits(3).says_nothing();
        assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
        assert!(ran.stderr.contains(environment[0].0), "{}", ran.stderr);
    }
}

#[test]
fn prompts_and_replies_are_logged_where_that_is_asked_for() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[("LOG_LEVEL", "DEBUG"), ("LOG_CONTENT", "true")]);
    served.ask(&chat_by(token(), &question("What does the zebrafinch say?", false))).json();
    served.log().wait_for("Response sent");
    let turns = served.log().entries("Turn");
    assert_eq!(turns.len(), 3, "one for each step");
    assert!(turns.iter().all(|turn| turn["content"].as_str().unwrap().contains("zebrafinch")), "{turns:?}");
    assert_eq!(served.log().entries("Reply").len(), 3);
}
