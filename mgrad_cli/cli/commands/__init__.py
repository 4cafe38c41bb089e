"""The verbs of the command line, one module each, imported when it is called for."""

VERBS = {
    "eval": "the value and every gradient of one expression",
    "batch": "the same for every line of files",
    "map": "one formula over every row of a data file",
    "check": "gradients against numerical derivatives",
    "explain": "the chain rule at work, step by step",
    "graph": "the graph of a computation: a tree, a picture, a page",
    "diff": "the derivative as a formula, or as code",
    "plot": "a function and its derivative over a range",
    "repl": "an interactive prompt",
    "functions": "the functions of the language, their derivatives and conventions",
    "help": "what a command does and takes",
}
