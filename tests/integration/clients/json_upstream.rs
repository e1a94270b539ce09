//! A model that writes JSON as its final text, which the simulator never does: its text is made of the
//! prompt's words.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

/// What it writes in the end.
const FINAL_TEXT: &str = r#"{"title": "Leaves", "points": ["They are green.", "Then they are red."]}"#;

/// Answers until the test's process ends; its address.
pub(super) fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        // A run's calls come one after the other.
        for stream in listener.incoming() {
            answer(&stream.unwrap());
        }
    });
    format!("http://{address}")
}

/// Reads one request and answers it as a whole, though a stream is asked for.
fn answer(mut stream: &TcpStream) {
    let reply = reply(&request(stream));
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5-20251001",
        "content": [{"type": "text", "text": reply.to_string()}],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 10, "output_tokens": 10},
    })
    .to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{message}", message.len()).unwrap();
}

/// A request's body.
fn request(stream: &TcpStream) -> Value {
    let mut request = BufReader::new(stream);
    let mut length = 0;
    for line in request.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    request.read_exact(&mut body).unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// What the step answers whose schema is in the request.
fn reply(request: &Value) -> Value {
    let fields = &request["output_config"]["format"]["schema"]["properties"];
    if fields.get("intent").is_some() {
        json!({"intent": "Leaves", "key_entities": ["leaves"], "complexity": "simple", "context": []})
    } else if fields.get("content").is_some() {
        json!({"content": FINAL_TEXT, "confidence": 0.9, "metadata": []})
    } else {
        json!({"final_text": FINAL_TEXT, "formatting": "json"})
    }
}
