"""Problem 4."""


def max_derivative(fs, dfs, x):
    values = [f(x) for f in fs]
    if values.count(max(values)) != 1:
        return None
    return max(df(x) for df in dfs)
