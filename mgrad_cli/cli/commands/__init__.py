"""The verbs of the command line, a module each. A module is imported when its verb is used."""

VERBS = {
    "eval": "Evaluate one expression and its gradient",
    "batch": "Evaluate every line of files",
    "map": "Evaluate one expression for every row of a data file",
    "fit": "Fit a model to data by least squares",
    "check": "Check gradients against numerical derivatives",
    "explain": "Explain the chain rule step by step",
    "graph": "Draw the computation graph as a tree, picture or web page",
    "diff": "Write the derivative as a formula or as code",
    "taylor": "Expand an expression into its Taylor polynomial",
    "plot": "Plot a function and its derivative over a range",
    "solve": "Find where an expression is zero, and how the root moves",
    "minimize": "Find a minimum or a maximum over some variables",
    "repl": "Start an interactive prompt",
    "functions": "List the functions with their derivatives and conventions",
    "completion": "Print the script that completes command lines in a shell",
    "help": "Show the help of a command",
}
