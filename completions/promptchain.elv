
use builtin;
use str;

set edit:completion:arg-completer[promptchain] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'promptchain'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'promptchain'= {
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand run 'Run the chain on a prompt and print the answer'
            cand serve 'Serve the chain behind an OpenAI-compatible API'
            cand token 'Make a token for the API, signed with JWT_SECRET_KEY'
            cand simulate 'Serve an imitation of the Messages API on loopback, to test against'
            cand schema 'Print the JSON Schema of what the program writes'
            cand completions 'Print a script by which a shell completes promptchain''s commands, flags and values'
            cand help 'Tell about a command or a topic'
            cand man 'Print a page of the manual, in the format that man reads'
        }
        &'promptchain;run'= {
            cand -f 'Add this file to the prompt; `-` is stdin (repeatable)'
            cand --file 'Add this file to the prompt; `-` is stdin (repeatable)'
            cand --messages 'Start from a conversation: a JSON array of messages as OpenAI''s clients write them, or an object with `messages`'
            cand --output 'What to print: the text as it comes, one JSON object, or an event a line'
            cand -o 'Write to this file instead of stdout: whole, or not at all'
            cand --out 'Write to this file instead of stdout: whole, or not at all'
            cand --model 'The model of all steps [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]'
            cand --analyze-model 'The model of analyze [env: CHAIN_ANALYZE_MODEL]'
            cand --process-model 'The model of process [env: CHAIN_PROCESS_MODEL]'
            cand --synthesize-model 'The model of synthesize [env: CHAIN_SYNTHESIZE_MODEL]'
            cand --profile 'A set of models [env: CHAIN_ANALYZE_MODEL, CHAIN_PROCESS_MODEL, CHAIN_SYNTHESIZE_MODEL]'
            cand --prompts 'Take prompt files from this folder, file by file [env: CHAIN_PROMPTS_DIR]'
            cand --var 'Set a variable of the prompt files (repeatable)'
            cand --set 'Change a step''s setting, such as process.max_tokens=1000 (repeatable) [env: CHAIN_<STEP>_<KEY>]'
            cand --min-confidence 'The lowest confidence that passes, 0 to 1 [env: CHAIN_MIN_CONFIDENCE_THRESHOLD]'
            cand --max-cost 'The most the run may cost, in US dollars [env: CHAIN_MAX_COST_USD]'
            cand --timeout 'The most time the run may take, such as 90s; never more than both phases'
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand --json 'The same as --output json'
            cand --jsonl 'The same as --output jsonl'
            cand --offline 'Use the built-in simulator instead of Claude: no key, no network, the same answer each time'
            cand --strict 'Fail if a gate isn''t satisfied, instead of warning [env: CHAIN_STRICT_VALIDATION]'
            cand --no-validation 'Switch the gates'' business rules off [env: CHAIN_ENABLE_VALIDATION]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'promptchain;serve'= {
            cand --host 'The address or host name to listen on [env: API_HOST] [default: 127.0.0.1]'
            cand --port 'The port; 0 takes a free one [env: API_PORT] [default: 8000]'
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand --offline 'Run the chain against the built-in simulator: no key, no network, no cost'
            cand --check 'Only check settings, prompts and the form of keys, and say what is wrong; nobody is called'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'promptchain;token'= {
            cand --subject 'Whom the token is for: limits and log lines go by it'
            cand --expires-in 'How long it is good for, such as 15m, 24h or 30d (a bare number is seconds); without this, for ever'
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'promptchain;simulate'= {
            cand --port 'The port; 0 takes a free one'
            cand --host 'The address to listen on'
            cand --latency 'Time before the head of each answer, such as 200ms'
            cand --first-token-delay 'Time from the head to the first piece of text'
            cand --pacing 'Time from one piece of text to the next'
            cand --tokens-per-second 'Tokens a second, instead of a fixed time between pieces'
            cand --fault 'Make something go wrong: [STEP:]FAULT[=PARAMETER][@CALLS] (repeatable; --help lists the faults)'
            cand --log 'Append a JSON line for each request to this file when it has ended'
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'promptchain;schema'= {
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'promptchain;completions'= {
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'promptchain;help'= {
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'promptchain;man'= {
            cand --dir 'Write all pages into this folder instead; it is made where it is missing'
            cand --env-file 'Read variables from this file instead of ./.env'
            cand --color 'Colours on the terminal [env: NO_COLOR, FORCE_COLOR]'
            cand -q 'Say nothing on stderr but errors'
            cand --quiet 'Say nothing on stderr but errors'
            cand -v 'Say more: a waterfall of steps and attempts at the end of a run'
            cand --verbose 'Say more: a waterfall of steps and attempts at the end of a run'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
