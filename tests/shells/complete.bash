# Prints what bash offers, one a line: bash complete.bash FOLDER WORD... The words are as bash breaks the
# line; the last is the one that is completed.
source "$1/promptchain.bash"
shift
function_of_promptchain=$(complete -p promptchain | sed 's/.*-F \([^ ]*\).*/\1/')
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
word="${*: -1}"
# Readline completes what stands behind such a sign.
case "$word" in = | :) word="" ;; esac
# Options of the completion can be set only while readline completes.
compopt() { :; }
"$function_of_promptchain" promptchain "$word" "${*: -2:1}"
printf '%s\n' "${COMPREPLY[@]}"
