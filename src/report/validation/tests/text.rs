//! What people see.

use super::*;

fn text(report: &ValidationReport) -> String {
    shown(report, ReportFormat::Text)
}

#[test]
fn everything_is_told_with_its_place_its_line_and_a_hint() {
    insta::assert_snapshot!(text(&everything()), @r#"
    ./prompts/chain_process.md:12:16: error: `topci` isn't a variable: ␛[31mred␛[0m and another line [undefined-variable]
     12 | Write about {{ topci }} now.
        |                ^^^^^
        = hint: did you mean `topic`?

    ./prompts/chain_process.md:4:1: warning: `tone` isn't used [unused-variable]
     4 | tone    =   '東京' # in use?
       | ^^^^

    prompts/none.md: error: there is no such file [prompt-file-missing]
     = hint: files that override a built-in prompt are called chain_analyze.md, 100% exactly

    a,b: 100%/un été\東京.md:1:4: error: `+++` isn't closed [front-matter-unclosed]
     1 | +++
       |    ^

    prompts/wide.md:103:10: warning: asks for a code fence [asks-for-fence]
     103 |     東京 eé: ``` ␛[2J\u{9b}
         |              ^^^

    /etc/long.md:1:180: error: `topci` isn't a variable [undefined-variable]
     1 | …lay. All work and no play. {{ topci }} makes Jack dull. makes Jack dull. makes Jack dull. makes Ja…
       |                                ^^^^^

    odd␊␉␛<U+FFFF>.env: warning: set before, in line 2 [repeated-variable]

    <built-in chain_analyze.md>:7:1: error: says nothing [empty-prompt]
     7 |
       | ^

    environment: error: CHAIN_THINKING=on: must be off or auto [invalid-value]
     = hint: use off or auto

    environment: error: LOG_LEVEL=loud: must be a level [invalid-value]

    --set process.max_tokens=0: error: must be 1 or more [invalid-value]

    variable count: error: must be a number [override-type]

    error: ANTHROPIC_API_KEY: must be set [missing-variable]

    https://api.example/v1: error: <claude> & "co" aren't known, {0} [here](1) [unknown-model]
    "#);
}

#[test]
fn severities_rules_gutters_and_hints_have_colours_if_asked_for() {
    let two = in_files().into_iter().take(2).collect();
    let shown = render(&report(two), ReportFormat::Text, true).unwrap();
    insta::assert_snapshot!(shown.replace('\u{1b}', "ESC"), @"
    ESC[1m./prompts/chain_process.md:12:16ESC[0m: ESC[31merror:ESC[0m `topci` isn't a variable: ␛[31mred␛[0m and another line ESC[2m[undefined-variable]ESC[0m
    ESC[2m 12 |ESC[0m Write about {{ topci }} now.
    ESC[2m    |ESC[0m                ESC[31m^^^^^ESC[0m
        = ESC[36mhint:ESC[0m did you mean `topic`?

    ESC[1m./prompts/chain_process.md:4:1ESC[0m: ESC[33mwarning:ESC[0m `tone` isn't used ESC[2m[unused-variable]ESC[0m
    ESC[2m 4 |ESC[0m tone    =   '東京' # in use?
    ESC[2m   |ESC[0m ESC[33m^^^^ESC[0m
    ");
}

#[test]
fn a_source_without_a_name_takes_no_room() {
    let nameless = Diagnostic::new(Rule::PromptFileMissing, file(""), "is empty");
    assert!(text(&report(vec![nameless])).starts_with("error: is empty [prompt-file-missing]\n"));
}

#[test]
fn the_summary_says_how_many_and_where() {
    let check = |diagnostics: &[&Diagnostic], expected: &str| {
        let report = report(diagnostics.iter().map(|&diagnostic| diagnostic.clone()).collect());
        assert_eq!(summary(&report), expected);
    };
    let [in_files, elsewhere] = [in_files(), elsewhere()];
    let [built_in, environment, _, flag, variable, unsaid, upstream] = elsewhere.as_slice() else { panic!() };
    check(&[&in_files[0]], "1 error in 1 file");
    check(&[&in_files[0], &in_files[1], &in_files[2]], "2 errors, 1 warning in 2 files");
    check(&[&in_files[1]], "1 warning in 1 file");
    check(&[unsaid], "1 error");
    check(&[built_in, environment, environment], "3 errors in the built-in prompts and the environment");
    check(&[flag, variable, unsaid], "3 errors in the command line");
    check(
        &[&in_files[1], flag, upstream],
        "2 errors, 1 warning in 1 file, the command line and the upstream",
    );
}

#[test]
fn the_summary_of_nothing_says_what_is_fine() {
    let check = |prompts: usize, settings: bool, expected: &str| {
        let prompts = vec![Source::BuiltIn("a.md"); prompts];
        let report = ValidationReport { prompts, settings, ..ValidationReport::default() };
        assert_eq!((summary(&report).as_str(), text(&report).as_str()), (expected, ""));
    };
    check(3, true, "3 built-in prompts and the settings are fine");
    check(1, true, "1 built-in prompt and the settings are fine");
    check(2, false, "2 built-in prompts are fine");
    check(1, false, "1 built-in prompt is fine");
    let prompts = vec![file("a.md"), Source::BuiltIn("b.md"), Source::BuiltIn("c.md")];
    let mixed = ValidationReport { prompts, settings: true, ..ValidationReport::default() };
    assert_eq!(summary(&mixed), "1 prompt, 2 built-in prompts and the settings are fine");
    check(0, true, "the settings are fine");
    check(0, false, "nothing was checked");
}
