//! Which files are taken, and what is wrong with them.

use insta::assert_snapshot;

use super::*;

#[test]
fn the_built_in_prompts_load_and_render_without_a_word_of_complaint() {
    let set = load(&PromptFiles::default());
    let rendered = set.render(&BTreeMap::new(), 1);
    assert_eq!((set.diagnostics, rendered.diagnostics), (Vec::new(), Vec::new()));
    assert!(rendered.texts.whole().unwrap().into_array().iter().all(|text| !text.is_empty()));
    assert_eq!(set.prompts.process.unwrap().source().to_string(), "<built-in chain_process.md>");
}

#[test]
fn a_file_in_the_folder_wins_over_the_built_in_one_of_its_name() {
    let dir = folder(&[("chain_process.md", b"Mine."), ("other.md", b"Other.")]);
    let mut files = in_folder(dir.path());
    files.names.synthesize = "other.md".to_owned();
    let set = load(&files);
    let rendered = set.render(&BTreeMap::new(), 1).texts.whole().unwrap();
    let prompts = set.prompts.whole().unwrap();
    assert_eq!(*prompts.analyze.source(), Source::BuiltIn("chain_analyze.md"));
    assert_eq!((rendered.process.as_str(), rendered.synthesize.as_str()), ("Mine.", "Other."));
    assert_eq!(*prompts.process.source(), Source::File(dir.path().join("chain_process.md")));
}

#[test]
fn all_three_files_are_checked_before_anything_is_said() {
    let dir = folder(&[
        ("chain_analyze.md", b"+++\nmodle = 'm'\n+++\n{{"),
        ("chain_process.md", b"ok\nab\xff\xfe\n"),
        ("chain_synthesize.md", b"\n"),
    ]);
    assert_snapshot!(load_problems(&in_folder(dir.path())), @r"
    DIR/chain_analyze.md:2:1: unknown key `modle` [front-matter-unknown-key]
        hint: did you mean `model`?
    DIR/chain_analyze.md:4:1: the tag isn't closed [template-syntax]
        hint: close it with }}, or put it between {% raw %} and {% endraw %} if it is text
    DIR/chain_process.md:2:3: the file isn't UTF-8 from here on [prompt-file-encoding]
        hint: save it as UTF-8
    DIR/chain_synthesize.md:2:1: the prompt is empty [empty-prompt]
        hint: say what the model is to do in this step
    ");
}

#[test]
fn a_file_that_two_steps_share_is_reported_once() {
    let dir = folder(&[("one.md", b"")]);
    let files = PromptFiles { names: PerStep::from_fn(|_| "one.md".to_owned()), ..in_folder(dir.path()) };
    assert_snapshot!(load_problems(&files), @r"
    DIR/one.md:1:1: the prompt is empty [empty-prompt]
        hint: say what the model is to do in this step
    ");
}

#[test]
fn files_that_cant_be_read_are_named() {
    let large = vec![b'x'; usize::try_from(MAX_FILE_BYTES).unwrap() + 1];
    let dir = folder(&[("chain_synthesize.md", &large)]);
    fs::create_dir(dir.path().join("chain_analyze.md")).unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path().join("chain_process.md")).unwrap();
    assert_snapshot!(load_problems(&in_folder(dir.path())), @r"
    DIR/chain_analyze.md: is a folder [prompt-file-unreadable]
    DIR/chain_process.md: can't be read: No such file or directory (os error 2) [prompt-file-unreadable]
    DIR/chain_synthesize.md: is larger than 1048576 bytes [prompt-file-too-large]
    ");
}

#[test]
fn the_largest_file_allowed_is_read() {
    let line = [b"x".repeat(1023), b"\n".to_vec()].concat();
    let large = line.repeat(usize::try_from(MAX_FILE_BYTES).unwrap() / line.len());
    let dir = folder(&[("chain_synthesize.md", &large)]);
    assert_eq!(load(&in_folder(dir.path())).diagnostics, []);
}

#[test]
fn names_that_are_paths_or_of_no_file_are_refused() {
    let dir = folder(&[("legal.md", b"Text.")]);
    let names = |analyze: &str, process: &str, synthesize: &str| PerStep {
        analyze: analyze.to_owned(),
        process: process.to_owned(),
        synthesize: synthesize.to_owned(),
    };
    let files = PromptFiles { names: names("../legal.md", "leagl.md", ""), ..in_folder(dir.path()) };
    assert_snapshot!(load_problems(&files), @r"
    ../legal.md: `../legal.md` isn't the name of a file in the prompts folder [prompt-file-missing]
        hint: give a name without a path, and the folder apart
    DIR/leagl.md: no such file, and none of that name is built in [prompt-file-missing]
        hint: did you mean `legal.md`?
    : `` isn't the name of a file in the prompts folder [prompt-file-missing]
        hint: give a name without a path, and the folder apart
    ");
    let files = PromptFiles {
        names: names("chain_analyse.md", "legal.md", "chain_synthesize.md"),
        ..PromptFiles::default()
    };
    assert_snapshot!(load_problems(&files), @r"
    chain_analyse.md: no prompt file `chain_analyse.md` is built in [prompt-file-missing]
        hint: did you mean `chain_analyze.md`?
    legal.md: no prompt file `legal.md` is built in [prompt-file-missing]
        hint: name the folder it is in with --prompts or CHAIN_PROMPTS_DIR
    ");
}

#[test]
fn a_folder_that_isnt_one_is_reported_once() {
    let dir = folder(&[("file", b"")]);
    assert_snapshot!(load_problems(&in_folder(&dir.path().join("file"))), @"DIR: the prompts folder is a file [prompts-folder]");
    assert_snapshot!(load_problems(&in_folder(&dir.path().join("none"))), @"DIR: can't open the prompts folder: No such file or directory (os error 2) [prompts-folder]");
}

#[test]
fn a_folder_without_any_prompt_file_is_warned_of() {
    let dir = folder(&[("notes.md", b"Mine."), ("analyze.md", b"Mine.")]);
    let warnings = load(&in_folder(dir.path())).diagnostics;
    assert_snapshot!(show(&warnings).replace(dir.path().to_str().unwrap(), "DIR"), @r"
    DIR: nothing in it is a prompt file [prompts-folder-unused]
        hint: expected chain_analyze.md, chain_process.md, chain_synthesize.md or chain_worker.md
    ");
    assert_eq!(warnings[0].severity, Severity::Warning);

    fs::write(dir.path().join("chain_process.md"), "Mine.").unwrap();
    assert_eq!(load(&in_folder(dir.path())).diagnostics, []);
}
