//! What shows up among the results of tests.

use super::*;

fn junit(report: &ValidationReport) -> String {
    shown(report, ReportFormat::Junit)
}

#[test]
fn what_is_in_a_file_is_a_test_in_the_suite_of_that_file() {
    insta::assert_snapshot!(junit(&report(in_files())), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="promptchain validate" tests="9" skipped="0" failures="4" errors="0">
        <testsuite name="./prompts/chain_process.md" tests="2" skipped="0" errors="0" failures="1">
            <testcase name="undefined-variable at 12:16" classname="./prompts/chain_process.md" file="prompts/chain_process.md" line="12">
                <failure message="`topci` isn&apos;t a variable: ␛[31mred␛[0m and another line" type="undefined-variable">./prompts/chain_process.md:12:16: error: `topci` isn&apos;t a variable: ␛[31mred␛[0m and another line [undefined-variable]
     12 | Write about {{ topci }} now.
        |                ^^^^^
        = hint: did you mean `topic`?
    </failure>
            </testcase>
            <testcase name="unused-variable at 4:1" classname="./prompts/chain_process.md" file="prompts/chain_process.md" line="4">
                <system-out>./prompts/chain_process.md:4:1: warning: `tone` isn&apos;t used [unused-variable]
     4 | tone    =   &apos;東京&apos; # in use?
       | ^^^^
    </system-out>
            </testcase>
        </testsuite>
        <testsuite name="prompts/none.md" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="prompt-file-missing" classname="prompts/none.md" file="prompts/none.md">
                <failure message="there is no such file" type="prompt-file-missing">prompts/none.md: error: there is no such file [prompt-file-missing]
     = hint: files that override a built-in prompt are called chain_analyze.md, 100% exactly
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="a,b: 100%/un été\東京.md" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="front-matter-unclosed at 1:4" classname="a,b: 100%/un été\東京.md" file="a,b: 100%/un été\東京.md" line="1">
                <failure message="`+++` isn&apos;t closed" type="front-matter-unclosed">a,b: 100%/un été\東京.md:1:4: error: `+++` isn&apos;t closed [front-matter-unclosed]
     1 | +++
       |    ^
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="prompts/wide.md" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="asks-for-fence at 103:10" classname="prompts/wide.md" file="prompts/wide.md" line="103">
                <system-out>prompts/wide.md:103:10: warning: asks for a code fence [asks-for-fence]
     103 |     東京 eé: ``` ␛[2J\u{9b}
         |              ^^^
    </system-out>
            </testcase>
        </testsuite>
        <testsuite name="/etc/long.md" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="undefined-variable at 1:180" classname="/etc/long.md" file="/etc/long.md" line="1">
                <failure message="`topci` isn&apos;t a variable" type="undefined-variable">/etc/long.md:1:180: error: `topci` isn&apos;t a variable [undefined-variable]
     1 | …lay. All work and no play. {{ topci }} makes Jack dull. makes Jack dull. makes Jack dull. makes Ja…
       |                                ^^^^^
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="odd␊␉␛\u{ffff}.env" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="repeated-variable" classname="odd␊␉␛\u{ffff}.env" file="odd␊␉␛\u{ffff}.env">
                <system-out>odd␊␉␛\u{ffff}.env: warning: set before, in line 2 [repeated-variable]
    </system-out>
            </testcase>
        </testsuite>
        <testsuite name="prompts/a.md" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="no problems" classname="prompts/a.md"/>
        </testsuite>
        <testsuite name="&lt;built-in chain_synthesize.md&gt;" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="no problems" classname="&lt;built-in chain_synthesize.md&gt;"/>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn what_is_elsewhere_is_a_test_in_the_suite_of_its_source() {
    insta::assert_snapshot!(junit(&report(elsewhere())), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="promptchain validate" tests="9" skipped="0" failures="7" errors="0">
        <testsuite name="&lt;built-in chain_analyze.md&gt;" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="empty-prompt at 7:1" classname="&lt;built-in chain_analyze.md&gt;">
                <failure message="says nothing" type="empty-prompt">&lt;built-in chain_analyze.md&gt;:7:1: error: says nothing [empty-prompt]
     7 |
       | ^
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="environment" tests="2" skipped="0" errors="0" failures="2">
            <testcase name="invalid-value" classname="environment">
                <failure message="CHAIN_THINKING=on: must be off or auto" type="invalid-value">environment: error: CHAIN_THINKING=on: must be off or auto [invalid-value]
     = hint: use off or auto
    </failure>
            </testcase>
            <testcase name="invalid-value (2)" classname="environment">
                <failure message="LOG_LEVEL=loud: must be a level" type="invalid-value">environment: error: LOG_LEVEL=loud: must be a level [invalid-value]
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="--set process.max_tokens=0" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="invalid-value" classname="--set process.max_tokens=0">
                <failure message="must be 1 or more" type="invalid-value">--set process.max_tokens=0: error: must be 1 or more [invalid-value]
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="variable count" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="override-type" classname="variable count">
                <failure message="must be a number" type="override-type">variable count: error: must be a number [override-type]
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="settings" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="missing-variable" classname="settings">
                <failure message="ANTHROPIC_API_KEY: must be set" type="missing-variable">error: ANTHROPIC_API_KEY: must be set [missing-variable]
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="https://api.example/v1" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="unknown-model" classname="https://api.example/v1">
                <failure message="&lt;claude&gt; &amp; &quot;co&quot; aren&apos;t known, {0} [here](1)" type="unknown-model">https://api.example/v1: error: &lt;claude&gt; &amp; &quot;co&quot; aren&apos;t known, {0} [here](1) [unknown-model]
    </failure>
            </testcase>
        </testsuite>
        <testsuite name="prompts/a.md" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="no problems" classname="prompts/a.md"/>
        </testsuite>
        <testsuite name="&lt;built-in chain_synthesize.md&gt;" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="no problems" classname="&lt;built-in chain_synthesize.md&gt;"/>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_report_of_nothing_has_a_passed_test_for_all_that_is_fine() {
    insta::assert_snapshot!(junit(&nothing()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="promptchain validate" tests="3" skipped="0" failures="0" errors="0">
        <testsuite name="prompts/a.md" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="no problems" classname="prompts/a.md"/>
        </testsuite>
        <testsuite name="&lt;built-in chain_synthesize.md&gt;" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="no problems" classname="&lt;built-in chain_synthesize.md&gt;"/>
        </testsuite>
        <testsuite name="settings" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="no problems" classname="settings"/>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_reader_finds_as_many_failures_as_errors_and_the_texts_unchanged() {
    let report = everything();
    let read = quick_junit::Report::deserialize_from_str(&junit(&report)).unwrap();
    assert_eq!((read.failures, read.errors, read.skipped), (report.errors(), 0, 0));
    let last = read
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
        .find(|case| case.name.as_str() == "unknown-model");
    let quick_junit::TestCaseStatus::NonSuccess { message, .. } = &last.unwrap().status else { panic!() };
    assert_eq!(message.as_ref().unwrap().as_str(), "<claude> & \"co\" aren't known, {0} [here](1)");
}
