"""The command completion: the script by which a shell asks what to offer at the press of Tab."""

from enum import StrEnum
from typing import Annotated

import typer

from stashmatrix.commands import terminal

# Each shell runs the program that was typed, which need not be on PATH. Typer's own scripts run what has its
# name there.
_BASH = r"""
_stashmatrix() {
    local IFS=$'\n'
    COMPREPLY=( $(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \
        _STASHMATRIX_COMPLETE=complete_bash "${1/#\~/$HOME}" 2>/dev/null) )
}
complete -o default -F _stashmatrix stashmatrix
"""
_ZSH = r"""
#compdef stashmatrix
_stashmatrix() {
    eval $(_TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _STASHMATRIX_COMPLETE=complete_zsh \
        ${~${(Q)words[1]}} 2>/dev/null)
}
if [ "$funcstack[1]" = _stashmatrix ]; then
    _stashmatrix "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _stashmatrix stashmatrix
fi
"""
_FISH = r"""
function __stashmatrix_complete
    set -lx _STASHMATRIX_COMPLETE complete_fish
    set -lx _TYPER_COMPLETE_FISH_ACTION $argv[1]
    set -lx _TYPER_COMPLETE_ARGS (commandline -cp | string collect)
    set -l words (commandline -opc)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    $program 2>/dev/null
end
complete --command stashmatrix --no-files --condition '__stashmatrix_complete is-args' \
    --arguments '(__stashmatrix_complete get-args)'
"""
_POWERSHELL = r"""
Register-ArgumentCompleter -Native -CommandName stashmatrix -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $Env:_STASHMATRIX_COMPLETE = "complete_powershell"
    $Env:_TYPER_COMPLETE_ARGS = $commandAst.ToString()
    $Env:_TYPER_COMPLETE_WORD_TO_COMPLETE = $wordToComplete
    stashmatrix | ForEach-Object {
        $value, $help = $_ -Split ":::"
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
    }
    $Env:_STASHMATRIX_COMPLETE = $Env:_TYPER_COMPLETE_ARGS = $Env:_TYPER_COMPLETE_WORD_TO_COMPLETE = ""
}
"""


class Shell(StrEnum):
    """A shell that can complete our command lines."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


_SCRIPTS = {Shell.BASH: _BASH, Shell.ZSH: _ZSH, Shell.FISH: _FISH, Shell.POWERSHELL: _POWERSHELL}


def completion(shell: Annotated[Shell, typer.Argument(help="The shell that is to run it.")]) -> None:
    """Print the script that makes Tab complete, and install nothing.

    Bash and zsh run it by the line eval "$(stashmatrix completion bash)" in ~/.bashrc, or zsh and ~/.zshrc.
    Fish reads it from the file ~/.config/fish/completions/stashmatrix.fish. PowerShell runs it by the line
    stashmatrix completion powershell | Out-String | Invoke-Expression in its profile.
    """
    terminal.write(_SCRIPTS[shell].lstrip("\n"))
