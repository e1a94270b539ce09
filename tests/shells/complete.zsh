# Writes what zsh offers to a file, one a line, and then the line as it is left:
# zsh -f complete.zsh FOLDER LINE FILE
zmodload zsh/zpty
# The terminal of a shell of its own, in which a tab ends what is typed.
zpty shell zsh -f -i
zpty -w shell "PS1= PROMPT_SP= out=${(q)3}"
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u"
zpty -w shell 'compadd() {
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        local -a offered
        builtin compadd -A offered "$@"
        print -rl -- $offered >> $out
    fi
    builtin compadd "$@"
}'
# In two pieces, so that the echo of this line isn't taken for the end.
zpty -w shell 'complete-and-end() { zle complete-word; print -r -- "line: $LBUFFER|" >> $out; print "<the"" end>" }'
zpty -w shell 'zle -N complete-and-end; bindkey "^I" complete-and-end'
zpty -w -n shell "$2"$'\t'
zpty -r shell line '*<the end>?'
zpty -d shell
