
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'promptchain' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'promptchain'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'promptchain' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run the chain on a prompt and print the answer')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Run the chain on every line of a file')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the chain behind an OpenAI-compatible API')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Check prompt files and settings, without a key and without calling anybody')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a .env and prompt files to start from')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Print the settings in effect, and where each came from')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Make a token for the API, or look at one')
            [CompletionResult]::new('simulate', 'simulate', [CompletionResultType]::ParameterValue, 'Serve an imitation of the Messages API on loopback, to test against')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of what the program writes')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script by which a shell completes promptchain''s commands, flags and values')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Tell about a command or a topic')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a page of the manual, in the format that man reads')
            break
        }
        'promptchain;run' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Add this file to the prompt; `-` is stdin (repeatable)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Add this file to the prompt; `-` is stdin (repeatable)')
            [CompletionResult]::new('--messages', '--messages', [CompletionResultType]::ParameterName, 'Start from a conversation: a JSON array of messages as OpenAI''s clients write them, or an object with `messages`')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What to print: the text as it comes, one JSON object, or an event a line')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout: whole, or not at all')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write to this file instead of stdout: whole, or not at all')
            [CompletionResult]::new('--save', '--save', [CompletionResultType]::ParameterName, 'Write what the run has come to into this file, after each step and at the end')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Go on from what --save has written: its prompt, and the steps that it has finished. Stdin isn''t read')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Run this step again, and those after it [default: the first that --state hasn''t finished]')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'End after this step, and print what it returned')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Write every exchange with the upstream to a file of its own in this folder, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from the files in this folder instead of Claude: no key, no network; what wasn''t recorded is an error')
            [CompletionResult]::new('--replay-speed', '--replay-speed', [CompletionResultType]::ParameterName, 'Replay in real time: 1 is as fast as recorded, 2 twice as fast [default: at once]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--analyze-model', '--analyze-model', [CompletionResultType]::ParameterName, 'The model of analyze [env: CHAIN_ANALYZE_MODEL]')
            [CompletionResult]::new('--process-model', '--process-model', [CompletionResultType]::ParameterName, 'The model of process [env: CHAIN_PROCESS_MODEL]')
            [CompletionResult]::new('--synthesize-model', '--synthesize-model', [CompletionResultType]::ParameterName, 'The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'A set of models [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'Write the independent parts of a complex answer at the same time, so many calls at a time [env: CHAIN_PROCESS_WORKERS]')
            [CompletionResult]::new('--prompts', '--prompts', [CompletionResultType]::ParameterName, 'Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a variable of the prompt files (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change a step''s setting, such as process.max_tokens=1000 (repeatable) [env: CHAIN_<STEP>_<KEY>]')
            [CompletionResult]::new('--min-confidence', '--min-confidence', [CompletionResultType]::ParameterName, 'The lowest confidence that passes, 0 to 1 [env: CHAIN_MIN_CONFIDENCE_THRESHOLD]')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'The most the run may cost, in US dollars [env: CHAIN_MAX_COST_USD]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The most time the run may take, such as 90s; never more than both phases')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as --output json')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'The same as --output jsonl')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use the built-in simulator instead of Claude: no key, no network, the same answer each time')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the requests that would be sent, with their tokens and what they may cost, and send nothing')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Ask the upstream how many tokens the requests have, which costs nothing, instead of estimating (with --dry-run)')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail if a gate isn''t satisfied, instead of warning [env: CHAIN_STRICT_VALIDATION]')
            [CompletionResult]::new('--no-validation', '--no-validation', [CompletionResultType]::ParameterName, 'Switch the gates'' business rules off [env: CHAIN_ENABLE_VALIDATION]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;batch' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the results to this file instead of stdout')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the results to this file instead of stdout')
            [CompletionResult]::new('--order', '--order', [CompletionResultType]::ParameterName, 'In which order the results come')
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'Where the journal is [default: the name of the results'' file, or of the input, with .journal]')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'The most runs at a time, 1 to 500 [default: 4]; fewer while the upstream limits our rate. With --message-batches 1 to 100000 [default: 10000]')
            [CompletionResult]::new('--max-failures', '--max-failures', [CompletionResultType]::ParameterName, 'Begin nothing further after so many failures')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Write every exchange with the upstream to a file of its own in this folder, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from the files in this folder instead of Claude: no key, no network; what wasn''t recorded is an error')
            [CompletionResult]::new('--replay-speed', '--replay-speed', [CompletionResultType]::ParameterName, 'Replay in real time: 1 is as fast as recorded, 2 twice as fast [default: at once]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--analyze-model', '--analyze-model', [CompletionResultType]::ParameterName, 'The model of analyze [env: CHAIN_ANALYZE_MODEL]')
            [CompletionResult]::new('--process-model', '--process-model', [CompletionResultType]::ParameterName, 'The model of process [env: CHAIN_PROCESS_MODEL]')
            [CompletionResult]::new('--synthesize-model', '--synthesize-model', [CompletionResultType]::ParameterName, 'The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'A set of models [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'Write the independent parts of a complex answer at the same time, so many calls at a time [env: CHAIN_PROCESS_WORKERS]')
            [CompletionResult]::new('--prompts', '--prompts', [CompletionResultType]::ParameterName, 'Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a variable of the prompt files (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change a step''s setting, such as process.max_tokens=1000 (repeatable) [env: CHAIN_<STEP>_<KEY>]')
            [CompletionResult]::new('--min-confidence', '--min-confidence', [CompletionResultType]::ParameterName, 'The lowest confidence that passes, 0 to 1 [env: CHAIN_MIN_CONFIDENCE_THRESHOLD]')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'The most the run may cost, in US dollars [env: CHAIN_MAX_COST_USD]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The most time a run may take, such as 90s; never more than both phases')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on from the journal: what is done isn''t run again, what failed is')
            [CompletionResult]::new('--no-journal', '--no-journal', [CompletionResultType]::ParameterName, 'Keep no journal')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use the built-in simulator instead of Claude: no key, no network, the same answers each time')
            [CompletionResult]::new('--message-batches', '--message-batches', [CompletionResultType]::ParameterName, 'Send each step of all lines as Message Batches: at half the price, and within a day instead of at once. No limits on time apply')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail if a gate isn''t satisfied, instead of warning [env: CHAIN_STRICT_VALIDATION]')
            [CompletionResult]::new('--no-validation', '--no-validation', [CompletionResultType]::ParameterName, 'Switch the gates'' business rules off [env: CHAIN_ENABLE_VALIDATION]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;serve' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The address or host name to listen on [env: API_HOST] [default: 127.0.0.1]')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port; 0 takes a free one [env: API_PORT] [default: 8000]')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Write every exchange with the upstream to a file of its own in this folder, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from the files in this folder instead of Claude: no key, no network; what wasn''t recorded is an error')
            [CompletionResult]::new('--replay-speed', '--replay-speed', [CompletionResultType]::ParameterName, 'Replay in real time: 1 is as fast as recorded, 2 twice as fast [default: at once]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Run the chain against the built-in simulator: no key, no network, no cost')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Only check settings, prompts and the form of keys, and whether the shared store answers; the upstream isn''t called')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;validate' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to tell what was found')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Pass over what breaks this rule (repeatable)')
            [CompletionResult]::new('--deny', '--deny', [CompletionResultType]::ParameterName, 'Make what breaks this rule an error (repeatable)')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'A variable of the prompt files, as run is given it (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('--list-rules', '--list-rules', [CompletionResultType]::ParameterName, 'List the rules, and check nothing')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Make every warning an error')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Ask the upstream too whether it takes the key and knows the models; this costs no tokens')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;init' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing; needed where there is no terminal')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing; needed where there is no terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;config' {
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--analyze-model', '--analyze-model', [CompletionResultType]::ParameterName, 'The model of analyze [env: CHAIN_ANALYZE_MODEL]')
            [CompletionResult]::new('--process-model', '--process-model', [CompletionResultType]::ParameterName, 'The model of process [env: CHAIN_PROCESS_MODEL]')
            [CompletionResult]::new('--synthesize-model', '--synthesize-model', [CompletionResultType]::ParameterName, 'The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'A set of models [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'Write the independent parts of a complex answer at the same time, so many calls at a time [env: CHAIN_PROCESS_WORKERS]')
            [CompletionResult]::new('--prompts', '--prompts', [CompletionResultType]::ParameterName, 'Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a variable of the prompt files (repeatable)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Change a step''s setting, such as process.max_tokens=1000 (repeatable) [env: CHAIN_<STEP>_<KEY>]')
            [CompletionResult]::new('--min-confidence', '--min-confidence', [CompletionResultType]::ParameterName, 'The lowest confidence that passes, 0 to 1 [env: CHAIN_MIN_CONFIDENCE_THRESHOLD]')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'The most the run may cost, in US dollars [env: CHAIN_MAX_COST_USD]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('--changed', '--changed', [CompletionResultType]::ParameterName, 'Only what isn''t the default')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object (schema: promptchain schema config)')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'As for the built-in simulator instead of Claude: no credential is looked at')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail if a gate isn''t satisfied, instead of warning [env: CHAIN_STRICT_VALIDATION]')
            [CompletionResult]::new('--no-validation', '--no-validation', [CompletionResultType]::ParameterName, 'Switch the gates'' business rules off [env: CHAIN_ENABLE_VALIDATION]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;token' {
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'Whom the token is for: limits and log lines go by it')
            [CompletionResult]::new('--expires-in', '--expires-in', [CompletionResultType]::ParameterName, 'How long it is good for, such as 15m, 24h or 30d (a bare number is seconds); without this, for ever')
            [CompletionResult]::new('--claim', '--claim', [CompletionResultType]::ParameterName, 'A further claim: JSON where the value is JSON, else a string (repeatable)')
            [CompletionResult]::new('--private-key-file', '--private-key-file', [CompletionResultType]::ParameterName, 'The private key for RS256, ES256 and EdDSA, as PEM')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Who issues it: its `iss` [env: JWT_ISSUER]')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Whom it is meant for: its `aud` [env: JWT_AUDIENCE]')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'The algorithm of its signature [env: JWT_ALGORITHM] [default: HS256]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A file that holds the secret for HS256, HS384 and HS512 [env: JWT_SECRET_KEY_FILE]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object: the token, its algorithm and its claims')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Say whether a token is valid, and show what it claims')
            break
        }
        'promptchain;token;inspect' {
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Who issues it: its `iss` [env: JWT_ISSUER]')
            [CompletionResult]::new('--audience', '--audience', [CompletionResultType]::ParameterName, 'Whom it is meant for: its `aud` [env: JWT_AUDIENCE]')
            [CompletionResult]::new('--algorithm', '--algorithm', [CompletionResultType]::ParameterName, 'The algorithm of its signature [env: JWT_ALGORITHM] [default: HS256]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A file that holds the secret for HS256, HS384 and HS512 [env: JWT_SECRET_KEY_FILE]')
            [CompletionResult]::new('--public-key-file', '--public-key-file', [CompletionResultType]::ParameterName, 'The public key for RS256, ES256 and EdDSA, as PEM [env: JWT_PUBLIC_KEY_FILE]')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;simulate' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port; 0 takes a free one')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The address to listen on')
            [CompletionResult]::new('--latency', '--latency', [CompletionResultType]::ParameterName, 'Time before the head of each answer, such as 200ms')
            [CompletionResult]::new('--first-token-delay', '--first-token-delay', [CompletionResultType]::ParameterName, 'Time from the head to the first piece of text')
            [CompletionResult]::new('--pacing', '--pacing', [CompletionResultType]::ParameterName, 'Time from one piece of text to the next')
            [CompletionResult]::new('--tokens-per-second', '--tokens-per-second', [CompletionResultType]::ParameterName, 'Tokens a second, instead of a fixed time between pieces')
            [CompletionResult]::new('--batch-time', '--batch-time', [CompletionResultType]::ParameterName, 'Time from the creation of a batch to its end; its requests are done evenly over it')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make something go wrong: [STEP:]FAULT[=PARAMETER][@CALLS] (repeatable; --help lists the faults)')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Append a JSON line for each request, those within batches too, to this file when it has ended')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;schema' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;completions' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;help' {
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'promptchain;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write all pages into this folder instead; it is made where it is missing')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read variables from this file instead of ./.env')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: a waterfall of steps and attempts at the end of a run')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
