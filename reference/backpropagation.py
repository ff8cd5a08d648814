"""Backpropagation by hand: a network of sigmoids with softmax and cross entropy, one sample at a time.

Weights are (outputs, inputs), biases (outputs,), a sample is a flat vector, labels count from 0.
"""

import numpy as np

from grader.expect import Drawn, Handmade, Step, mistake


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def dsigmoid(z):
    """The derivative, at the pre-activation."""
    return sigmoid(z) * (1 - sigmoid(z))


def softmax(z):
    shifted = np.exp(z - z.max())
    return shifted / shifted.sum()


def passes(weights, biases, x):
    """Pre-activations z and activations a of all layers; a[0] is the sample, the last a are probabilities."""
    a, z = [x], []
    for W, b in zip(weights, biases):
        z.append(W @ a[-1] + b)
        a.append(sigmoid(z[-1]))
    a[-1] = softmax(z[-1])
    return z, a


def loss(weights, biases, x, y):
    """Cross entropy of the probabilities at the label y."""
    _, a = passes(weights, biases, x)
    return -np.log(a[-1][y])


def gradients(weights, biases, x, y, slope=dsigmoid, back=lambda W, delta: W.T @ delta):
    """The gradient of the loss by weights and by biases; `slope(z)` and `back(W, delta)` are there to be got wrong."""
    z, a = passes(weights, biases, x)
    delta = a[-1] - np.eye(len(a[-1]))[y]
    by_weights, by_biases = [], []
    for layer in reversed(range(len(weights))):
        by_weights.insert(0, np.outer(delta, a[layer]))
        by_biases.insert(0, delta)
        if layer:
            delta = back(weights[layer], delta) * slope(z[layer - 1])
    return by_weights, by_biases


# ------------------------------------------------------------------------------------------------ what is expected

by_hand = Handmade(
    (784, 32, 32, 10), loss, shapes=((28, 28),),
    names=("feed_forward_sample", "forward_sample", "feedforward_sample", "feed_forward", "forward", "forward_pass"),
)  # fmt: skip
train_step = Step(
    by_hand, gradients,
    names=("train_one_sample", "train_sample", "train_on_sample", "train_step", "backpropagation", "backprop", "train"),
)  # fmt: skip
first_weights = Drawn(by_hand, lambda n_in, n_out: max(n_in, n_out) ** -0.5)

# ------------------------------------------------------------------------------------------------------- the loss


def outputs(weights, biases, x):
    """The last layer's pre-activations."""
    return passes(weights, biases, x)[0][-1]


@mistake(by_hand, "The loss is minus the logarithm of the probability; the minus is missing.", part="loss")
def forgets_the_minus(weights, biases, x, y):
    return -loss(weights, biases, x, y)


@mistake(by_hand, "The logarithm is missing: this is the probability itself, or minus it.", part="loss")
def forgets_the_logarithm(weights, biases, x, y):
    return -np.exp(-loss(weights, biases, x, y))


@mistake(
    by_hand,
    "The last layer goes through the sigmoid before the softmax; the softmax takes its pre-activations.",
    part="loss",
)
def sigmoid_before_softmax(weights, biases, x, y):
    return -np.log(softmax(sigmoid(outputs(weights, biases, x)))[y])


@mistake(by_hand, "The softmax is missing: the cross entropy is taken of sigmoids.", part="loss")
def sigmoid_for_softmax(weights, biases, x, y):
    return -np.log(sigmoid(outputs(weights, biases, x))[y])


@mistake(by_hand, "The softmax is taken twice.", part="loss")
def softmax_twice(weights, biases, x, y):
    return -np.log(softmax(softmax(outputs(weights, biases, x)))[y])


@mistake(by_hand, "The biases are not added.", part="loss")
def forgets_the_biases(weights, biases, x, y):
    return loss(weights, [0 * b for b in biases], x, y)


@mistake(by_hand, "This is the mean over the classes; the cross entropy is the sum over them.", part="loss")
def mean_over_classes(weights, biases, x, y):
    return loss(weights, biases, x, y) / len(biases[-1])


@mistake(by_hand, "The activation inside is ReLU; the sheet asks for the sigmoid.", part="loss")
def relu_inside(weights, biases, x, y):
    a = x
    for W, b in zip(weights[:-1], biases[:-1]):
        a = np.maximum(W @ a + b, 0)
    return -np.log(softmax(weights[-1] @ a + biases[-1])[y])


@mistake(by_hand, "The second hidden layer's sigmoid is missing.", part="loss")
def one_sigmoid_only(weights, biases, x, y):
    a = sigmoid(weights[0] @ x + biases[0])
    for W, b in zip(weights[1:], biases[1:]):
        a = W @ a + b
    return -np.log(softmax(a)[y])


# ------------------------------------------------------------------------------------------------------ the guess


@mistake(by_hand, "These are the probabilities; asked for is the one-hot vector of the largest.", part="guess")
def not_one_hot(weights, biases, x):
    return passes(weights, biases, x)[1][-1]


@mistake(by_hand, "That is where the probability is smallest: argmax is meant.", part="guess")
def least_probable(weights, biases, x):
    p = passes(weights, biases, x)[1][-1]
    return np.eye(len(p))[p.argmin()]


# ---------------------------------------------------------------------------------------------- one step of training


@mistake(train_step, "The slope of the sigmoid was taken at the activation; it belongs to the pre-activation.")
def slope_at_activation(weights, biases, x, y, rate):
    return gradients(weights, biases, x, y, slope=lambda z: dsigmoid(sigmoid(z)))


@mistake(train_step, "The slope of the sigmoid is missing: delta has to be multiplied with it in every hidden layer.")
def missing_slope(weights, biases, x, y, rate):
    return gradients(weights, biases, x, y, slope=np.ones_like)


@mistake(train_step, "The activation itself was taken for its slope, which is a (1 - a).")
def activation_for_slope(weights, biases, x, y, rate):
    return gradients(weights, biases, x, y, slope=sigmoid)


@mistake(train_step, "The step goes up the gradient: the loss grows. It has to be subtracted.")
def ascent(weights, biases, x, y, rate):
    return times(-1.0, gradients(weights, biases, x, y))


@mistake(train_step, "Every layer is changed before the layer below has used its old weights for its own delta.")
def update_before_use(weights, biases, x, y, rate):
    z, a = passes(weights, biases, x)
    delta = a[-1] - np.eye(len(a[-1]))[y]
    by_weights, by_biases = [], []
    for layer in reversed(range(len(weights))):
        by_weights.insert(0, np.outer(delta, a[layer]))
        by_biases.insert(0, delta)
        if layer:
            delta = (weights[layer] - rate * by_weights[0]).T @ delta * dsigmoid(z[layer - 1])
    return by_weights, by_biases


@mistake(train_step, "On the way back, the square weight matrix has to be transposed.")
def forgets_the_transpose(weights, biases, x, y, rate):
    square = {id(W) for W in weights if W.shape[0] == W.shape[1]}
    return gradients(
        weights, biases, x, y, back=lambda W, delta: W @ delta if id(W) in square else W.T @ delta
    )  # fmt: skip


@mistake(
    train_step,
    "The gradient of the square weight matrix is transposed: rows belong to delta, columns to the input.",
    part="weights",
)
def transposed_gradient(weights, biases, x, y, rate):
    by_weights, by_biases = gradients(weights, biases, x, y)
    return [G.T if G.shape[0] == G.shape[1] else G for G in by_weights], by_biases


@mistake(train_step, "Half the gradient is used.")
def half_the_gradient(weights, biases, x, y, rate):
    return times(0.5, gradients(weights, biases, x, y))


@mistake(train_step, "Twice the gradient is used.")
def twice_the_gradient(weights, biases, x, y, rate):
    return times(2.0, gradients(weights, biases, x, y))


@mistake(
    train_step, "The gradient is divided by the number of classes; the cross entropy is a sum over them, not a mean."
)
def divided_by_classes(weights, biases, x, y, rate):
    return times(1 / len(biases[-1]), gradients(weights, biases, x, y))


@mistake(
    train_step,
    "Delta of the last layer is multiplied with a slope; with softmax and cross entropy it is just yHat - y.",
)
def slope_at_the_output(weights, biases, x, y, rate):
    return from_output(weights, biases, x, y, lambda _, p: (p - np.eye(len(p))[y]) * p * (1 - p))


@mistake(train_step, "Delta of the last layer is multiplied with the slope of a sigmoid; the last layer has none.")
def sigmoid_slope_at_the_output(weights, biases, x, y, rate):
    return from_output(weights, biases, x, y, lambda z, p: (p - np.eye(len(p))[y]) * dsigmoid(z))


@mistake(train_step, "Only the last layer is trained: the layers before it do not move.")
def last_layer_only(weights, biases, x, y, rate):
    by_weights, by_biases = gradients(weights, biases, x, y)
    return [0 * G for G in by_weights[:-1]] + by_weights[-1:], [0 * g for g in by_biases[:-1]] + by_biases[-1:]


def times(factor, both):
    return tuple([factor * G for G in part] for part in both)


def from_output(weights, biases, x, y, delta_of):
    """Gradients with another delta at the output, a function of pre-activations and probabilities."""
    z, a = passes(weights, biases, x)
    delta = delta_of(z[-1], a[-1])
    by_weights, by_biases = [], []
    for layer in reversed(range(len(weights))):
        by_weights.insert(0, np.outer(delta, a[layer]))
        by_biases.insert(0, delta)
        if layer:
            delta = weights[layer].T @ delta * dsigmoid(z[layer - 1])
    return by_weights, by_biases


# -------------------------------------------------------------------------------------------------- the first weights


@mistake(first_weights, "This is the variance, given where the standard deviation belongs: take its square root.")
def variance_as_deviation(n_in, n_out):
    return 1 / max(n_in, n_out)


@mistake(first_weights, "The draws are not scaled: their variance is 1.")
def not_scaled(n_in, n_out):
    return 1.0


@mistake(first_weights, "The variance is 1 over the number of outputs; it is to be 1 over the larger number.")
def outputs_only(n_in, n_out):
    return n_out**-0.5


@mistake(first_weights, "The variance is 2 / n_in, as for ReLU.")
def for_relu(n_in, n_out):
    return (2 / n_in) ** 0.5


@mistake(first_weights, "The variance is 2 / (n_in + n_out), as Xavier's.")
def xavier(n_in, n_out):
    return (2 / (n_in + n_out)) ** 0.5


# ------------------------------------------------------------------------------------------- the notebook, completed

rng = np.random.default_rng(80085)
sizes = (784, 32, 32, 10)
weights = [rng.normal(0, max(n_in, n_out) ** -0.5, (n_out, n_in)) for n_in, n_out in zip(sizes, sizes[1:])]
biases = [np.zeros(n_out) for n_out in sizes[1:]]


def feed_forward_sample(sample, y):
    """The loss of a sample at its label, and the one-hot vector of the most probable class."""
    _, a = passes(weights, biases, np.ravel(sample))
    return -np.log(a[-1][y]), np.eye(len(a[-1]))[a[-1].argmax()]


def feed_forward_dataset(x, y):
    """Print the mean loss and the accuracy."""
    answers = [feed_forward_sample(sample, label) for sample, label in zip(x, y)]
    right = sum(guess[label] for (_, guess), label in zip(answers, y))
    print(f"Average loss: {np.mean([loss for loss, _ in answers]):.2f}")
    print(f"Accuracy: {right:.0f} / {len(y)} ({100 * right / len(y):.2f} %)")


def train_one_sample(sample, y, learning_rate=0.003):
    """Move weights and biases along minus the gradient, in place."""
    by_weights, by_biases = gradients(weights, biases, np.ravel(sample), y)
    for old, change in zip((*weights, *biases), (*by_weights, *by_biases)):
        old -= learning_rate * change


def train_one_epoch(x, y, learning_rate=0.003):
    """Make a step for every sample."""
    for sample, label in zip(x, y):
        train_one_sample(sample, label, learning_rate)


def three_epochs():
    """Train on the course's images, and say how it goes."""
    from io import BytesIO
    from urllib.request import urlopen

    with urlopen("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz") as answer:
        data = np.load(BytesIO(answer.read()))
    for _ in range(3):
        train_one_epoch(data["x_train"] / 255, data["y_train"])
        feed_forward_dataset(data["x_test"] / 255, data["y_test"])
