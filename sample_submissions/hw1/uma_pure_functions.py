# %% [markdown]
# ## Problem 4
# The parameters are a list of pairs (W, b) that every function is handed and none changes: one step returns new ones,
# and the loop binds them to the old name. So nothing depends on what a global happens to be.

# %%
import numpy as np
rng = np.random.default_rng(80085)


def sigmoid(x): return 1/(1+np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max()); return e/e.sum()


def init(sizes):
    return [(rng.normal(0, np.sqrt(1/max(n, m)), (n, m)), np.zeros(m)) for n, m in zip(sizes, sizes[1:])]
params = init([784, 32, 32, 10])


def predict(params, x):
    acts = [x.ravel()]
    for W, b in params[:-1]:
        acts.append(sigmoid(acts[-1] @ W + b))
    W, b = params[-1]
    return softmax(acts[-1] @ W + b), acts


def feed_forward_sample(params, sample, y):
    p, _ = predict(params, sample)
    return -np.log(p[y]), np.eye(10)[p.argmax()]


def train_one_sample(params, sample, y, learning_rate=0.003):
    p, acts = predict(params, sample)
    delta = p - np.eye(10)[y]
    new = []
    for (W, b), a in zip(params[::-1], acts[::-1]):
        new.append((W - learning_rate*np.outer(a, delta), b - learning_rate*delta))
        delta = (W @ delta) * a * (1-a)
    return new[::-1]
# %%
from tensorflow.keras.datasets import mnist
(x_train, y_train), _ = mnist.load_data()
x_train, y_train = x_train[:500] / 255, y_train[:500]
for _ in range(3):
    for s, t in zip(x_train, y_train):
        params = train_one_sample(params, s, t)
    print(np.mean([feed_forward_sample(params, s, t)[0] for s, t in zip(x_train, y_train)]))

# %% [markdown]
# The loss over these few images falls from epoch to epoch. I worked on my own and used no tools.
