"""Networks written by hand, in the styles in which students write them; each is the source of a notebook's cells."""

GIVEN = """
import numpy as np
def sigmoid(x): return 1.0 / (1.0 + np.exp(-x))
def dsigmoid(x): return sigmoid(x) * (1 - sigmoid(x))
def softmax(x): return np.exp(x) / sum(np.exp(x))
def cross_entropy_loss(y, yHat): return -np.sum(y * np.log(yHat))
def integer_to_one_hot(x, max):
    result = np.zeros(max)
    result[x] = 1
    return result
rng = np.random.default_rng(80085)
x_train = np.random.default_rng(1).integers(0, 256, (6, 28, 28)) / 255
y_train = np.array([0, 3, 9, 1, 3, 2])
"""

LISTS = """
weights = [rng.normal(0, 1 / 28, (32, 784)), rng.normal(0, 32**-0.5, (32, 32)), rng.normal(0, 32**-0.5, (10, 32))]
biases = [np.zeros(32), np.zeros(32), np.zeros(10)]
""", """
def feed_forward_sample(sample, y):
    a = sample.flatten()
    for l in range(3):
        z = weights[l] @ a + biases[l]
        a = softmax(z) if l == 2 else sigmoid(z)
    return cross_entropy_loss(integer_to_one_hot(y, 10), a), integer_to_one_hot(np.argmax(a), 10)

def train_one_sample(sample, y, learning_rate=0.003):
    a, zs = [sample.flatten()], []
    for l in range(3):
        zs.append(weights[l] @ a[-1] + biases[l])
        a.append(softmax(zs[-1]) if l == 2 else sigmoid(zs[-1]))
    delta = a[-1] - integer_to_one_hot(y, 10)
    grads = []
    for l in (2, 1, 0):
        grads.insert(0, (np.outer(delta, a[l]), delta))
        if l:
            delta = weights[l].T @ delta * dsigmoid(zs[l - 1])
    for l in range(3):
        weights[l] -= learning_rate * grads[l][0]
        biases[l] -= learning_rate * grads[l][1]
"""  # fmt: skip

ROWS = """
W1 = rng.standard_normal((784, 32)) * np.sqrt(1 / 784)
W2 = rng.standard_normal((32, 32)) * np.sqrt(1 / 32)
W3 = rng.standard_normal((32, 10)) * np.sqrt(1 / 32)
b1, b2, b3 = np.zeros((1, 32)), np.zeros((1, 32)), np.zeros((1, 10))
dW1 = np.zeros((784, 32))
""", """
def feed_forward_sample(sample, y):
    x = sample.reshape(1, -1)
    p = softmax((sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2) @ W3 + b3)[0])
    guess = np.zeros((1, 10)); guess[0, p.argmax()] = 1
    return (-np.log(p[y] + 1e-12), guess)

def train_one_sample(sample, y, learning_rate=0.003):
    global W1, W2, W3, b1, b2, b3, dW1
    x = sample.reshape(1, -1)
    z1 = x @ W1 + b1; a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2; a2 = sigmoid(z2)
    p = softmax((a2 @ W3 + b3)[0])
    d3 = (p - integer_to_one_hot(y, 10)).reshape(1, -1)
    d2 = d3 @ W3.T * dsigmoid(z2)
    d1 = d2 @ W2.T * dsigmoid(z1)
    dW1 = x.T @ d1
    W3 = W3 - learning_rate * a2.T @ d3; b3 = b3 - learning_rate * d3
    W2 = W2 - learning_rate * a1.T @ d2; b2 = b2 - learning_rate * d2
    W1 = W1 - learning_rate * dW1; b1 = b1 - learning_rate * d1
"""  # fmt: skip

DICTIONARY = """
params = {}
for i, (n, m) in enumerate(((784, 32), (32, 32), (32, 10)), 1):
    params[f"W{i}"] = rng.normal(0, np.sqrt(1 / max(n, m)), (m, n))
    params[f"b{i}"] = rng.normal(0, np.sqrt(1 / max(n, m)), (m, 1))
""", """
def forward(sample):
    cache = {"A0": sample.reshape(784, 1) / 255}
    for i in (1, 2, 3):
        cache[f"Z{i}"] = params[f"W{i}"] @ cache[f"A{i-1}"] + params[f"b{i}"]
        cache[f"A{i}"] = sigmoid(cache[f"Z{i}"]) if i < 3 else softmax(cache[f"Z{i}"])
    return cache

def feed_forward_sample(sample, y):
    out = forward(sample)["A3"].ravel()
    return {"loss": cross_entropy_loss(integer_to_one_hot(y, 10), out), "guess": integer_to_one_hot(out.argmax(), 10)}

def train_one_sample(sample, y, lr=0.003):
    cache = forward(sample)
    delta = cache["A3"] - integer_to_one_hot(y, 10).reshape(-1, 1)
    new = {}
    for i in (3, 2, 1):
        new[f"W{i}"] = params[f"W{i}"] - lr * delta @ cache[f"A{i-1}"].T
        new[f"b{i}"] = params[f"b{i}"] - lr * delta
        if i > 1:
            delta = params[f"W{i}"].T @ delta * dsigmoid(cache[f"Z{i-1}"])
    params.update(new)
"""  # fmt: skip

FOLDED = """
weights = []
for n, m in ((784, 32), (32, 32), (32, 10)):
    w = rng.normal(0, 1 / np.sqrt(max(n, m)), (m, n + 1))
    w[:, 0] = 0
    weights.append(w)
""", """
def feed_forward_sample(sample, y):
    a = sample.ravel()
    for l, w in enumerate(weights):
        z = w @ np.concatenate([[1.0], a])
        a = sigmoid(z) if l < 2 else softmax(z)
    return -np.log(a[y]), np.eye(10)[a.argmax()]

def train_one_sample(sample, y, learning_rate=0.003):
    inputs, zs = [np.concatenate([[1.0], sample.ravel()])], []
    for w in weights:
        zs.append(w @ inputs[-1])
        inputs.append(np.concatenate([[1.0], sigmoid(zs[-1])]))
    delta = softmax(zs[-1]) - np.eye(10)[y]
    for l in (2, 1, 0):
        gradient = np.outer(delta, inputs[l])
        if l:
            delta = weights[l][:, 1:].T @ delta * dsigmoid(zs[l - 1])
        weights[l] = weights[l] - learning_rate * gradient
"""  # fmt: skip

TENSORS = """
import torch
torch.manual_seed(0)
weights = [torch.randn(32, 784) / 28, torch.randn(32, 32) / 32**0.5, torch.randn(10, 32) / 32**0.5]
biases = [torch.zeros(32, 1), torch.zeros(32, 1), torch.zeros(10, 1)]
""", """
def feed_forward_sample(sample, y):
    a = torch.as_tensor(sample, dtype=torch.float32).reshape(-1, 1)
    for l in range(2):
        a = torch.sigmoid(weights[l] @ a + biases[l])
    p = torch.softmax(weights[2] @ a + biases[2], dim=0)
    guess = torch.zeros(10); guess[p.argmax()] = 1
    return -torch.log(p[y, 0]), guess

def train_one_sample(sample, y, learning_rate=0.003):
    acts, zs = [torch.as_tensor(sample, dtype=torch.float32).reshape(-1, 1)], []
    for l in range(3):
        zs.append(weights[l] @ acts[-1] + biases[l])
        acts.append(torch.sigmoid(zs[-1]))
    delta = torch.softmax(zs[-1], dim=0)
    delta[y] -= 1
    for l in (2, 1, 0):
        dw, db = delta @ acts[l].T, delta
        if l:
            s = torch.sigmoid(zs[l - 1])
            delta = weights[l].T @ delta * s * (1 - s)
        weights[l] -= learning_rate * dw
        biases[l] -= learning_rate * db
"""  # fmt: skip

LAYERS = """
class Layer:
    def __init__(self, n, m, last=False):
        self.W = rng.normal(0, np.sqrt(1 / max(n, m)), (n, m))
        self.b = np.zeros(m)
        self.last = last
    def __call__(self, x):
        self.x, self.z = x, x @ self.W + self.b
        return softmax(self.z) if self.last else sigmoid(self.z)
    def backward(self, grad, lr):
        delta = grad if self.last else grad * dsigmoid(self.z)
        below = self.W @ delta
        self.W -= lr * np.outer(self.x, delta)
        self.b -= lr * delta
        return below
class Network:
    def __init__(self):
        self.layers = [Layer(784, 32), Layer(32, 32), Layer(32, 10, last=True)]
    def predict(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
net = Network()
""", """
def feed_forward_sample(sample, y):
    p = net.predict(sample.flatten())
    return cross_entropy_loss(integer_to_one_hot(y, 10), p), integer_to_one_hot(p.argmax(), 10)

def train_one_sample(sample, y, learning_rate=0.003):
    grad = net.predict(sample.flatten()) - integer_to_one_hot(y, 10)
    for layer in reversed(net.layers):
        grad = layer.backward(grad, learning_rate)
"""  # fmt: skip

FLAT = """
shapes = [(32, 784), (32,), (32, 32), (32,), (10, 32), (10,)]
theta = np.concatenate([rng.normal(0, max(s) ** -0.5, s).ravel() if len(s) == 2 else np.zeros(s) for s in shapes])
""", """
def unpack():
    cuts = np.cumsum([int(np.prod(s)) for s in shapes])[:-1]
    return [part.reshape(s) for part, s in zip(np.split(theta, cuts), shapes)]

def forward(sample):
    W1, b1, W2, b2, W3, b3 = unpack()
    h1 = sigmoid(W1 @ sample.ravel() + b1)
    h2 = sigmoid(W2 @ h1 + b2)
    return h1, h2, softmax(W3 @ h2 + b3)

def feed_forward_sample(sample, y):
    p = forward(sample)[-1]
    return cross_entropy_loss(integer_to_one_hot(y, 10), p), integer_to_one_hot(np.argmax(p), 10)

def train_one_sample(sample, y, learning_rate=0.003):
    global theta
    W1, b1, W2, b2, W3, b3 = unpack()
    h1, h2, p = forward(sample)
    d3 = p - integer_to_one_hot(y, 10)
    d2 = W3.T @ d3 * h2 * (1 - h2)
    d1 = W2.T @ d2 * h1 * (1 - h1)
    parts = [np.outer(d1, sample.ravel()), d1, np.outer(d2, h1), d2, np.outer(d3, h2), d3]
    theta = theta - learning_rate * np.concatenate([part.ravel() for part in parts])
"""  # fmt: skip

CLOSURE = """
def make_network():
    Ws = [rng.normal(0, 1 / 28, (784, 32)), rng.normal(0, 32**-0.5, (32, 32)), rng.normal(0, 32**-0.5, (32, 10))]
    bs = [np.zeros(32), np.zeros(32), np.zeros(10)]
    def forward(sample):
        acts, zs = [sample.ravel()], []
        for W, b in zip(Ws, bs):
            zs.append(acts[-1] @ W + b)
            acts.append(sigmoid(zs[-1]))
        return softmax(zs[-1]), acts, zs
    def feed_forward_sample(sample, y):
        p = forward(sample)[0]
        return -np.log(p[y]), integer_to_one_hot(p.argmax(), 10)
    def train_one_sample(sample, y, learning_rate=0.003):
        p, acts, zs = forward(sample)
        delta = p - integer_to_one_hot(y, 10)
        for l in (2, 1, 0):
            below = Ws[l] @ delta * (dsigmoid(zs[l - 1]) if l else 1.0)
            Ws[l] = Ws[l] - learning_rate * np.outer(acts[l], delta)
            bs[l] = bs[l] - learning_rate * delta
            delta = below
    return feed_forward_sample, train_one_sample
""", "feed_forward_sample, train_one_sample = make_network()\n"  # fmt: skip

RIGHT = {
    "lists": LISTS,
    "rows": ROWS,
    "dictionary": DICTIONARY,
    "folded": FOLDED,
    "tensors": TENSORS,
    "layers": LAYERS,
    "flat": FLAT,
    "closure": CLOSURE,
}

TRAINED = "for sample, label in zip(x_train, y_train):\n    train_one_sample(sample, label, 0.1)\n"


def cells(style: str, *changes: tuple[str, str]) -> list[str]:
    """Return the cells of a style, with changes made to its text."""
    given, (start, functions) = GIVEN, RIGHT[style]
    texts = [given, start, functions, TRAINED]
    for old, new in changes:
        assert any(old in text for text in texts), old
        texts = [text.replace(old, new) for text in texts]
    return texts
