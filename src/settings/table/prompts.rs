//! Variables: where the prompts are. They are resolved before all others, because the prompts'
//! front matter has a say in the rest.

use std::path::{Component, Path};

use crate::settings::{Fallback, Kind, OnReload, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "The prompts",
    for_server: false,
    variables: &[
        Variable {
            name: "CHAIN_PROMPTS_DIR",
            kind: Kind::Path { set: |s, dir| s.prompts.dir = Some(dir) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "A folder of prompt files; each one it has replaces the built-in prompt.",
        },
        Variable {
            name: "CHAIN_ANALYZE_PROMPT_FILE",
            kind: Kind::Text {
                allowed: FILE_NAME,
                check: is_file_name,
                set: |s, name| s.prompts.names.analyze = name,
            },
            fallback: Fallback::Value("chain_analyze.md"),
            on_reload: OnReload::Taken,
            doc: "The file name of the prompt for analyze in that folder.",
        },
        Variable {
            name: "CHAIN_PROCESS_PROMPT_FILE",
            kind: Kind::Text {
                allowed: FILE_NAME,
                check: is_file_name,
                set: |s, name| s.prompts.names.process = name,
            },
            fallback: Fallback::Value("chain_process.md"),
            on_reload: OnReload::Taken,
            doc: "The file name of the prompt for process in that folder.",
        },
        Variable {
            name: "CHAIN_SYNTHESIZE_PROMPT_FILE",
            kind: Kind::Text {
                allowed: FILE_NAME,
                check: is_file_name,
                set: |s, name| s.prompts.names.synthesize = name,
            },
            fallback: Fallback::Value("chain_synthesize.md"),
            on_reload: OnReload::Taken,
            doc: "The file name of the prompt for synthesize in that folder.",
        },
        Variable {
            name: "CHAIN_WORKER_PROMPT_FILE",
            kind: Kind::Text {
                allowed: FILE_NAME,
                check: is_file_name,
                set: |s, name| s.prompts.worker_name = name,
            },
            fallback: Fallback::Value("chain_worker.md"),
            on_reload: OnReload::Taken,
            doc: "The file name of the prompt for a part of process, where that is divided.",
        },
    ],
};

const FILE_NAME: &str = "the name of a file in the prompts folder, without a folder";

fn is_file_name(text: &str) -> bool {
    let is_normal =
        matches!(Path::new(text).components().next(), Some(Component::Normal(name)) if name == text);
    is_normal && !text.contains(['\\', '/']) && !text.chars().any(char::is_control)
}
