//! What to do once the files are there, in words.

use std::path::Path;

use super::plan::{Content, PROMPTS_FOLDER, Plan, PlannedFile};
use super::work_tree;
use crate::report::terminal_text::visible;
use crate::settings::{EnvFile, Sources};

/// What was kept, which commands come next, and what to take care of.
pub(super) fn text(plan: &Plan, has_key: bool) -> String {
    let mut text = String::new();
    for file in plan.kept() {
        text.push_str(&kept(file));
    }
    let new_env = plan.to_write().find(|file| file.content == Content::Env);
    let key = match new_env {
        Some(_) if !has_key => "   # once ANTHROPIC_API_KEY is set in .env",
        _ => "",
    };
    let run = "promptchain run --offline \"What makes a good commit message?\"";
    text.push_str(&format!(
        "next:\n{}  {run}   # simulated: no key, no network\n  promptchain run \"Hello\"{key}\n  promptchain \
         serve --offline   # an API, simulated too\n  promptchain token --subject me --expires-in 24h   # a \
         token for it\n",
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

fn kept(file: &PlannedFile) -> String {
    let what = match file.existing {
        Some(kind) if kind.is_symlink() => ", a link",
        Some(kind) if kind.is_dir() => ", a folder",
        _ => "",
    };
    let note = if file.content == Content::Env && !names_prompts(file) {
        format!("; for {PROMPTS_FOLDER}/ to be used, CHAIN_PROMPTS_DIR={PROMPTS_FOLDER} must be set")
    } else {
        String::new()
    };
    format!("kept {} as it is{what}{note}\n", shown(&file.path))
}

/// Whether a `.env` that was there before leads to the prompt files.
fn names_prompts(env: &PlannedFile) -> bool {
    // A link isn't followed, wherever it leads.
    if !env.existing.is_some_and(|kind| kind.is_file()) {
        return false;
    }
    let sources = Sources { env_file: EnvFile::find(Some(&env.path), Path::new("")), ..Sources::default() };
    sources.prompt_location().dir.as_deref() == Some(Path::new(PROMPTS_FOLDER))
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
