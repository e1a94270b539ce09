//! What to do once the files are there, in words.

use std::path::Path;

use super::plan::{Content, PROMPTS_FOLDER, Plan, PlannedFile};
use super::readiness::Readiness;
use super::work_tree;
use crate::report::terminal_text::visible;

/// What was kept, which commands come next, and what to take care of.
pub(super) fn text(plan: &Plan, ready: &Readiness) -> String {
    let mut text = String::new();
    for file in plan.kept() {
        text.push_str(&kept(file, ready));
    }
    let once = |missing: &Option<String>, before: &str| match missing {
        Some(name) => format!("{before}once {name} is set in .env"),
        None => String::new(),
    };
    let (credential, key) = (once(&ready.credential, "   # "), once(&ready.key, ", "));
    let token = if ready.makes_tokens {
        format!("  promptchain token --subject me --expires-in 24h   # a token for it{key}\n")
    } else {
        String::new()
    };
    let run = "promptchain run --offline \"What makes a good commit message?\"";
    text.push_str(&format!(
        "next:\n{}  {run}   # simulated: no key, no network\n  promptchain run \"Hello\"{credential}\n  \
         promptchain serve --offline   # an API, simulated too{key}\n{token}",
        cd(plan)
    ));
    text.push_str(&match work_tree::uncovered(plan.folder()) {
        Some(root) => format!(
            "warning: .env holds secrets, and no .gitignore up to {} has a line for it: add .env to one\n",
            shown(&root)
        ),
        None => ".env holds secrets: keep it out of version control\n".to_owned(),
    });
    text
}

fn kept(file: &PlannedFile, ready: &Readiness) -> String {
    let what = match file.existing {
        Some(kind) if kind.is_symlink() => ", a link",
        Some(kind) if kind.is_dir() => ", a folder",
        _ => "",
    };
    let mut notes = String::new();
    if file.content == Content::Env {
        if ready.prompts.as_deref() != Some(Path::new(PROMPTS_FOLDER)) {
            notes =
                format!("; for {PROMPTS_FOLDER}/ to be used, CHAIN_PROMPTS_DIR={PROMPTS_FOLDER} must be set");
        }
        if ready.makes_tokens && ready.key.is_some() {
            notes.push_str("; for a server, JWT_SECRET_KEY must be set: openssl rand -hex 32 makes one");
        }
    }
    format!("kept {} as it is{what}{notes}\n", shown(&file.path))
}

/// The line that leads to the folder, unless it is the current one.
fn cd(plan: &Plan) -> String {
    let is_current = match (plan.folder().canonicalize(), Path::new(".").canonicalize()) {
        (Ok(folder), Ok(current)) => folder == current,
        _ => false,
    };
    if is_current { String::new() } else { format!("  cd {}\n", quoted(&shown(plan.folder()))) }
}

/// As a shell takes it.
fn quoted(path: &str) -> String {
    let dashes = if path.starts_with('-') { "-- " } else { "" };
    let is_plain = path.chars().all(|char| char.is_alphanumeric() || "-_./+:@%".contains(char));
    if is_plain { format!("{dashes}{path}") } else { format!("{dashes}'{}'", path.replace('\'', r"'\''")) }
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_quoted_as_a_shell_takes_it() {
        for (path, expected) in [
            ("demo/a-b_c.d", "demo/a-b_c.d"),
            ("my demo", "'my demo'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("-x", "-- -x"),
        ] {
            assert_eq!(quoted(path), expected);
        }
    }
}
