# 4)
def max_derivative(fs, dfs, x):
    i = max(range(len(fs)), key=lambda k: fs[k](x))
    return dfs[i](x)
