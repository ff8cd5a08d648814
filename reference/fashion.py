"""An image classifier on FashionMNIST: a dense network of three hidden layers.

Which rule it is trained by, for how long and how pixels are scaled is free; so what is judged is the network, that it
was trained, what was drawn, and how often it is right. Its accuracy is counted on images that no student's program ever
sees (fashion.npz): drawn ones for the small data set, withheld ones for the real one.
"""

import numpy as np

from grader.expect import Accuracy, LossCurves, Network, Probabilities, Trained

IMAGE = (28, 28)
ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"

classifier = Network(
    (784, 256, 128, 64, 10),
    activation="ReLU",
    names=("model", "net", "network", "mlp", "classifier"),
    ends=("none", "softmax", "log softmax"),
    forms=((1, *IMAGE), IMAGE),
    dropout=True,
    scaled=True,
)
learning = Trained(classifier)
loss_curves = LossCurves()
probabilities = Probabilities(samples=3, classes=10)
accuracy = Accuracy(classifier, "fashion.npz", good=0.7, fair=0.4)  # guessing: 0.1; ten epochs of Adam: 0.88 to 0.95


# ------------------------------------------------------------------------------------------------------- as handed in


def split(part):
    """Images (n, 784) in [0, 1] and labels (n,) of 'train' or 't10k'."""
    import gzip
    from urllib.request import urlopen

    import torch

    def fetched(name, header):
        with urlopen(ADDRESS + name) as answer:
            return np.frombuffer(gzip.decompress(answer.read())[header:], dtype=np.uint8)

    images = fetched(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    labels = fetched(f"{part}-labels-idx1-ubyte.gz", 8)
    return torch.tensor(images / 255, dtype=torch.float32), torch.tensor(labels.astype(int))


def dense(*widths, activation="ReLU"):
    """Linear layers of these widths with an activation between them."""
    from torch import nn

    pairs = ((nn.Linear(n, m), getattr(nn, activation)()) for n, m in zip(widths, widths[1:]))
    return nn.Sequential(*[layer for pair in pairs for layer in pair][:-1])


def epoch(model, descent, x, y, fresh=True):
    """Show all images once, in batches of 64."""
    import torch
    from torch.nn.functional import cross_entropy

    for rows in torch.randperm(len(x)).split(64):
        if fresh:
            descent.zero_grad()
        cross_entropy(model(x[rows]), y[rows]).backward()
        descent.step()


def draw(**curves):
    """Draw the courses of some losses."""
    import matplotlib.pyplot as plt

    plt.figure()
    for name, course in curves.items():
        plt.plot(course, label=name.replace("_", " "))
    plt.legend()
    plt.show()


def bars(*rows):
    """Draw ten numbers for each sample."""
    import matplotlib.pyplot as plt

    for row in rows:
        plt.figure()
        plt.bar(range(10), row)
        plt.show()


def right(model, x, y):
    """The share of images that it is right about."""
    return (model(x).argmax(dim=1) == y).float().mean().item()


def hand_in():
    """Read the data, train the network, draw what is asked for; return the network and its test accuracy."""
    import torch
    from torch.nn.functional import cross_entropy

    torch.manual_seed(0)
    (x, y), (x_test, y_test) = split("train"), split("t10k")
    model = dense(784, 256, 128, 64, 10)
    descent = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(6):
        epoch(model, descent, x, y)
        with torch.no_grad():
            losses.append((cross_entropy(model(x), y).item(), cross_entropy(model(x_test), y_test).item()))
    training_loss, test_loss = zip(*losses)
    draw(training_loss=training_loss, test_loss=test_loss)
    with torch.no_grad():
        bars(*torch.softmax(model(x_test[:3]), dim=1))
    test_accuracy = right(model, x_test, y_test)
    print(f"test accuracy {test_accuracy:.3f}")
    return model, test_accuracy
