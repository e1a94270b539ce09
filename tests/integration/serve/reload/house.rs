//! A server whose configuration stands in files that a test changes while it serves.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Request, Response, SECRET, Served, Upstream, chat_by, promptchain, question, token};

/// A server, its upstream and its files.
pub(super) struct House {
    pub(super) served: Served,
    pub(super) upstream: Upstream,
    folder: TempDir,
}

impl House {
    /// Serves with that `.env` and these prompts; `faults` are the upstream's.
    #[track_caller]
    pub(super) fn open(lines: &str, prompts: &[(&str, &str)], faults: &[&str]) -> Self {
        let (folder, upstream) = (TempDir::new().unwrap(), Upstream::with_faults(faults));
        fs::create_dir(folder.path().join("prompts")).unwrap();
        write(folder.path(), "house.env", &env_file(lines));
        for (name, text) in prompts {
            write(folder.path(), &format!("prompts/{name}"), text);
        }
        let mut command = promptchain(&["serve", "--port", "0", "--env-file", "house.env"]);
        command.in_place(folder.path()).env("ANTHROPIC_BASE_URL", &upstream.base_url());
        Self { served: Served::start(command), upstream, folder }
    }

    /// Writes the `.env` file anew.
    pub(super) fn configure(&self, lines: &str) {
        write(self.folder.path(), "house.env", &env_file(lines));
    }

    pub(super) fn write_prompt(&self, name: &str, text: &str) {
        write(self.folder.path(), &format!("prompts/{name}"), text);
    }

    /// Has it reload, and waits for the line that says so, the last of as many as there are then.
    #[track_caller]
    pub(super) fn reload(&self) -> Value {
        self.reload_until("Configuration reloaded")
    }

    /// Has it reload, and waits for it to say that it doesn't.
    #[track_caller]
    pub(super) fn reload_in_vain(&self) -> Value {
        self.reload_until("Configuration reload refused")
    }

    #[track_caller]
    fn reload_until(&self, message: &str) -> Value {
        let before = self.served.log().entries(message).len();
        self.served.signal("HUP");
        self.served.log().wait_for_count(message, before + 1);
        self.served.log().entries(message).pop().unwrap()
    }

    #[track_caller]
    pub(super) fn ask(&self, text: &str) -> Response {
        self.served.ask(&chat_by(token(), &question(text, false)))
    }

    /// The system prompts of the calls so far, in their order.
    pub(super) fn prompts_sent(&self) -> Vec<String> {
        self.upstream.calls().iter().map(|call| call.body["system"].to_string()).collect()
    }
}

/// The lines, and what every server here has, unless they say otherwise.
fn env_file(lines: &str) -> String {
    let common =
        [("JWT_SECRET_KEY", SECRET), ("RATE_LIMIT_ENABLED", "false"), ("CHAIN_PROMPTS_DIR", "prompts")];
    let missing = common.iter().filter(|(name, _)| !lines.contains(&format!("{name}=")));
    let missing: Vec<String> = missing.map(|(name, value)| format!("{name}={value}\n")).collect();
    format!("{}{lines}", missing.concat())
}

/// Writes a file as a careful deployment does: at once, by renaming.
fn write(folder: &Path, name: &str, text: &str) {
    let new = folder.join("being-written");
    fs::write(&new, text).unwrap();
    fs::rename(new, folder.join(name)).unwrap();
}

/// Asks for the list of models.
pub(super) fn models_by(token: &str) -> Request {
    Request::get("/v1/models").by(token)
}
