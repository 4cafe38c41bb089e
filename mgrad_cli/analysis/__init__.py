"""What follows the gradient: series, uncertainties, roots, minima and fits, from exact derivatives."""
