# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_promptchain_global_optspecs
    string join \n env-file= color= q/quiet v/verbose h/help V/version
end

function __fish_promptchain_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_promptchain_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_promptchain_using_subcommand
    set -l cmd (__fish_promptchain_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c promptchain -n "__fish_promptchain_needs_command" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_needs_command" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_needs_command" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_needs_command" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_needs_command" -s V -l version -d 'Print version'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "run" -d 'Run the chain on a prompt and print the answer'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "serve" -d 'Serve the chain behind an OpenAI-compatible API'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "validate" -d 'Check prompt files and settings, without a key and without calling anybody'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "init" -d 'Write a .env and prompt files to start from'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "config" -d 'Print the settings in effect, and where each came from'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "token" -d 'Make a token for the API, or look at one'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "simulate" -d 'Serve an imitation of the Messages API on loopback, to test against'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "schema" -d 'Print the JSON Schema of what the program writes'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "completions" -d 'Print a script by which a shell completes promptchain\'s commands, flags and values'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "help" -d 'Tell about a command or a topic'
complete -c promptchain -n "__fish_promptchain_needs_command" -f -a "man" -d 'Print a page of the manual, in the format that man reads'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -s f -l file -d 'Add this file to the prompt; `-` is stdin (repeatable)' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l messages -d 'Start from a conversation: a JSON array of messages as OpenAI\'s clients write them, or an object with `messages`' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l output -d 'What to print: the text as it comes, one JSON object, or an event a line' -r -f -a "text\t'The final text, as it comes'
json\t'One object when the run has ended'
jsonl\t'One event a line, as they happen'"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -s o -l out -d 'Write to this file instead of stdout: whole, or not at all' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l model -d 'The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l analyze-model -d 'The model of analyze [env: CHAIN_ANALYZE_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l process-model -d 'The model of process [env: CHAIN_PROCESS_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l synthesize-model -d 'The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l profile -d 'A set of models [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]' -r -f -a "fast\t'Haiku 5.5 for every step'
balanced\t'Haiku 5.5, Sonnet 5.5 for process'
accurate\t'Sonnet 5.5 for every step'"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l prompts -d 'Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l var -d 'Set a variable of the prompt files (repeatable)' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l set -d 'Change a step\'s setting, such as process.max_tokens=1000 (repeatable) [env: CHAIN_<STEP>_<KEY>]' -r -f -a "analyze.model=\t''
analyze.max_tokens=\t''
analyze.temperature=\t''
analyze.timeout=\t''
analyze.prompt_file=\t''
process.model=\t''
process.max_tokens=\t''
process.temperature=\t''
process.timeout=\t''
process.prompt_file=\t''
synthesize.model=\t''
synthesize.max_tokens=\t''
synthesize.temperature=\t''
synthesize.timeout=\t''
synthesize.prompt_file=\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l min-confidence -d 'The lowest confidence that passes, 0 to 1 [env: CHAIN_MIN_CONFIDENCE_THRESHOLD]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l max-cost -d 'The most the run may cost, in US dollars [env: CHAIN_MAX_COST_USD]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l timeout -d 'The most time the run may take, such as 90s; never more than both phases' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l json -d 'The same as --output json'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l jsonl -d 'The same as --output jsonl'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l offline -d 'Use the built-in simulator instead of Claude: no key, no network, the same answer each time'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l strict -d 'Fail if a gate isn\'t satisfied, instead of warning [env: CHAIN_STRICT_VALIDATION]'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -l no-validation -d 'Switch the gates\' business rules off [env: CHAIN_ENABLE_VALIDATION]'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -l host -d 'The address or host name to listen on [env: API_HOST] [default: 127.0.0.1]' -r -f -a "(__fish_print_hostnames)"
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -l port -d 'The port; 0 takes a free one [env: API_PORT] [default: 8000]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -l offline -d 'Run the chain against the built-in simulator: no key, no network, no cost'
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -l check -d 'Only check settings, prompts and the form of keys, and say what is wrong; nobody is called'
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l format -d 'How to tell what was found' -r -f -a "text\t'For people, with the lines in question'
json\t'One object'
github\t'Commands that make GitHub Actions annotate a pull request'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit\'s XML, for CI servers'"
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l allow -d 'Pass over what breaks this rule (repeatable)' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l deny -d 'Make what breaks this rule an error (repeatable)' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l var -d 'A variable of the prompt files, as run is given it (repeatable)' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l list-rules -d 'List the rules, and check nothing'
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l strict -d 'Make every warning an error'
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -l live -d 'Ask the upstream too whether it takes the key and knows the models; this costs no tokens'
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand init" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand init" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand init" -s y -l yes -d 'Ask nothing; needed where there is no terminal'
complete -c promptchain -n "__fish_promptchain_using_subcommand init" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand init" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l model -d 'The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l analyze-model -d 'The model of analyze [env: CHAIN_ANALYZE_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l process-model -d 'The model of process [env: CHAIN_PROCESS_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l synthesize-model -d 'The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]' -r -f -a "claude-haiku-5-5\t''
claude-sonnet-5-5\t''
claude-opus-5-5\t''
claude-fable-5-2\t''
claude-fable-5-1\t''
claude-opus-5\t''
claude-sonnet-5\t''
claude-opus-4-8\t''
claude-opus-4-7\t''
claude-opus-4-6\t''
claude-opus-4-5-20251101\t''
claude-opus-4-5\t''
claude-sonnet-4-6\t''
claude-sonnet-4-5-20250929\t''
claude-sonnet-4-5\t''
claude-haiku-4-5-20251001\t''
claude-haiku-4-5\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l profile -d 'A set of models [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]' -r -f -a "fast\t'Haiku 5.5 for every step'
balanced\t'Haiku 5.5, Sonnet 5.5 for process'
accurate\t'Sonnet 5.5 for every step'"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l prompts -d 'Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]' -r -f -a "(__fish_complete_directories)"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l var -d 'Set a variable of the prompt files (repeatable)' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l set -d 'Change a step\'s setting, such as process.max_tokens=1000 (repeatable) [env: CHAIN_<STEP>_<KEY>]' -r -f -a "analyze.model=\t''
analyze.max_tokens=\t''
analyze.temperature=\t''
analyze.timeout=\t''
analyze.prompt_file=\t''
process.model=\t''
process.max_tokens=\t''
process.temperature=\t''
process.timeout=\t''
process.prompt_file=\t''
synthesize.model=\t''
synthesize.max_tokens=\t''
synthesize.temperature=\t''
synthesize.timeout=\t''
synthesize.prompt_file=\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l min-confidence -d 'The lowest confidence that passes, 0 to 1 [env: CHAIN_MIN_CONFIDENCE_THRESHOLD]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l max-cost -d 'The most the run may cost, in US dollars [env: CHAIN_MAX_COST_USD]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l changed -d 'Only what isn\'t the default'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l json -d 'Print one JSON object (schema: promptchain schema config)'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l offline -d 'As for the built-in simulator instead of Claude: no credential is looked at'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l strict -d 'Fail if a gate isn\'t satisfied, instead of warning [env: CHAIN_STRICT_VALIDATION]'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -l no-validation -d 'Switch the gates\' business rules off [env: CHAIN_ENABLE_VALIDATION]'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l subject -d 'Whom the token is for: limits and log lines go by it' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l expires-in -d 'How long it is good for, such as 15m, 24h or 30d (a bare number is seconds); without this, for ever' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l claim -d 'A further claim: JSON where the value is JSON, else a string (repeatable)' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l private-key-file -d 'The private key for RS256, ES256 and EdDSA, as PEM' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l issuer -d 'Who issues it: its `iss` [env: JWT_ISSUER]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l audience -d 'Whom it is meant for: its `aud` [env: JWT_AUDIENCE]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l algorithm -d 'The algorithm of its signature [env: JWT_ALGORITHM] [default: HS256]' -r -f -a "HS256\t''
HS384\t''
HS512\t''
RS256\t''
ES256\t''
EdDSA\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l secret-file -d 'A file that holds the secret for HS256, HS384 and HS512 [env: JWT_SECRET_KEY_FILE]' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -l json -d 'Print one JSON object: the token, its algorithm and its claims'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and not __fish_seen_subcommand_from inspect" -f -a "inspect" -d 'Say whether a token is valid, and show what it claims'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l issuer -d 'Who issues it: its `iss` [env: JWT_ISSUER]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l audience -d 'Whom it is meant for: its `aud` [env: JWT_AUDIENCE]' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l algorithm -d 'The algorithm of its signature [env: JWT_ALGORITHM] [default: HS256]' -r -f -a "HS256\t''
HS384\t''
HS512\t''
RS256\t''
ES256\t''
EdDSA\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l secret-file -d 'A file that holds the secret for HS256, HS384 and HS512 [env: JWT_SECRET_KEY_FILE]' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l public-key-file -d 'The public key for RS256, ES256 and EdDSA, as PEM [env: JWT_PUBLIC_KEY_FILE]' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -l json -d 'Print one JSON object'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l port -d 'The port; 0 takes a free one' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l host -d 'The address to listen on' -r -f -a "(__fish_print_hostnames)"
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l latency -d 'Time before the head of each answer, such as 200ms' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l first-token-delay -d 'Time from the head to the first piece of text' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l pacing -d 'Time from one piece of text to the next' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l tokens-per-second -d 'Tokens a second, instead of a fixed time between pieces' -r -f
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l fault -d 'Make something go wrong: [STEP:]FAULT[=PARAMETER][@CALLS] (repeatable; --help lists the faults)' -r -f -a "rate-limit\t''
overloaded\t''
server-error\t''
unavailable\t''
bad-request\t''
unauthorized\t''
forbidden\t''
not-found\t''
request-timeout\t''
structured-output-refused\t''
wrong-content-type\t''
hang-before-head\t''
reset-before-head\t''
hang-mid-reply\t''
reset-mid-reply\t''
close-mid-reply\t''
truncated\t''
error-event\t''
error-event-mid-reply\t''
pings-only\t''
slow-drip\t''
invalid-sse-json\t''
json-instead-of-stream\t''
huge-event\t''
huge-reply\t''
missing-usage\t''
not-json\t''
fenced-json\t''
prose-around-json\t''
bad-escape\t''
missing-field\t''
reordered-fields\t''
wrong-json-type\t''
confidence-out-of-range\t''
low-confidence\t''
blank-intent\t''
blank-content\t''
blank-text\t''
max-tokens\t''
refusal\t''
refusal-mid-text\t''
empty-reply\t''
analyze:rate-limit\t''
analyze:overloaded\t''
analyze:server-error\t''
analyze:unavailable\t''
analyze:bad-request\t''
analyze:unauthorized\t''
analyze:forbidden\t''
analyze:not-found\t''
analyze:request-timeout\t''
analyze:structured-output-refused\t''
analyze:wrong-content-type\t''
analyze:hang-before-head\t''
analyze:reset-before-head\t''
analyze:hang-mid-reply\t''
analyze:reset-mid-reply\t''
analyze:close-mid-reply\t''
analyze:truncated\t''
analyze:error-event\t''
analyze:error-event-mid-reply\t''
analyze:pings-only\t''
analyze:slow-drip\t''
analyze:invalid-sse-json\t''
analyze:json-instead-of-stream\t''
analyze:huge-event\t''
analyze:huge-reply\t''
analyze:missing-usage\t''
analyze:not-json\t''
analyze:fenced-json\t''
analyze:prose-around-json\t''
analyze:bad-escape\t''
analyze:missing-field\t''
analyze:reordered-fields\t''
analyze:blank-intent\t''
analyze:max-tokens\t''
analyze:refusal\t''
analyze:refusal-mid-text\t''
analyze:empty-reply\t''
process:rate-limit\t''
process:overloaded\t''
process:server-error\t''
process:unavailable\t''
process:bad-request\t''
process:unauthorized\t''
process:forbidden\t''
process:not-found\t''
process:request-timeout\t''
process:structured-output-refused\t''
process:wrong-content-type\t''
process:hang-before-head\t''
process:reset-before-head\t''
process:hang-mid-reply\t''
process:reset-mid-reply\t''
process:close-mid-reply\t''
process:truncated\t''
process:error-event\t''
process:error-event-mid-reply\t''
process:pings-only\t''
process:slow-drip\t''
process:invalid-sse-json\t''
process:json-instead-of-stream\t''
process:huge-event\t''
process:huge-reply\t''
process:missing-usage\t''
process:not-json\t''
process:fenced-json\t''
process:prose-around-json\t''
process:bad-escape\t''
process:missing-field\t''
process:reordered-fields\t''
process:wrong-json-type\t''
process:confidence-out-of-range\t''
process:low-confidence\t''
process:blank-content\t''
process:max-tokens\t''
process:refusal\t''
process:refusal-mid-text\t''
process:empty-reply\t''
synthesize:rate-limit\t''
synthesize:overloaded\t''
synthesize:server-error\t''
synthesize:unavailable\t''
synthesize:bad-request\t''
synthesize:unauthorized\t''
synthesize:forbidden\t''
synthesize:not-found\t''
synthesize:request-timeout\t''
synthesize:structured-output-refused\t''
synthesize:wrong-content-type\t''
synthesize:hang-before-head\t''
synthesize:reset-before-head\t''
synthesize:hang-mid-reply\t''
synthesize:reset-mid-reply\t''
synthesize:close-mid-reply\t''
synthesize:truncated\t''
synthesize:error-event\t''
synthesize:error-event-mid-reply\t''
synthesize:pings-only\t''
synthesize:slow-drip\t''
synthesize:invalid-sse-json\t''
synthesize:json-instead-of-stream\t''
synthesize:huge-event\t''
synthesize:huge-reply\t''
synthesize:missing-usage\t''
synthesize:not-json\t''
synthesize:fenced-json\t''
synthesize:prose-around-json\t''
synthesize:bad-escape\t''
synthesize:missing-field\t''
synthesize:reordered-fields\t''
synthesize:blank-text\t''
synthesize:max-tokens\t''
synthesize:refusal\t''
synthesize:refusal-mid-text\t''
synthesize:empty-reply\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l log -d 'Append a JSON line for each request to this file when it has ended' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand schema" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand schema" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand schema" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand schema" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand completions" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand completions" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand completions" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand completions" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand help" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand help" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand help" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand help" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -l dir -d 'Write all pages into this folder instead; it is made where it is missing' -r -f -a "(__fish_complete_directories)"
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -l env-file -d 'Read variables from this file instead of ./.env' -r -F
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -l color -d 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]' -r -f -a "auto\t'Where the output is a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -s q -l quiet -d 'Say nothing on stderr but errors'
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -s v -l verbose -d 'Say more: a waterfall of steps and attempts at the end of a run'
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c promptchain -n "__fish_promptchain_using_subcommand run" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand serve" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand config" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand token; and __fish_seen_subcommand_from inspect" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand simulate" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand schema" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand schema" -f -a "run\t'The object that `run --json` prints'
events\t'A line that `run --jsonl` prints'
error\t'The object on stderr when a command with --json or --jsonl fails'
validation\t'The object that `validate --format json` prints'
config\t'The object that `config --json` prints'
token\t'The object that `token --json` prints'
inspection\t'The object that `token inspect --json` prints'"
complete -c promptchain -n "__fish_promptchain_using_subcommand completions" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand completions" -f -a "bash\t''
elvish\t''
fish\t''
powershell\t''
zsh\t''"
complete -c promptchain -n "__fish_promptchain_using_subcommand help" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand help" -f -a "run\t'Run the chain on a prompt and print the answer'
serve\t'Serve the chain behind an OpenAI-compatible API'
validate\t'Check prompt files and settings, without a key and without calling anybody'
init\t'Write a .env and prompt files to start from'
config\t'Print the settings in effect, and where each came from'
token\t'Make a token for the API, or look at one'
simulate\t'Serve an imitation of the Messages API on loopback, to test against'
schema\t'Print the JSON Schema of what the program writes'
help\t'Tell about a command or a topic'
completions\t'Print a script by which a shell completes promptchains commands, flags and values'
man\t'Print a page of the manual, in the format that man reads'
exit-codes\t'What each exit code means'
environment\t'The variables that change what the program does'"
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -f
complete -c promptchain -n "__fish_promptchain_using_subcommand man" -f -a "run\t'Run the chain on a prompt and print the answer'
serve\t'Serve the chain behind an OpenAI-compatible API'
validate\t'Check prompt files and settings, without a key and without calling anybody'
init\t'Write a .env and prompt files to start from'
config\t'Print the settings in effect, and where each came from'
token\t'Make a token for the API, or look at one'
token-inspect\t'Say whether a token is valid, and show what it claims'
simulate\t'Serve an imitation of the Messages API on loopback, to test against'
schema\t'Print the JSON Schema of what the program writes'
help\t'Tell about a command or a topic'
completions\t'Print a script by which a shell completes promptchains commands, flags and values'
man\t'Print a page of the manual, in the format that man reads'"
