"""The scripts that let shells complete the verbs: click answers, these ask it.

Click's own scripts call the command by its name. Ours call it as it was typed, so that
`python build.py` and `./build.py` are completed in the folder of a publication as well.
"""

from click import Command
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line kind value
    local -a words=("${COMP_WORDS[@]}") command=("$1")
    local -i at=COMP_CWORD
    if [[ ${1##*/} == python* ]]; then
        [[ ${words[1]##*/} == build.py ]] && (( at > 1 )) || { compopt -o default; return; }
        command+=("${words[1]}")
        words=("${words[@]:1}")
        at=at-1
    fi
    COMPREPLY=()
    while read -r line; do
        kind=${line%%%%,*} value=${line#*,}
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(IFS=' '; COMP_WORDS="${words[*]}" COMP_CWORD=$at %(complete_var)s=bash_complete \
        "${command[@]}" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s python python3
"""

ZSH = """\
#compdef %(prog_name)s python python3

%(complete_func)s() {
    local -a called plain described response
    local -i at=$((CURRENT-1))
    local typed="${words[*]}" kind key about
    called=("${words[1]}")
    if [[ ${words[1]:t} == python* ]]; then
        if [[ ${words[2]:t} != build.py ]] || (( CURRENT < 3 )); then
            _files
            return
        fi
        called+=("${words[2]}")
        typed="${words[2,-1]}"
        at=at-1
    fi
    response=("${(@f)$(COMP_WORDS="$typed" COMP_CWORD=$at %(complete_var)s=zsh_complete \
        "${called[@]}" 2>/dev/null)}")
    for kind key about in ${response}; do
        case $kind in
            plain) [[ $about == _ ]] && plain+=("$key") || described+=("$key:$about") ;;
            dir) _path_files -/ ;;
            file) _path_files -f ;;
        esac
    done
    [[ -n $described ]] && _describe -V unsorted described -U
    [[ -n $plain ]] && compadd -U -V unsorted -a plain
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s python python3
fi
"""

FISH = """\
function %(complete_func)s
    set -l typed (commandline -opc)
    set -l called $typed[1]
    if string match -qr '(^|/)python[0-9.]*$' -- $typed[1]
        set called $typed[1..2]
        set -e typed[1]
    end
    set -l line (string join ' ' -- $typed)' '(commandline -ct)
    set -l answers (COMP_WORDS=$line COMP_CWORD=(commandline -ct) \
        %(complete_var)s=fish_complete $called 2>/dev/null)
    for answer in $answers
        set -l parts (string split -m 1 , -- $answer)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end

function %(complete_func)s_of_python
    set -l typed (commandline -opc)
    string match -qr '(^|/)build\\.py$' -- $typed[2]
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
for python in python python3
    complete --no-files --command $python --condition %(complete_func)s_of_python \
        --arguments "(%(complete_func)s)"
end
"""

ASKING: dict[str, tuple[type[ShellComplete], str]] = {
    "bash": (BashComplete, BASH),
    "zsh": (ZshComplete, ZSH),
    "fish": (FishComplete, FISH),
}
"""Shell -> how click answers it, and what asks."""


def script(shell: str, command: Command, name: str) -> str:
    """What a shell has to read to complete a command of this name."""
    asking, template = ASKING[shell]
    variable = f"_{name}_COMPLETE".replace("-", "_").replace(".", "_").upper()
    return template % asking(command, {}, name, variable).source_vars()
