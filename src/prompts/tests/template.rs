//! What templates become, and what is wrong with them.

use insta::assert_snapshot;

use super::*;

#[test]
fn a_prompt_that_says_nothing_is_refused() {
    assert_snapshot!(problems(""), @r"
    p.md:1:1: the prompt is empty [empty-prompt]
        hint: say what the model is to do in this step
    ");
    assert_snapshot!(problems("+++\nmodel = 'm'\n+++\n\n  \n"), @r"
    p.md:6:1: the prompt is empty [empty-prompt]
        hint: say what the model is to do in this step
    ");
    assert_snapshot!(render_problems("{# nothing but a remark #}\n", &[]), @r"
    p.md:2:1: the prompt is empty [empty-prompt]
        hint: say what the model is to do in this step
    ");
}

#[test]
fn a_syntax_error_in_the_template_has_its_line_in_the_file() {
    assert_snapshot!(problems("+++\nmodel = 'm'\n+++\nOne.\nTwo {{ tone\n"), @r"
    p.md:5:5: the tag isn't closed [template-syntax]
        hint: close it with }}, or put it between {% raw %} and {% endraw %} if it is text
    ");
    assert_snapshot!(problems("One.\n{% if step %}\nTwo.\n"), @r"
    p.md:2:1: `{% if %}` isn't closed [template-syntax]
        hint: add {% endif %}
    ");
    assert_snapshot!(problems("é {{ 'a }}\n"), @r"
    p.md:1:3: a string in the tag isn't closed [template-syntax]
        hint: close it with '
    ");
}

#[test]
fn a_tag_that_isnt_closed_is_told_where_it_opens() {
    let rest = "\nMore.\n{{ step }}\n";
    for template in ["{% if tone %}", "{# a {{ tone", "{{ tone }", "{% raw and", "{% raw %}", "{{ step %}"] {
        let problem = problems(&format!("One.\n\u{e9} {template}{rest}"));
        assert!(problem.starts_with("p.md:2:3: "), "{template}: {problem}");
        assert!(problem.contains(" isn't closed [template-syntax]\n"), "{template}: {problem}");
    }
    assert_snapshot!(problems("{{ step }}{% if step %}\nOne.\n\n"), @r"
    p.md:1:11: `{% if %}` isn't closed [template-syntax]
        hint: add {% endif %}
    ");
    assert_snapshot!(problems("{% if step %}{% for x in step %}\n{% endif %}"), @r"
    p.md:1:14: `{% for %}` isn't closed [template-syntax]
        hint: add {% endfor %}
    ");
    assert_snapshot!(problems("One.\n{% endif %}"), @r"
    p.md:2:4: unknown statement endif [template-syntax]
        hint: the tags are if, for, set, with, filter and raw
    ");
    assert_snapshot!(problems("One {{ step }\nDon't {{ step }}\n"), @r"
    p.md:1:5: the tag isn't closed [template-syntax]
        hint: close it with }}, or put it between {% raw %} and {% endraw %} if it is text
    ");
}

#[test]
fn a_name_of_other_letters_is_told_what_names_have() {
    assert_snapshot!(problems("{{ \u{53d8}\u{91cf} }}\n"), @r"
    p.md:1:4: `变量` isn't a name [template-syntax]
        hint: names have letters a–z, digits and _
    ");
    assert_snapshot!(problems("{{ step + gr\u{f6}\u{df}e }}\n"), @r"
    p.md:1:11: `größe` isn't a name [template-syntax]
        hint: names have letters a–z, digits and _
    ");
    assert_snapshot!(problems("{{ step step }}\n"), @r"
    p.md:1:9: unexpected identifier, expected end of variable block [template-syntax]
        hint: text that has {{, {% or {# in it goes between {% raw %} and {% endraw %}
    ");
}

#[test]
fn what_comes_in_blocks_of_its_own_is_not_to_be_in_the_template() {
    for name in
        ["analysis.intent", "draft", "request", "prompt", "conversation", "messages", "input", "question"]
    {
        let problem = render_problems(&format!("{{{{ {name} }}}}"), &[]);
        assert!(problem.contains("reach the model in blocks of their own"), "{name}: {problem}");
    }
    assert_eq!(rendered("{{ prompt }}", &[("prompt", "x")]), "x", "unless somebody gives it");
    let near = render_problems("+++\n[vars]\ninputs = 'x'\n+++\n{{ inputs }}{{ input }}", &[]);
    assert!(near.contains("did you mean `inputs`?"), "{near}");
}

#[test]
fn a_template_cant_reach_other_files() {
    assert_snapshot!(problems("{% include 'secret.md' %}\n"), @r"
    p.md:1:4: unknown statement include [template-syntax]
        hint: the tags are if, for, set, with, filter and raw
    ");
    assert_snapshot!(problems("{% import 'secret.md' as s %}\n"), @r"
    p.md:1:4: unknown statement import [template-syntax]
        hint: the tags are if, for, set, with, filter and raw
    ");
}

#[test]
fn variables_come_from_the_file_and_are_overridden_by_those_given() {
    let text = "+++\n[vars]\ntone = 'dry'\nparts = 3\nformal = true\n+++\n\
                {{ step }}: {{ tone }}, {{ parts + 1 }}{% if formal %}, formal{% endif %}\n";
    assert_eq!(rendered(text, &[]), "analyze: dry, 4, formal");
    let given = [("tone", "<&'\">{{ step }}"), ("parts", "4.5"), ("formal", "false")];
    assert_eq!(rendered(text, &given), "analyze: <&'\">{{ step }}, 5.5", "neither escaped nor expanded");
}

#[test]
fn a_variable_that_only_the_template_uses_can_be_given() {
    assert_eq!(rendered("A {{ tone }} voice.", &[("tone", "dry")]), "A dry voice.");
}

#[test]
fn every_undefined_variable_is_found_at_its_place() {
    assert_snapshot!(
        render_problems(
            "+++\n[vars]\ntone = 'dry'\n+++\nA {{ tune }} voice, {% if false %}{{ reader }}{% endif %}\n\
             é {{ [stepp, tone] }} {{ tone.tint }}\n",
            &[]
        ),
        @r"
    p.md:5:6: undefined variable `tune` [undefined-variable]
        hint: did you mean `tone`?
    p.md:5:38: undefined variable `reader` [undefined-variable]
        hint: give it a default under [vars], or a value with --var reader=…
    p.md:6:7: undefined variable `stepp` [undefined-variable]
        hint: did you mean `step`?
    "
    );
    assert_snapshot!(render_problems("One.\n\n{{ step.tint }}\n", &[]), @"p.md:3:4: `step.tint` is undefined [undefined-variable]");
}

#[test]
fn a_variable_whose_absence_is_provided_for_may_be_absent() {
    assert_eq!(rendered("A {{ tone | default('dry') }} voice.", &[]), "A dry voice.");
    assert_eq!(rendered("A{% if tone is defined %} {{ tone }}{% endif %} voice.", &[]), "A voice.");
    assert_eq!(rendered("{% if true %}{% set tone = 'dry' %}{% endif %}{{ tone }}", &[]), "dry");
    assert_eq!(rendered("{% for i in range(3) %}{{ loop.index }}{% endfor %}", &[]), "123");
    assert_snapshot!(render_problems("{% if tone is undefined %}\nA {{ tone }} voice.{% endif %}", &[]), @"p.md:2:6: `tone` is undefined [undefined-variable]");
}

#[test]
fn given_variables_that_no_prompt_knows_or_of_the_wrong_type_are_refused() {
    let text = "+++\n[vars]\nformal = true\n+++\n{{ tone }}, {{ formal }}\n";
    assert_snapshot!(
        render_problems(text, &[("tune", "dry"), ("formal", "yes"), ("step", "x"), ("publisher", "x")]),
        @r"
    variable publisher: no prompt declares or uses a variable `publisher` [unknown-override]
        hint: the prompts' variables: formal, tone
    variable step: `step` is set by the program [reserved-name]
    variable tune: no prompt declares or uses a variable `tune` [unknown-override]
        hint: did you mean `tone`?
    variable formal: `formal` must be `true` or `false` [override-type]
        hint: as is its default at p.md:3:10
    p.md:5:4: undefined variable `tone` [undefined-variable]
        hint: give it a default under [vars], or a value with --var tone=…
    "
    );
    assert_snapshot!(render_problems("Text.", &[("tone", "x")]), @r"
    variable tone: no prompt declares or uses a variable `tone` [unknown-override]
        hint: the prompts' variables: none
    ");
}

#[test]
fn a_variable_that_is_declared_but_not_used_is_a_warning() {
    let warnings = set("+++\n[vars]\ntone = 'dry'\n+++\n{{ tome | default('') }}x\n").diagnostics;
    assert_snapshot!(show(&warnings), @r"
    p.md:3:8: the template doesn't use the variable `tone` [unused-variable]
        hint: did you mean `tome`?
    ");
    assert_eq!(warnings[0].severity, Severity::Warning);
}

#[test]
fn a_variable_may_be_called_like_a_function() {
    let text = "+++\n[vars]\nrange = '1-2'\n+++\n{{ range }}\n";
    assert_eq!(set(text).diagnostics, []);
    assert_eq!(rendered(text, &[("range", "3-4")]), "3-4");
}

#[test]
fn a_line_with_only_a_tag_leaves_no_line_behind() {
    assert_eq!(
        rendered("\nOne.\n  {% if step %}\nTwo.\n  {% endif %}\nThree.\n\n", &[]),
        "One.\nTwo.\nThree."
    );
}

#[test]
fn a_template_can_neither_work_nor_grow_without_end() {
    let long = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}x";
    assert_snapshot!(render_problems(long, &[]), @r"
    p.md:1:39: the template works for too long [template-limit]
        hint: make its loops shorter
    ");
    assert_snapshot!(render_problems("{{ 'x' * 1048577 }}", &[]), @"p.md: the rendered prompt is larger than 1048576 bytes [template-limit]");
    assert_eq!(rendered("{{ 'x' * 1048576 }}", &[]).len(), MAX_RENDERED_BYTES);
}

#[test]
fn an_unknown_filter_has_its_place() {
    assert_snapshot!(render_problems("One.\n{{ step | uper }}\n", &[]), @"p.md:2:11: filter uper is unknown [template-render]");
}

#[test]
fn a_template_that_would_overflow_the_stack_is_refused() {
    let sum = format!("One.\n{{{{ 1{} }}}}", "+1".repeat(30_000));
    assert_snapshot!(problems(&sum), @"p.md:2:3: the tag has more than 300 parts [template-limit]");
    let elifs = format!("{{% if step %}}{}{{% endif %}}", "\n{% elif step %}".repeat(50_000));
    assert_snapshot!(problems(&elifs), @"p.md:102:3: the template has more than 100 `elif` [template-limit]");
    assert_snapshot!(problems(&"{% if step %}\n".repeat(50_000)), @r"
    p.md:150:4: template exceeds maximum recursion limits [template-syntax]
        hint: text that has {{, {% or {# in it goes between {% raw %} and {% endraw %}
    ");
    let most = format!("{{{{ 1{} }}}}", "+1".repeat(140));
    assert_eq!(rendered(&most, &[]), "141");
}

#[test]
fn a_line_in_which_the_engine_cant_count_is_refused() {
    // Without the limit, the engine panics at the tag that isn't closed.
    let line = |len: usize| format!("One.\n{}{{{{", "é".repeat(len - 2));
    assert_snapshot!(problems(&line(65_535)), @r"
    p.md:2:1: the line has more than 65534 characters [template-limit]
        hint: break it into several lines
    ");
    assert_snapshot!(problems(&line(65_534)), @r"
    p.md:2:65533: the tag isn't closed [template-syntax]
        hint: close it with }}, or put it between {% raw %} and {% endraw %} if it is text
    ");
}

#[test]
fn of_a_prompt_full_of_mistakes_the_first_are_told() {
    let variables: Vec<String> = (0..10_000).map(|number| format!("{{{{v{number}}}}}")).collect();
    let told = render_problems(&variables.join("\n"), &[]);
    assert!(told.starts_with("p.md:1:3: undefined variable `v0`"), "{told}");
    assert!(told.contains("p.md:50:3: undefined variable `v49`"), "{told}");
    let rest = "p.md:51:3: there is more of this kind from here on, which is left out [undefined-variable]\n    \
                hint: mend what is told first";
    assert!(told.trim_end().ends_with(rest), "{told}");
}

#[test]
fn a_field_that_is_taken_for_a_variable_is_told_where_it_comes() {
    let text = "+++\n[fields]\ntone = 'string'\n+++\n{{ tone }} {{ intent }}";
    assert_snapshot!(render_problems(text, &[]), @"
    p.md:5:4: undefined variable `tone` [undefined-variable]
        hint: the field `tone` comes in the block of the analysis or the draft, not as a variable
    p.md:5:15: undefined variable `intent` [undefined-variable]
        hint: the field `intent` comes in the block of the analysis or the draft, not as a variable
    ");
}
