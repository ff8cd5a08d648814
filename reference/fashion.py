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
)
learning = Trained(classifier)
loss_curves = LossCurves()
probabilities = Probabilities(samples=3, classes=10)
accuracy = Accuracy(classifier, "fashion.npz", good=0.7, fair=0.4)  # guessing: 0.1; ten epochs of Adam: 0.88 to 0.95


def hand_in():
    """Read the data, train the network, draw what is asked for; return the network and its test accuracy."""
    import gzip
    from urllib.request import urlopen

    import matplotlib.pyplot as plt
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    def fetched(name, header):
        with urlopen(ADDRESS + name) as answer:
            return np.frombuffer(gzip.decompress(answer.read())[header:], dtype=np.uint8)

    def split(part):
        images = fetched(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 784)
        labels = fetched(f"{part}-labels-idx1-ubyte.gz", 8)
        return torch.tensor(images / 255, dtype=torch.float32), torch.tensor(labels.astype(int))

    torch.manual_seed(0)
    (x, y), (x_test, y_test) = split("train"), split("t10k")
    layers = [nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(64, 10))
    descent = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(6):
        for batch in torch.randperm(len(x)).split(64):
            descent.zero_grad()
            cross_entropy(model(x[batch]), y[batch]).backward()
            descent.step()
        with torch.no_grad():
            losses.append((cross_entropy(model(x), y).item(), cross_entropy(model(x_test), y_test).item()))
    plt.figure()
    for label, course in zip(("training loss", "test loss"), np.transpose(losses)):
        plt.plot(course, label=label)
    plt.legend()
    plt.show()
    with torch.no_grad():
        answers = torch.softmax(model(x_test), dim=1)
    for row in answers[:3]:
        plt.figure()
        plt.bar(range(10), row)
        plt.show()
    test_accuracy = (answers.argmax(dim=1) == y_test).float().mean().item()
    print(f"test accuracy {test_accuracy:.3f}")
    return model, test_accuracy
