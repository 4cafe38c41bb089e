"""Completion in the shell as click does it, also of values in one word with their option, and with help as it is.

Click's scripts replace `--format=ta` by `table` in zsh, offer nothing for it in fish and bash, and end help at a comma
in fish.
"""

from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete, add_completion_class


class Bash(BashComplete):
    """Bash splits a word at its equals signs."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one to complete, those that belong together in one again."""
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
    """Zsh is told that what stands before an equals sign stays, which its option -U would replace."""

    source_template = ZshComplete.source_template.replace(" -U", "").replace(
        "    local -a completions\n",
        '    [[ "${words[CURRENT]}" == --*=* ]] && compset -P "*="\n    local -a completions\n',
        1,
    )


class Fish(FishComplete):
    """Fish takes whole words, so that the option goes before each value."""

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
    """Makes these the classes that click completes with."""
    for shell in CLASSES:
        add_completion_class(shell)
