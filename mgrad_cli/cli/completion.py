"""Shell completion for bash, zsh and fish, on top of click's.

Click replaces `--format=ta` by `table` in zsh, does not complete it in bash and fish, and cuts help at a comma in
fish. The classes here complete the value after the equals sign and keep the whole help.
"""

from click import Command
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete, add_completion_class


class Bash(BashComplete):
    """Complete in bash, which splits words at equals signs."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one to complete, with split words joined again."""
        args, incomplete = super().get_completion_args()
        if args and args[-1] == "=":
            args.pop()
        words: list[str] = []
        is_value = False
        for arg in args:
            if is_value or (arg == "=" and words and words[-1].startswith("--")):
                words[-1] += arg
                is_value = arg == "="
            else:
                words.append(arg)
        return words, incomplete


class Zsh(ZshComplete):
    """Complete in zsh, which must be told to keep the text before an equals sign."""

    source_template = ZshComplete.source_template.replace(" -U", "").replace(
        "    local -a completions\n",
        '    [[ "${words[CURRENT]}" == --*=* ]] && compset -P "*="\n    local -a completions\n',
        1,
    )


class Fish(FishComplete):
    """Complete in fish, which replaces whole words, so each value needs its option in front."""

    source_template = (
        FishComplete.source_template.replace(
            "    for completion",
            "    set -l before (string match --regex -- '^--[^=]*=' (commandline -t)); or set before ''\n"
            "    for completion",
            1,
        )
        .replace('string split ","', 'string split --max 1 ","')
        .replace("echo $metadata[2]", "echo $before$metadata[2]")
        .replace(
            "__fish_complete_path $metadata[2]",
            "for path in (__fish_complete_path $metadata[2]); echo $before$path; end",
        )
    )


CLASSES: tuple[type[ShellComplete], ...] = (Bash, Zsh, Fish)


def register() -> None:
    """Register these classes with click."""
    for shell in CLASSES:
        add_completion_class(shell)


def script_for(shell: str, program: Command, variable: str) -> str:
    """Return the script that a shell runs to complete the words of a program.

    It asks the program through an environment variable.
    """
    found = next(each for each in CLASSES if each.name == shell)
    completion = found(program, {}, "mgrad", variable)
    return f"{(completion.source_template % completion.source_vars()).strip()}\n"
