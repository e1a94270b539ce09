_promptchain() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="promptchain"
                ;;
            promptchain,batch)
                cmd="promptchain__subcmd__batch"
                ;;
            promptchain,completions)
                cmd="promptchain__subcmd__completions"
                ;;
            promptchain,config)
                cmd="promptchain__subcmd__config"
                ;;
            promptchain,help)
                cmd="promptchain__subcmd__help"
                ;;
            promptchain,init)
                cmd="promptchain__subcmd__init"
                ;;
            promptchain,man)
                cmd="promptchain__subcmd__man"
                ;;
            promptchain,run)
                cmd="promptchain__subcmd__run"
                ;;
            promptchain,schema)
                cmd="promptchain__subcmd__schema"
                ;;
            promptchain,serve)
                cmd="promptchain__subcmd__serve"
                ;;
            promptchain,simulate)
                cmd="promptchain__subcmd__simulate"
                ;;
            promptchain,token)
                cmd="promptchain__subcmd__token"
                ;;
            promptchain,validate)
                cmd="promptchain__subcmd__validate"
                ;;
            promptchain__subcmd__token,inspect)
                cmd="promptchain__subcmd__token__subcmd__inspect"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        promptchain)
            opts="-q -v -h -V --env-file --color --quiet --verbose --help --version run batch serve validate init config token simulate schema completions help man"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__batch)
            opts="-o -q -v -h --out --order --resume --journal --no-journal --concurrency --max-failures --offline --message-batches --record --replay --replay-speed --model --analyze-model --process-model --synthesize-model --profile --workers --prompts --var --set --strict --no-validation --min-confidence --max-cost --timeout --env-file --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --out)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                -o)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --order)
                    COMPREPLY=($(compgen -W "completion input" -- "${cur}"))
                    return 0
                    ;;
                --journal)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --max-failures)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --record)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --replay)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --replay-speed)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --analyze-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --process-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --synthesize-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "fast balanced accurate" -- "${cur}"))
                    return 0
                    ;;
                --workers)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --prompts)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --var)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --set)
                    COMPREPLY=($(compgen -W "analyze.model= analyze.max_tokens= analyze.temperature= analyze.timeout= analyze.prompt_file= process.model= process.max_tokens= process.temperature= process.timeout= process.workers= process.prompt_file= synthesize.model= synthesize.max_tokens= synthesize.temperature= synthesize.timeout= synthesize.prompt_file=" -- "${cur}"))
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --min-confidence)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__completions)
            opts="-q -v -h --env-file --color --quiet --verbose --help bash elvish fish powershell zsh"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__config)
            opts="-q -v -h --changed --json --offline --model --analyze-model --process-model --synthesize-model --profile --workers --prompts --var --set --strict --no-validation --min-confidence --max-cost --env-file --color --quiet --verbose --help ANTHROPIC_API_KEY ANTHROPIC_API_KEY_FILE ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL ANTHROPIC_VERSION CHAIN_STRUCTURED_OUTPUT CHAIN_THINKING CHAIN_MODELS_FILE CHAIN_MAX_COST_USD CHAIN_ANALYZE_MODEL CHAIN_ANALYZE_MAX_TOKENS CHAIN_ANALYZE_TEMPERATURE CHAIN_ANALYZE_TIMEOUT CHAIN_PROCESS_MODEL CHAIN_PROCESS_MAX_TOKENS CHAIN_PROCESS_TEMPERATURE CHAIN_PROCESS_TIMEOUT CHAIN_SYNTHESIZE_MODEL CHAIN_SYNTHESIZE_MAX_TOKENS CHAIN_SYNTHESIZE_TEMPERATURE CHAIN_SYNTHESIZE_TIMEOUT CHAIN_PROCESS_WORKERS CHAIN_WORKERS_FROM CHAIN_PROMPTS_DIR CHAIN_ANALYZE_PROMPT_FILE CHAIN_PROCESS_PROMPT_FILE CHAIN_SYNTHESIZE_PROMPT_FILE CHAIN_WORKER_PROMPT_FILE CHAIN_ENABLE_VALIDATION CHAIN_STRICT_VALIDATION CHAIN_MIN_CONFIDENCE_THRESHOLD CHAIN_REPAIR_ATTEMPTS WORKER_COORDINATION_TIMEOUT SYNTHESIS_TIMEOUT STREAMING_TIMEOUT STREAMING_CHUNK_BUFFER RETRY_MAX_ATTEMPTS RETRY_EXPONENTIAL_MULTIPLIER RETRY_EXPONENTIAL_MAX CIRCUIT_BREAKER_ENABLED CIRCUIT_BREAKER_FAILURE_THRESHOLD CIRCUIT_BREAKER_TIMEOUT CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS API_HOST API_PORT METRICS_BIND ENVIRONMENT MAX_REQUEST_BODY_SIZE MAX_CONCURRENT_RUNS SHUTDOWN_GRACE_SECONDS STREAM_COMMIT_MS STREAM_HEARTBEAT_SECONDS CHAIN_EXPOSE_STEPS BACKGROUND_TASKS BACKGROUND_TASK_PATTERNS SERVICE_MODEL_NAME SERVICE_MODEL_ALIASES DOCS_ENABLED PLAYGROUND_ENABLED ENABLE_SECURITY_HEADERS TRUSTED_PROXIES JWT_SECRET_KEY JWT_SECRET_KEY_FILE JWT_SECRET_KEY_PREVIOUS JWT_ALGORITHM JWT_PUBLIC_KEY_FILE JWT_ISSUER JWT_AUDIENCE JWT_LEEWAY_SECONDS RATE_LIMIT_ENABLED RATE_LIMIT_CHAT_COMPLETIONS RATE_LIMIT_MODELS RATE_LIMIT_DEFAULT BUDGET_USD_PER_DAY RATE_LIMIT_STORAGE_URI RATE_LIMIT_ON_STORAGE_ERROR REDIS_URL REDIS_CA_FILE REDIS_KEY_PREFIX CHECKPOINT_TTL_SECONDS CHECKPOINT_KEY CHECKPOINT_KEY_FILE CHECKPOINT_KEY_PREVIOUS CORS_ORIGINS CORS_ALLOW_CREDENTIALS CORS_ALLOW_METHODS CORS_ALLOW_HEADERS LOG_LEVEL LOG_FORMAT LOG_CONTENT LOKI_URL LOKI_USERNAME LOKI_PASSWORD LOKI_PASSWORD_FILE LOKI_TENANT OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_TRACES_ENDPOINT OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_HEADERS OTEL_EXPORTER_OTLP_TIMEOUT OTEL_SERVICE_NAME OTEL_RESOURCE_ATTRIBUTES OTEL_TRACES_SAMPLER OTEL_TRACES_SAMPLER_ARG OTEL_SEMCONV_STABILITY_OPT_IN OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT OTEL_SDK_DISABLED TRACEPARENT"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --analyze-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --process-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --synthesize-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "fast balanced accurate" -- "${cur}"))
                    return 0
                    ;;
                --workers)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --prompts)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --var)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --set)
                    COMPREPLY=($(compgen -W "analyze.model= analyze.max_tokens= analyze.temperature= analyze.timeout= analyze.prompt_file= process.model= process.max_tokens= process.temperature= process.timeout= process.workers= process.prompt_file= synthesize.model= synthesize.max_tokens= synthesize.temperature= synthesize.timeout= synthesize.prompt_file=" -- "${cur}"))
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --min-confidence)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__help)
            opts="-q -v -h --env-file --color --quiet --verbose --help run batch serve validate init config token simulate schema help completions man exit-codes environment"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__init)
            opts="-y -q -v -h --yes --env-file --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__man)
            opts="-q -v -h --dir --env-file --color --quiet --verbose --help run batch serve validate init config token token-inspect simulate schema help completions man"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__run)
            opts="-f -o -q -v -h --file --messages --output --json --jsonl --out --offline --dry-run --count --save --state --from --until --record --replay --replay-speed --model --analyze-model --process-model --synthesize-model --profile --workers --prompts --var --set --strict --no-validation --min-confidence --max-cost --timeout --env-file --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                -f)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --messages)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "text json jsonl" -- "${cur}"))
                    return 0
                    ;;
                --out)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                -o)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --save)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --state)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --from)
                    COMPREPLY=($(compgen -W "analyze process synthesize" -- "${cur}"))
                    return 0
                    ;;
                --until)
                    COMPREPLY=($(compgen -W "analyze process synthesize" -- "${cur}"))
                    return 0
                    ;;
                --record)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --replay)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --replay-speed)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --analyze-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --process-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --synthesize-model)
                    COMPREPLY=($(compgen -W "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-2 claude-fable-5-1 claude-opus-5 claude-sonnet-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5-20251101 claude-opus-4-5 claude-sonnet-4-6 claude-sonnet-4-5-20250929 claude-sonnet-4-5 claude-haiku-4-5-20251001 claude-haiku-4-5" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "fast balanced accurate" -- "${cur}"))
                    return 0
                    ;;
                --workers)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --prompts)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --var)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --set)
                    COMPREPLY=($(compgen -W "analyze.model= analyze.max_tokens= analyze.temperature= analyze.timeout= analyze.prompt_file= process.model= process.max_tokens= process.temperature= process.timeout= process.workers= process.prompt_file= synthesize.model= synthesize.max_tokens= synthesize.temperature= synthesize.timeout= synthesize.prompt_file=" -- "${cur}"))
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --min-confidence)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --max-cost)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__schema)
            opts="-q -v -h --env-file --color --quiet --verbose --help run events error state batch dry-run validation config token inspection"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__serve)
            opts="-q -v -h --host --port --offline --record --replay --replay-speed --check --env-file --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --host)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --record)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --replay)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --replay-speed)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__simulate)
            opts="-q -v -h --port --host --latency --first-token-delay --pacing --tokens-per-second --batch-time --fault --log --env-file --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --port)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --host)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --latency)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --first-token-delay)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --pacing)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --tokens-per-second)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --batch-time)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --fault)
                    COMPREPLY=($(compgen -W "rate-limit overloaded server-error unavailable bad-request unauthorized forbidden not-found request-timeout structured-output-refused wrong-content-type hang-before-head reset-before-head hang-mid-reply reset-mid-reply close-mid-reply truncated error-event error-event-mid-reply pings-only slow-drip invalid-sse-json json-instead-of-stream huge-event huge-reply missing-usage not-json fenced-json prose-around-json bad-escape missing-field reordered-fields wrong-json-type confidence-out-of-range low-confidence blank-intent blank-content blank-text max-tokens refusal refusal-mid-text empty-reply expired canceled analyze:rate-limit analyze:overloaded analyze:server-error analyze:unavailable analyze:bad-request analyze:unauthorized analyze:forbidden analyze:not-found analyze:request-timeout analyze:structured-output-refused analyze:wrong-content-type analyze:hang-before-head analyze:reset-before-head analyze:hang-mid-reply analyze:reset-mid-reply analyze:close-mid-reply analyze:truncated analyze:error-event analyze:error-event-mid-reply analyze:pings-only analyze:slow-drip analyze:invalid-sse-json analyze:json-instead-of-stream analyze:huge-event analyze:huge-reply analyze:missing-usage analyze:not-json analyze:fenced-json analyze:prose-around-json analyze:bad-escape analyze:missing-field analyze:reordered-fields analyze:blank-intent analyze:max-tokens analyze:refusal analyze:refusal-mid-text analyze:empty-reply analyze:expired analyze:canceled process:rate-limit process:overloaded process:server-error process:unavailable process:bad-request process:unauthorized process:forbidden process:not-found process:request-timeout process:structured-output-refused process:wrong-content-type process:hang-before-head process:reset-before-head process:hang-mid-reply process:reset-mid-reply process:close-mid-reply process:truncated process:error-event process:error-event-mid-reply process:pings-only process:slow-drip process:invalid-sse-json process:json-instead-of-stream process:huge-event process:huge-reply process:missing-usage process:not-json process:fenced-json process:prose-around-json process:bad-escape process:missing-field process:reordered-fields process:wrong-json-type process:confidence-out-of-range process:low-confidence process:blank-content process:max-tokens process:refusal process:refusal-mid-text process:empty-reply process:expired process:canceled synthesize:rate-limit synthesize:overloaded synthesize:server-error synthesize:unavailable synthesize:bad-request synthesize:unauthorized synthesize:forbidden synthesize:not-found synthesize:request-timeout synthesize:structured-output-refused synthesize:wrong-content-type synthesize:hang-before-head synthesize:reset-before-head synthesize:hang-mid-reply synthesize:reset-mid-reply synthesize:close-mid-reply synthesize:truncated synthesize:error-event synthesize:error-event-mid-reply synthesize:pings-only synthesize:slow-drip synthesize:invalid-sse-json synthesize:json-instead-of-stream synthesize:huge-event synthesize:huge-reply synthesize:missing-usage synthesize:not-json synthesize:fenced-json synthesize:prose-around-json synthesize:bad-escape synthesize:missing-field synthesize:reordered-fields synthesize:blank-text synthesize:max-tokens synthesize:refusal synthesize:refusal-mid-text synthesize:empty-reply synthesize:expired synthesize:canceled batch-create:rate-limit batch-create:overloaded batch-create:server-error batch-create:unavailable batch-create:bad-request batch-create:unauthorized batch-create:forbidden batch-create:not-found batch-create:request-timeout batch-create:wrong-content-type batch-create:hang-before-head batch-create:reset-before-head batch-create:hang-mid-reply batch-create:reset-mid-reply batch-create:close-mid-reply batch-create:truncated batch-create:slow-drip batch-list:rate-limit batch-list:overloaded batch-list:server-error batch-list:unavailable batch-list:bad-request batch-list:unauthorized batch-list:forbidden batch-list:not-found batch-list:request-timeout batch-list:wrong-content-type batch-list:hang-before-head batch-list:reset-before-head batch-list:hang-mid-reply batch-list:reset-mid-reply batch-list:close-mid-reply batch-list:truncated batch-list:slow-drip batch-poll:rate-limit batch-poll:overloaded batch-poll:server-error batch-poll:unavailable batch-poll:bad-request batch-poll:unauthorized batch-poll:forbidden batch-poll:not-found batch-poll:request-timeout batch-poll:wrong-content-type batch-poll:hang-before-head batch-poll:reset-before-head batch-poll:hang-mid-reply batch-poll:reset-mid-reply batch-poll:close-mid-reply batch-poll:truncated batch-poll:slow-drip batch-results:rate-limit batch-results:overloaded batch-results:server-error batch-results:unavailable batch-results:bad-request batch-results:unauthorized batch-results:forbidden batch-results:not-found batch-results:request-timeout batch-results:wrong-content-type batch-results:hang-before-head batch-results:reset-before-head batch-results:hang-mid-reply batch-results:reset-mid-reply batch-results:close-mid-reply batch-results:truncated batch-results:slow-drip batch-cancel:rate-limit batch-cancel:overloaded batch-cancel:server-error batch-cancel:unavailable batch-cancel:bad-request batch-cancel:unauthorized batch-cancel:forbidden batch-cancel:not-found batch-cancel:request-timeout batch-cancel:wrong-content-type batch-cancel:hang-before-head batch-cancel:reset-before-head batch-cancel:hang-mid-reply batch-cancel:reset-mid-reply batch-cancel:close-mid-reply batch-cancel:truncated batch-cancel:slow-drip batch-delete:rate-limit batch-delete:overloaded batch-delete:server-error batch-delete:unavailable batch-delete:bad-request batch-delete:unauthorized batch-delete:forbidden batch-delete:not-found batch-delete:request-timeout batch-delete:wrong-content-type batch-delete:hang-before-head batch-delete:reset-before-head batch-delete:hang-mid-reply batch-delete:reset-mid-reply batch-delete:close-mid-reply batch-delete:truncated batch-delete:slow-drip" -- "${cur}"))
                    return 0
                    ;;
                --log)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__token)
            opts="-q -v -h --subject --expires-in --claim --private-key-file --json --issuer --audience --algorithm --secret-file --env-file --color --quiet --verbose --help inspect"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --subject)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --expires-in)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --claim)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --private-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --issuer)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --audience)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --algorithm)
                    COMPREPLY=($(compgen -W "HS256 HS384 HS512 RS256 ES256 EdDSA" -- "${cur}"))
                    return 0
                    ;;
                --secret-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__token__subcmd__inspect)
            opts="-q -v -h --issuer --audience --algorithm --secret-file --public-key-file --json --env-file --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --issuer)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --audience)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --algorithm)
                    COMPREPLY=($(compgen -W "HS256 HS384 HS512 RS256 ES256 EdDSA" -- "${cur}"))
                    return 0
                    ;;
                --secret-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --public-key-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        promptchain__subcmd__validate)
            opts="-q -v -h --format --list-rules --allow --deny --strict --var --live --env-file --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --format)
                    COMPREPLY=($(compgen -W "text json github sarif junit" -- "${cur}"))
                    return 0
                    ;;
                --allow)
                    COMPREPLY=($(compgen -W "prompt-file-missing prompt-file-unreadable prompt-file-encoding prompt-file-too-large prompt-file-unused prompts-folder prompts-folder-unused empty-prompt prompt-over-context front-matter-syntax front-matter-unclosed front-matter-unknown-key front-matter-duplicate-key front-matter-type front-matter-range front-matter-name front-matter-field-type reserved-name template-syntax template-render template-limit undefined-variable unused-variable unknown-override override-type example-syntax example-mismatch undeclared-field field-not-named unknown-field asks-for-fence asks-for-prose env-file secrets-readable env-file-tracked unknown-variable repeated-variable invalid-value conflicting-variables missing-variable unused-credential found-upstream foreign-file timeout-over-phase temperature-over-limit weak-secret unused-key unused-certificates any-origin credentials-of-any-origin unsafe-in-production unreadable-proxy models-file max-tokens-over-limit temperature-refused retired-model retiring-model unknown-model unknown-price upstream-unreachable upstream-credentials upstream-model" -- "${cur}"))
                    return 0
                    ;;
                --deny)
                    COMPREPLY=($(compgen -W "prompt-file-missing prompt-file-unreadable prompt-file-encoding prompt-file-too-large prompt-file-unused prompts-folder prompts-folder-unused empty-prompt prompt-over-context front-matter-syntax front-matter-unclosed front-matter-unknown-key front-matter-duplicate-key front-matter-type front-matter-range front-matter-name front-matter-field-type reserved-name template-syntax template-render template-limit undefined-variable unused-variable unknown-override override-type example-syntax example-mismatch undeclared-field field-not-named unknown-field asks-for-fence asks-for-prose env-file secrets-readable env-file-tracked unknown-variable repeated-variable invalid-value conflicting-variables missing-variable unused-credential found-upstream foreign-file timeout-over-phase temperature-over-limit weak-secret unused-key unused-certificates any-origin credentials-of-any-origin unsafe-in-production unreadable-proxy models-file max-tokens-over-limit temperature-refused retired-model retiring-model unknown-model unknown-price upstream-unreachable upstream-credentials upstream-model" -- "${cur}"))
                    return 0
                    ;;
                --var)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --env-file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

# Puts together again what bash has taken apart at = and :.
_promptchain_whole_words() {
    local word="$2" previous="$3" before="" at="${COMP_CWORD}"
    if [[ "${COMP_WORDS[at]}" == ":" ]]; then
        before="${previous}:"
        previous="${COMP_WORDS[at-2]}"
    elif [[ "${previous}" == ":" ]] && (( at > 2 )); then
        before="${COMP_WORDS[at-2]}:"
        previous="${COMP_WORDS[at-3]}"
    elif [[ "${previous}" == "=" ]]; then
        previous="${COMP_WORDS[at-2]}"
    fi
    _promptchain "$1" "${before}${word#:}" "${previous}"
    COMPREPLY=("${COMPREPLY[@]#"${before}"}")
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _promptchain_whole_words -o nosort -o bashdefault -o default promptchain
else
    complete -F _promptchain_whole_words -o bashdefault -o default promptchain
fi
