//! What becomes annotations.

use super::*;

#[test]
fn everything_is_a_command_with_its_file_and_place() {
    insta::assert_snapshot!(shown(&everything(), ReportFormat::Github), @r#"
    ::error file=prompts/chain_process.md,line=12,col=16,endColumn=21,title=undefined-variable::`topci` isn't a variable: ␛[31mred␛[0m and another line%0Ahint: did you mean `topic`?
    ::warning file=prompts/chain_process.md,line=4,col=1,endColumn=5,title=unused-variable::`tone` isn't used
    ::error file=prompts/none.md,title=prompt-file-missing::there is no such file%0Ahint: files that override a built-in prompt are called chain_analyze.md, 100%25 exactly
    ::error file=a%2Cb%3A 100%25/un été\東京.md,line=1,col=4,title=front-matter-unclosed::`+++` isn't closed
    ::warning file=prompts/wide.md,line=103,col=10,endColumn=13,title=asks-for-fence::asks for a code fence
    ::error file=/etc/long.md,line=1,col=180,endColumn=185,title=undefined-variable::`topci` isn't a variable
    ::warning file=odd%0A	␛<U+FFFF>.env,title=repeated-variable::set before, in line 2
    ::error title=empty-prompt::<built-in chain_analyze.md>:7:1: says nothing
    ::error title=invalid-value::environment: CHAIN_THINKING=on: must be off or auto%0Ahint: use off or auto
    ::error title=invalid-value::environment: LOG_LEVEL=loud: must be a level
    ::error title=invalid-value::--set process.max_tokens=0: must be 1 or more
    ::error title=override-type::variable count: must be a number
    ::error title=missing-variable::ANTHROPIC_API_KEY: must be set
    ::error title=unknown-model::https://api.example/v1: <claude> & "co" aren't known, {0} [here](1)
    "#);
}

#[test]
fn a_path_that_leads_nowhere_else_loses_its_dot() {
    let path = |path: &str| {
        let shown = Diagnostic::new(Rule::PromptsFolder, file(path), "no");
        let shown = render(&report(vec![shown]), ReportFormat::Github, false).unwrap();
        shown.split_once("file=").unwrap().1.split_once(",title").unwrap().0.to_owned()
    };
    assert_eq!(path("././/a/./b.md"), "a/./b.md");
    assert_eq!(path("../a"), "../a");
    assert_eq!(path(".env"), ".env");
    assert_eq!(path("./"), ".");
    assert_eq!(path("/a"), "/a");
}
