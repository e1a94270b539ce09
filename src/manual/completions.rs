//! The scripts by which shells complete the command line: `clap_complete`'s, and what they leave out.

use clap::builder::PossibleValue;
use clap::{Arg, Command, ValueHint};
use clap_complete::{Generator, Shell};

use crate::cli::Cli;

/// How the end of bash's script begins, where its function is made known.
const REGISTRATION: &str = "\nif [[ \"${BASH_VERSINFO[0]}\" -eq 4";

/// The script for that shell.
#[must_use]
pub fn completion_script(shell: Shell) -> String {
    script_for(shell, Cli::command())
}

/// The script that completes that command line.
pub(super) fn script_for(shell: Shell, command: Command) -> String {
    let mut command = hinted(command);
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, &name, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => with_whole_words(&script, &name),
        Shell::Zsh => without_space_after_sign(script, &command),
        Shell::Fish => script + &words_of_arguments(&command, &name, &[]),
        _ => script,
    }
}

/// What the file with the script for that shell is called.
#[must_use]
pub fn completion_file(shell: Shell) -> String {
    shell.file_name(Cli::command().get_name())
}

/// Says what each value is, so that files are offered where a file is meant and nowhere else.
fn hinted(command: Command) -> Command {
    let hint = |arg: Arg| {
        let name = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
        let hint = match name.as_deref() {
            Some("FILE" | "FILE.jsonl") => ValueHint::FilePath,
            Some("DIR") => ValueHint::DirPath,
            Some("PATH") => ValueHint::AnyPath,
            Some("HOST") => ValueHint::Hostname,
            // Something follows what is offered, or nothing is offered.
            _ if values(&arg).iter().all(ends_in_sign) => ValueHint::Other,
            _ => return arg,
        };
        let is_vague = matches!(arg.get_value_hint(), ValueHint::Unknown | ValueHint::AnyPath);
        if is_vague { arg.value_hint(hint) } else { arg }
    };
    command.mut_args(hint).mut_subcommands(hinted)
}

fn values(arg: &Arg) -> Vec<PossibleValue> {
    arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect()
}

fn ends_in_sign(value: &PossibleValue) -> bool {
    value.get_name().ends_with('=')
}

/// bash breaks words at = and : too, which `--profile=fast` and `process:overloaded` have in them.
fn with_whole_words(script: &str, name: &str) -> String {
    let wrapper = format!(
        r#"
# Puts together again what bash has taken apart at = and :.
_{name}_whole_words() {{
    local word="$2" previous="$3" before="" at="${{COMP_CWORD}}"
    if [[ "${{COMP_WORDS[at]}}" == ":" ]]; then
        before="${{previous}}:"
        previous="${{COMP_WORDS[at-2]}}"
    elif [[ "${{previous}}" == ":" ]] && (( at > 2 )); then
        before="${{COMP_WORDS[at-2]}}:"
        previous="${{COMP_WORDS[at-3]}}"
    elif [[ "${{previous}}" == "=" ]]; then
        previous="${{COMP_WORDS[at-2]}}"
    fi
    _{name} "$1" "${{before}}${{word#:}}" "${{previous}}"
    COMPREPLY=("${{COMPREPLY[@]#"${{before}}"}}")
}}
"#
    );
    let Some((function, registration)) = script.split_once(REGISTRATION) else { return script.to_owned() };
    let registration = registration.replace(&format!("-F _{name} "), &format!("-F _{name}_whole_words "));
    format!("{function}{wrapper}{REGISTRATION}{registration}")
}

/// zsh puts a space behind what it completes, which doesn't belong behind `analyze.model=`.
fn without_space_after_sign(mut script: String, command: &Command) -> String {
    for arg in command.get_arguments() {
        let values = values(arg);
        if !values.is_empty() && values.iter().all(ends_in_sign) {
            let names = values.iter().map(PossibleValue::get_name).collect::<Vec<_>>().join(" ");
            script = script.replace(&format!(":({names})'"), &format!(":{{compadd -S \"\" - {names}}}'"));
        }
    }
    command.get_subcommands().fold(script, without_space_after_sign)
}

/// fish is told of flags alone: the words that an argument can be follow here, and where there can be no
/// file.
fn words_of_arguments(command: &Command, program: &str, path: &[&str]) -> String {
    let mut lines = String::new();
    if let [first, below @ ..] = path {
        let below = below.iter().map(|word| format!("; and __fish_seen_subcommand_from {word}"));
        let condition = format!("__fish_{program}_using_subcommand {first}{}", below.collect::<String>());
        let is_path = |arg: &Arg| {
            matches!(arg.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath | ValueHint::AnyPath)
        };
        if !command.get_positionals().any(is_path) {
            lines.push_str(&format!("complete -c {program} -n \"{condition}\" -f\n"));
        }
        for words in command.get_positionals().map(values).filter(|words| !words.is_empty()) {
            let words: Vec<String> = words.iter().map(fish_word).collect();
            let words = words.join("\n");
            lines.push_str(&format!("complete -c {program} -n \"{condition}\" -f -a \"{words}\"\n"));
        }
    }
    for below in command.get_subcommands() {
        let path: Vec<&str> = path.iter().copied().chain([below.get_name()]).collect();
        lines.push_str(&words_of_arguments(below, program, &path));
    }
    lines
}

/// A word and what it stands for, within double quotes.
fn fish_word(value: &PossibleValue) -> String {
    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
    let help: String = help.chars().filter(|char| !matches!(char, '\'' | '"' | '\\' | '$' | '\n')).collect();
    format!("{}\\t'{help}'", value.get_name())
}
